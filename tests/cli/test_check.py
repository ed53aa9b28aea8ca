"""`tocsin check` and `tocsin schema`: exit statuses, places, carets, and one JSON document."""

from pathlib import Path

import pytest

from tests.cli.terminal import ACME, in_process, tocsin


@pytest.fixture
def acme() -> str:
    return ACME.read_text("utf-8")


def test_the_example_is_clean_and_says_what_is_not_yet_active() -> None:
    ran = tocsin("check", ACME)
    assert (ran.status, ran.err) == (0, "")
    assert "not yet active" in ran.out
    assert ran.out.splitlines()[-1].startswith(f"{ACME}: clean")


def test_a_finding_that_leaves_the_rulebook_usable_exits_1(
    acme: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(acme.replace(', key: "${TOCSIN_KEY_SCRIPTS}"', ""), "utf-8")
    ran = in_process(capsys, "check", file)
    assert ran.status == 1
    assert "warning P009" in ran.out
    assert "usable: 1 warning" in ran.out


def test_a_rulebook_that_cannot_be_used_exits_2_and_shows_every_place(
    acme: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        acme.replace("manager: omar, phone", "manager: omer, phone").replace("wait: 5m", "wait: 5x"), "utf-8"
    )
    ran = in_process(capsys, "check", file)
    said = ran.out.splitlines()
    assert ran.status == 2
    place = next(i for i, line in enumerate(said) if "omer" in line)
    assert said[place].startswith(f"{file}:12:")
    column = int(said[place].split(":")[2])
    assert said[place + 2].index("^") == column + 1  # two spaces of indent, and columns count from 1
    assert said[place + 1][column + 1 :].startswith("omer")
    assert any(line.startswith("  hint: did you mean omar?") for line in said)
    assert sum("F011" in line for line in said) == acme.count("wait: 5m")


def test_json_says_the_same_to_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("tocsin: 1\norganisation: X\n", "utf-8")
    told = in_process(capsys, "check", file, "--format", "json").data
    assert set(told) == {"path", "usable", "digest", "findings", "notices"}
    assert told["usable"] is False
    assert {"file", "line", "column", "code", "severity", "text", "hint"} == set(told["findings"][0])
    assert in_process(capsys, "check", ACME, "--format", "json").data["digest"]


def test_a_path_that_is_not_there_is_unusable() -> None:
    ran = tocsin("check", "no/such/file.yaml")
    assert ran.status == 2
    assert "Y021" in ran.out


def test_the_text_of_a_file_cannot_command_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text('tocsin: 1\nbad: "\\e[2J"\nworse\x9b: x\n', "utf-8")
    ran = in_process(capsys, "check", file)
    assert ran.status == 2
    assert not set(ran.out) & {"\x1b", "\x9b"}


def test_the_schema_is_one_json_document() -> None:
    ran = tocsin("schema")
    assert (ran.status, ran.err) == (0, "")
    assert ran.data["$schema"].startswith("https://json-schema.org/")
    assert "people" in ran.data["properties"]
