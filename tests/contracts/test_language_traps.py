"""Every trap file is read as its header says: these complaints, in these lines, and no others."""

import re
from pathlib import Path

import pytest

from tocsin import config
from tocsin.config.codes import CODES

TRAPS = sorted(Path(__file__).with_name("traps").glob("*.yaml"))


def header(trap: Path, word: str) -> list[str]:
    """The values of `# word: value` in the comments that open a trap."""
    text = trap.read_bytes().decode("utf-8", "replace")
    return [match.strip() for match in re.findall(rf"^\ufeff?# {word}: (.*)$", text, re.MULTILINE)]


def test_there_are_enough_traps_and_they_spring_most_codes() -> None:
    sprung = {code for trap in TRAPS for code in re.findall(r"[A-Z]\d{3}", header(trap, "expect")[0])}
    assert len(TRAPS) >= 60
    elsewhere = {"Y012", "Y021", "Y022"} | {code for code, row in CODES.items() if row.severity == "info"}
    assert set(CODES) - sprung == elsewhere


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.stem)
def test_a_trap_springs_exactly_what_it_says_with_lines_and_hints(trap: Path) -> None:
    loaded = config.load(trap)
    expected = header(trap, "expect")[0]
    found = [f"{complaint.code}@{complaint.line}" for complaint in loaded.complaints]
    assert sorted(found) == ([] if expected == "clean" else sorted(expected.split(", ")))
    assert all(complaint.hint and complaint.column >= 1 for complaint in loaded.complaints)
    assert (loaded.rulebook is None) == any(complaint.severity == "error" for complaint in loaded.complaints)


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if header(trap, "hint")], ids=lambda trap: trap.stem)
def test_a_hint_says_what_to_write_instead(trap: Path) -> None:
    hints = "\n".join(complaint.hint for complaint in config.load(trap).complaints)
    assert [hint for hint in header(trap, "hint") if hint not in hints] == []
