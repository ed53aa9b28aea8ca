"""The twenty checks that were asked for: each is there, is found by that very name, and fires where it should."""

from pathlib import Path

import pytest

import tests.lab.test_checks as well
from tests.lab.broken import broken, case_of, reachable, read
from tests.lab.mutations import MUTATIONS
from tests.lab.proving import case_of as well_case
from tests.lab.proving import changed
from tocsin.lab.verifier import checks as folder
from tocsin.lab.verifier.registry import checks, table

ASKED = {
    "coverage gap": ("V001", "let a rotation begin later"),
    "dead step": ("V002", "let a step never come"),
    "endless loop": ("V003", ""),
    "silent policy": ("V004", ""),
    "SLA unreachable": ("V021", "wait longer than was promised"),
    "lone responder": ("V005", ""),
    "one person on both steps": ("V006", "call the same person again"),
    "unverified or broken contact": ("V007", "break every way to somebody"),
    "DST hole": ("V008", "let New York take the nights"),
    "holiday hole": ("V009", "close the days on holidays"),
    "manager loop": ("V010", ""),
    "decision that nobody may take": ("V011", "let nobody decide"),
    "shadowed criterion": ("V022", "say a criterion twice"),
    "criterion that may error": ("V023", "compare a text as a number"),
    "unreachable route": ("V024", "let no source name the services"),
    "storm-prone rule": ("V025", "make every report urgent"),
    "too fast for a human": ("V026", "wait less than a telephone takes"),
    "exhaustion that wakes the wrong people": ("V027", "wake the last resort for trifles"),
    "confidential policy with nobody cleared": ("V028", "clear nobody"),
    "night load": ("V029", "leave two people on a schedule"),
}
"""By name: the code, and the mistake in the sound rulebook that shows it ('': one of those of test_checks)."""


def test_there_are_twenty_each_with_a_code_and_a_file_of_its_own() -> None:
    assert len({code for code, _ in ASKED.values()}) == len(ASKED) == 20
    files = [one.stem for one in Path(folder.__file__).parent.glob("*.py") if one.stem != "__init__"]
    assert len(files) == len({one.code for one in checks()}) == len(checks())


@pytest.mark.parametrize("name", ASKED)
def test_it_is_found_in_the_reference_by_the_name_it_was_asked_for_by(name: str) -> None:
    (row,) = (one for one in table() if one.code == ASKED[name][0])
    assert name.lower() in f"{row.name}: {row.meaning}".lower()


@pytest.mark.parametrize("name", ASKED)
def test_it_fires_on_the_smallest_mistake_and_on_nothing_sound(name: str) -> None:
    code, mistake = ASKED[name]
    (check,) = (one for one in checks() if one.code == code)
    if mistake:
        (mutation,) = (one for one in MUTATIONS if one.name == mistake)
        text = broken(*mutation.replaced)
        facts = reachable(read(text))
        assert list(check.find(case_of(text, mutation.change(facts) if mutation.change else facts)))
        assert list(check.find(case_of(broken()))) == []
    else:
        one = next(each for each in well.BROKEN if each.check == check.name)
        assert list(check.find(well_case(changed(*one.replaced))))
        assert list(check.find(well_case(changed()))) == []
