"""Expectations of a rulebook, played by the rules at their instant."""

import pytest

from tests.lab.proving import WELL, found, line
from tocsin.lib.translate import say

SIGNAL = "signal: {service: mail, severity: critical}, at: "


def expecting(entry: str) -> str:
    return f"{WELL}expect:\n  - {{{entry}}}\n"


@pytest.mark.parametrize(
    "entry",
    [
        SIGNAL + '"2027-03-28 02:30", reaches: schedule:primary, within: 1m',
        SIGNAL + '"2026-11-05 12:00", nobody_answers: true, reaches: role:duty, within: 20m',
        SIGNAL + '"2026-11-05 12:00", reaches: person:ben, within: 2m, priority: P2',
    ],
)
def test_what_comes_true_is_no_finding(entry: str) -> None:
    assert found("expectation", expecting(entry)) == []


@pytest.mark.parametrize(
    ("entry", "at", "says"),
    [
        (SIGNAL + '"2026-11-05 12:00", reaches: person:nadia, within: 5m', "reaches:", "person:nadia is not reached"),
        (SIGNAL + '"2026-11-05 12:00", priority: P1', "priority:", "Expected P1, but it gets P2"),
        (
            SIGNAL + '"2026-11-05 12:00", nobody_answers: true, reaches: role:duty, within: 14m',
            "reaches:",
            "within 14m",
        ),
    ],
)
def test_what_does_not_come_true_is_an_error_at_its_place_with_the_case(entry: str, at: str, says: str) -> None:
    text = expecting(entry)
    (finding,) = found("expectation", text)
    assert (finding.severity, finding.code) == ("error", "V012")
    assert line(text, finding).startswith(at)
    assert says in say(finding.text)
    assert finding.counterexample is not None
    assert finding.counterexample.service == "mail"


def test_one_without_a_time_says_that_it_was_tried_once() -> None:
    (finding,) = found("expectation", expecting("signal: {service: mail}, reaches: schedule:primary, within: 5m"))
    assert (finding.severity, finding.text.key) == ("info", "lab.check.expect.one_time")
