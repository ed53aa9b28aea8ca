"""Editing a rulebook's text changes one value and leaves every comment, quote and order as it was."""

from pathlib import Path

import pytest

from tocsin import config

ACME = Path(__file__).resolve().parents[2] / "examples" / "acme.yaml"

TEXT = """\
# whose it is
organisation: "Small"   # in quotes
teams:
  ops: {members: [ana, ben], lead: ana}   # the first
  # the second
  sre:
    members:
      - carl
      - dora   # new
    tier: 2
last: |
  some
  text
"""


def changed(*path: str | int, to: object) -> list[tuple[str, str]]:
    """The lines that an edit of TEXT takes away and puts there."""
    old, new = TEXT.splitlines(), config.edit(TEXT, path, to).splitlines()
    return [("-", line) for line in old if line not in new] + [("+", line) for line in new if line not in old]


def test_a_value_is_replaced_and_its_comment_stays() -> None:
    assert changed("organisation", to="New: one") == [
        ("-", 'organisation: "Small"   # in quotes'),
        ("+", 'organisation: "New: one"   # in quotes'),
    ]


def test_a_value_inside_braces_is_replaced() -> None:
    assert changed("teams", "ops", "members", 1, to="zoe")[1] == (
        "+",
        "  ops: {members: [ana, zoe], lead: ana}   # the first",
    )


def test_a_key_is_added_in_the_manner_of_its_neighbours() -> None:
    assert changed("teams", "ops", "tier", to=1)[1] == (
        "+",
        "  ops: {members: [ana, ben], lead: ana, tier: 1}   # the first",
    )
    assert changed("teams", "sre", "lead", to="carl") == [("+", "    lead: carl")]
    assert changed("teams", "net", to={"members": ["ana"]}) == [("+", "  net: {members: [ana]}")]


def test_a_list_grows_behind_its_last() -> None:
    assert changed("teams", "sre", "members", 2, to="emil") == [("+", "      - emil")]
    assert "[ana, ben, emil]" in config.edit(TEXT, ("teams", "ops", "members", 2), "emil")


def test_what_is_removed_takes_its_line_and_no_other() -> None:
    assert changed("teams", "sre", "members", 1, to=None) == [("-", "      - dora   # new")]
    assert changed("teams", "sre", "tier", to=None) == [("-", "    tier: 2")]
    assert "{members: [ana, ben]}" in config.edit(TEXT, ("teams", "ops", "lead"), None)
    assert "{lead: ana}" in config.edit(TEXT, ("teams", "ops", "members"), None)


def test_a_block_is_replaced_whole() -> None:
    assert config.edit(TEXT, ("last",), "short").endswith("last: short\n")
    assert "members:\n      [ana]   # new\n    tier" in config.edit(TEXT, ("teams", "sre", "members"), ["ana"])


def test_the_last_of_a_block_leaves_an_empty_one() -> None:
    text = "a:\n  b: 1\nc: 2\n"
    assert config.edit(text, ("a", "b"), None) == "a:\n  {}\nc: 2\n"


def test_a_value_that_was_never_written_is_filled_in() -> None:
    assert config.edit("a:\nb: 1\n", ("a",), {"x": "z"}) == "a: {x: z}\nb: 1\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (("nowhere", "x"), "there is no nowhere"),
        (("organisation", "x"), "is a text"),
        (("teams", "ops", "members", 9), "no place"),
        ((), "empty path"),
    ],
)
def test_a_place_that_is_not_there_is_refused(path: tuple[str | int, ...], reason: str) -> None:
    with pytest.raises(config.EditError, match=reason):
        config.edit(TEXT, path, "x")


def test_removing_what_is_not_there_is_refused() -> None:
    with pytest.raises(config.EditError, match="to remove"):
        config.edit(TEXT, ("teams", "net"), None)


def test_what_several_places_share_is_not_changed_behind_their_backs() -> None:
    with pytest.raises(config.EditError, match="several places"):
        config.edit("a: &x {k: 1}\nb: *x\n", ("b", "k"), "2")


def test_a_text_that_is_broken_is_refused() -> None:
    with pytest.raises(config.EditError, match="Y001"):
        config.edit("a: [1\n", ("a",), "2")


def test_acme_edited_loads_and_differs_in_that_alone() -> None:
    text = ACME.read_text("utf-8")
    old = config.loads({"acme": text}).rulebook
    new = config.loads({"acme": config.edit(text, ("policies", "network", "repeat"), 5)}).rulebook
    assert old is not None
    assert new is not None
    assert [str(change) for change in config.diff(old, new)] == ["~ policies.network.repeat: 3 -> 5"]
