"""The lines of one definition: found as they are written, and written anew with nothing else touched."""

from pathlib import Path

import pytest

import tocsin
from tocsin.config import loads
from tocsin.config.passage import passage, with_passage

ACME = (Path(tocsin.__file__).parents[2] / "examples" / "acme.yaml").read_text()


@pytest.mark.parametrize("name", ["production", "network", "security-breach", "complaint"])
def test_a_policy_written_anew_as_it_was_changes_nothing(name: str) -> None:
    texts = {"acme.yaml": ACME, "b.yaml": "teams: {}\n"}
    found = passage(texts, "policies", name)
    assert found is not None
    assert found.text.startswith(f"  {name}:")
    assert found.text == "".join(ACME.splitlines(keepends=True)[found.first - 1 : found.last])
    assert with_passage(texts, found, found.text) == texts


def test_another_text_stands_where_the_lines_stood() -> None:
    texts = {"a.yaml": "policies:\n  one: {repeat: 1}\n  # about two\n  two:\n    repeat: 2  # twice\n\n# the end\n"}
    found = passage(texts, "policies", "two")
    assert found is not None
    assert (found.first, found.last, found.text) == (4, 5, "  two:\n    repeat: 2  # twice\n")
    changed = with_passage(texts, found, "  two:\r\n    repeat: 3")
    assert changed["a.yaml"] == texts["a.yaml"].replace("2  # twice", "3")
    assert found.holds("a.yaml", 5)
    assert not found.holds("a.yaml", 6)


def test_a_definition_at_the_end_of_a_file_without_a_last_line_end_is_found() -> None:
    found = passage({"a.yaml": "policies:\n  one:\n    repeat: 1"}, "policies", "one")
    assert found is not None
    assert found.text == "  one:\n    repeat: 1\n"


def test_letters_that_some_take_for_line_ends_do_not_move_it() -> None:
    texts = {"a.yaml": 'organisation: "a\u2028b\x85c"\npolicies:\n  one: {repeat: 1}\n  two: {repeat: 2}\n'}
    found = passage(texts, "policies", "two")
    assert found is not None
    assert with_passage(texts, found, "  two: {repeat: 3}\n")["a.yaml"].endswith(
        "  one: {repeat: 1}\n  two: {repeat: 3}\n"
    )


@pytest.mark.parametrize("text", ["policies: {one: {repeat: 1}}", "policies: []", "policies:", "{", "", "a: b"])
def test_what_shares_its_lines_or_is_not_there_is_no_passage(text: str) -> None:
    assert passage({"a.yaml": text}, "policies", "one") is None


def test_a_policy_is_found_in_whichever_file_it_stands() -> None:
    texts = {"a.yaml": "teams: {}\n", "b.yaml": "policies:\n  one: {repeat: 1}\n"}
    found = passage(texts, "policies", "one")
    assert found is not None
    assert (found.file, found.first) == ("b.yaml", 2)
    assert loads(texts).rulebook is None
