"""What came from outside cannot command a terminal, whichever form it is shown in."""

import pytest

from tests.cli.terminal import in_process
from tocsin.cli.output import safe, say_json, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("disk full", "disk full"),
        ("Störung „Kasse“ 🔔", "Störung „Kasse“ 🔔"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;aGk=\x07copied", "copied"),
        ("\x9b31meight bits", "eight bits"),
        ("\x1bcreset", "reset"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("back\x08space bell\x07", "backspace bell"),
        ("turned \u202eround", "turned round"),
        ("half \ud83d pair", "half  pair"),
        ("\x1b", ""),
    ],
)
def test_a_line_has_no_control_in_it(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_json_holds_every_character_and_shows_none_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    title = "\x1b[31m \x9b \u202e ü"
    say_json({"title": title})
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x9b", "\u202e"}
    assert "ü" in out
    import json

    assert json.loads(out) == {"title": title}


def test_a_table_is_straight_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    table(("id", "title"), [("INC-1", "a" * 200), ("INC-1000", "b\x1b[2J")])
    assert capsys.readouterr().out.splitlines() == ["ID        TITLE", f"INC-1     {'a' * 200}", "INC-1000  b"]


def test_an_unencodable_character_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert in_process(capsys, "--help").status == 0
