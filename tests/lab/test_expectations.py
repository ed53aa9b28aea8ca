"""Expectations of a rulebook, played by the rules at their instant."""

from typing import Any

import pytest

from tests.lab.proving import WELL, changed, found, line
from tocsin.core.instant import parse_instant
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


MAIL = "signal: {service: mail, severity: critical}, "
NO_SUNDAYS = ('week: {mon-sun: ["00:00-08:00"', 'week: {mon-sat: ["00:00-08:00"')

TEN_SECONDS = ("urgent: [push, email after 1m]", "urgent: [push after 10s, email after 1m]")


def expecting_of(entry: str, *replaced: tuple[str, str]) -> str:
    return f"{changed(*replaced)}expect:\n  - {{{MAIL}{entry}}}\n"


@pytest.mark.parametrize(
    "entry",
    [
        "reaches: schedule:primary, within: 1m",
        "reaches: team:mail, within: 1m",
        "priority: P2",
        "nobody_answers: true, reaches: role:duty, within: 15m",
        "nobody_answers: true, reaches: person:ana, within: 5m",  # no proof knows of the second step: it is played
        "reaches: role:duty, within: 20m",  # whoever acknowledges, management is asked
    ],
)
def test_one_without_a_time_holds_at_every_instant(entry: str) -> None:
    assert found("expectation", expecting_of(entry)) == []


@pytest.mark.parametrize(
    ("entry", "replaced", "at"),
    [
        # carla hands over at nine, and is asked a quarter of an hour after the opening
        ("nobody_answers: true, reaches: person:carla, within: 15m", (), "2026-11-02T07:45:00Z"),
        ("reaches: schedule:primary, within: 1m", (NO_SUNDAYS,), "2026-11-07T23:00:00Z"),
        ("reaches: person:dana, within: 1m", (), "2026-11-02T07:00:00Z"),
        # the second step comes at once where the night of Sunday has nobody, five minutes later else
        ("nobody_answers: true, reaches: person:ben, within: 4m", (), "2026-11-02T00:00:00Z"),
    ],
)
def test_one_without_a_time_names_the_first_instant_at_which_it_fails(entry: str, replaced: Any, at: str) -> None:
    (finding,) = found("expectation", expecting_of(entry, *replaced))
    assert finding.counterexample is not None
    assert finding.counterexample.at == parse_instant(at)


def test_what_fails_says_when_it_is_opened_as_people_read_it() -> None:
    (finding,) = found("expectation", expecting_of("reaches: person:dana, within: 1m"))
    assert finding.counterexample is not None
    assert say(finding.counterexample.text) == "P2, opened on 2026-11-02 08:00 Europe/Berlin: reached by then: ana"
    (late,) = found("expectation", expecting_of("reaches: schedule:primary, within: 1m", TEN_SECONDS))
    assert late.counterexample is not None
    assert "opened on 2026-11-02 07:59:50 Europe/Berlin" in say(late.counterexample.text)


STORM = """criteria:
  - {name: storm, when: "reports('10m') > 2", then: {priority: P1}}
"""


def test_a_criterion_that_counts_reports_is_known_of_every_opening_for_just_then_all_of_them_have_come() -> None:
    assert found("expectation", expecting_of("priority: P2") + STORM) == []
    (finding,) = found("expectation", expecting_of("priority: P2") + STORM.replace("> 2", "> 0"))
    assert finding.severity == "error"


def test_what_takes_too_many_plays_says_up_to_when_it_was_looked_at() -> None:
    counting = ("{notify: team.all, wait: 10m}", """{notify: team.all, wait: 10m, when: "reports('10m') > 0"}""")
    (finding,) = found("expectation", expecting_of("nobody_answers: true, reaches: person:ana, within: 5m", counting))
    assert (finding.severity, finding.text.key) == ("info", "lab.check.expect.cut")
    assert "up to 2026-11-0" in say(finding.text)


def test_what_hangs_on_whose_turn_it_is_says_so() -> None:
    turns = ("web: {members: [ana, ben, dana], lead: carla}", "web: {members: [ana, ben, dana], assign: round_robin}")
    entry = "{signal: {service: web, severity: critical}, nobody_answers: true, reaches: person:ben, within: 2m}"
    (finding,) = found("expectation", f"{changed(turns)}expect:\n  - {entry}\n")
    assert (finding.severity, finding.text.key) == ("info", "lab.check.expect.turns")
    assert found("expectation", f"{changed(turns)}expect:\n  - {entry.replace('2m', '4m')}\n") == []
