"""Conditions that never hold because a name is never that: each is found with what to write, and no near miss is."""

import pytest

from tests.lab.broken import found, places
from tocsin.core.routing.criteria import compile_condition
from tocsin.core.routing.vocabulary import NAMES, Context
from tocsin.core.signal import Signal
from tocsin.intake.bounds import bounded
from tocsin.lab.verifier import domain, logic
from tocsin.lab.verifier.checks import dead_step, shadowed_criterion
from tocsin.lab.verifier.satisfying import consistent
from tocsin.lib.translate import say

MANY = "signal.severity == 'critical' && signal.affected_users > 500"
STEPS = "      - {hand_over: team, wait: 5m}\n      - {notify: team.next, wait: 10m}\n"
DAYS = "calendar.weekday is one of mon, tue, wed, thu, fri, sat, sun"
NEVER = {
    "signal.severity == 'Critical'":
        "signal.severity is always in lower case, whatever the sender wrote: write critical",
    "signal.severity in ['Critical', 'ERROR']":
        "signal.severity is always in lower case, whatever the sender wrote: write critical, error",
    "signal.severity == 'Critical' || signal.severity == 'Fatal'":
        "signal.severity is always in lower case, whatever the sender wrote: write critical",
    "calendar.weekday == 'sunday'": f"{DAYS}; probably sun is meant",
    "calendar.weekday in ['Sat', 'Sun']": f"{DAYS}; probably sat, sun is meant",
    "calendar.weekday == 'holiday'": DAYS,
    "!(calendar.weekday != 'wednesday')": f"{DAYS}; probably wed is meant",
    "calendar.hour > 23": "calendar.hour is a whole number from 0 to 23",
    "calendar.hour == 24": "calendar.hour is a whole number from 0 to 23",
    "calendar.hour < 0": "calendar.hour is a whole number from 0 to 23",
    "calendar.date == '24.12.2026'": "calendar.date is a day written as 2026-12-24",
    "signal.kind == 'outage'": "signal.kind is one of incident, complaint, security, request",
    "signal.kind == 'Complaints'":
        "signal.kind is one of incident, complaint, security, request; probably complaint is meant",
    "signal.reported_by == 'human'": "signal.reported_by is one of tool, person",
    "signal.action == 'fire'": "signal.action is one of trigger, acknowledge, resolve",
    "incident.status == 'new'": "incident.status is one of open, acknowledged, resolved, closed",
    "incident.status == 'ack'":
        "incident.status is one of open, acknowledged, resolved, closed; probably acknowledged is meant",
    "signal.affected_users < 0": "signal.affected_users is a whole number and never less than 0",
    "reports('10m') == -1": "reports('10m') is a whole number and never less than 0",
    "incident.age_minutes > 9000000000000": "incident.age_minutes is a whole number from 0 to 1099511627776",
    "signal.raw && (signal.kind == 'outage' || calendar.hour > 23)":
        "signal.kind is one of incident, complaint, security, request",
}  # fmt: skip
EXCLUDED = (
    "in_hours('office') && !in_hours('office')",
    "!in_hours('office') && signal.raw && in_hours('office')",
    "signal.title.contains('x') && !signal.title.contains('x')",
    "signal.labels.env == 'prod' && !(signal.labels.env == 'prod')",
    "signal.labels.env == 'prod' && !!(signal.labels.env != 'prod')",
    "signal.reported_by != 'tool' && signal.reported_by != 'person'",
    "calendar.hour > 22 && calendar.hour != 23",
)
MAYBE = (
    "signal.severity == 'critical'", "signal.severity != 'Critical'", "signal.severity in ['critical', 'Critical']",
    "signal.severity == 'größer als 3'", "signal.severity == ''", "signal.severity == 'Critical' || signal.raw",
    "!(signal.severity == 'Critical')", "signal.title == 'Critical'", "signal.labels.severity == 'Critical'",
    "calendar.weekday == 'sun'", "calendar.weekday != 'sunday'", "calendar.weekday in ['sun', 'sunday']",
    "calendar.hour > 22", "calendar.hour == 23", "calendar.hour >= 0 && calendar.hour < 1", "calendar.hour < 24",
    "calendar.date == '2026-12-24'", "calendar.date.startsWith('24')", "signal.kind == 'security'",
    "signal.reported_by == 'person'", "signal.reported_by != 'tool'", "signal.action == 'resolve'",
    "incident.status == 'closed'", "signal.affected_users < 1", "reports('10m') == 0",
    "in_hours('office') && !in_hours('always')", "in_hours('office') || !in_hours('office')",
    "signal.title.contains('x') && !signal.title.contains('y')",
)  # fmt: skip


@pytest.mark.parametrize("when", NEVER)
def test_a_criterion_that_asks_for_what_never_is_is_told_what_there_is(when: str) -> None:
    (one,) = found(shadowed_criterion.CHECK, (MANY, when))
    assert ("/".join(one.where), say(one.hint)) == ("criteria/1/when", NEVER[when])
    assert "lab." not in say(one.hint, "de")
    assert say(one.hint, "de") != say(one.hint)


@pytest.mark.parametrize("when", NEVER)
def test_so_is_a_step_that_waits_for_what_never_is(when: str) -> None:
    step = STEPS.replace("wait: 10m", f'wait: 10m, when: "{when}"')
    (one,) = [one for one in found(dead_step.CHECK, (STEPS, step)) if one.severity == "warning"]
    assert ("/".join(one.where), say(one.hint)) == ("policies/production/functional/1/when", NEVER[when])


@pytest.mark.parametrize("when", EXCLUDED)
def test_what_is_asked_for_and_denied_at_once_never_holds(when: str) -> None:
    assert places(found(shadowed_criterion.CHECK, (MANY, when))) == ["criteria/1/when"]
    step = STEPS.replace("wait: 10m", f'wait: 10m, when: "{when}"')
    assert "policies/production/functional/1/when" in places(found(dead_step.CHECK, (STEPS, step)))


@pytest.mark.parametrize("when", MAYBE)
def test_what_may_be_is_let_be(when: str) -> None:
    assert logic.never(logic.formula(when)) is None
    step = STEPS.replace("wait: 10m", f'wait: 10m, when: "{when}"')
    assert "policies/production/functional/1/when" not in places(found(dead_step.CHECK, (STEPS, step)))


def test_a_step_whose_condition_may_fail_is_entered_then_even_where_it_denies_itself() -> None:
    when = "100 / signal.affected_users > 2 && !(100 / signal.affected_users > 2)"
    assert places(found(shadowed_criterion.CHECK, (MANY, when))) == ["criteria/1/when"]
    step = STEPS.replace("wait: 10m", f'wait: 10m, when: "{when}"')
    assert "policies/production/functional/1/when" not in places(found(dead_step.CHECK, (STEPS, step)))


@pytest.mark.parametrize("when", [*NEVER, *EXCLUDED])
def test_no_proof_supposes_what_never_is(when: str) -> None:
    assert not consistent(frozenset({(when, True)}))
    assert consistent(frozenset({(when, False)}))


@pytest.mark.parametrize("when", MAYBE)
def test_a_proof_supposes_what_may_be(when: str) -> None:
    assert consistent(frozenset({(when, True)}))


def test_the_words_of_a_name_are_those_that_its_meaning_tells() -> None:
    meanings = {row.name: row.meaning for row in NAMES}
    for name, words in domain.WORDS.items():
        shown = meanings[name].replace("mon to sun", ", ".join(domain.WORDS["calendar.weekday"]))
        assert [one for one in words if one not in shown] == [], name


def test_what_a_condition_reads_lies_within_what_there_is() -> None:
    said = bounded(Signal(key="k", action="trigger", title="t", severity="CRITICAL Ä", affected_users=-(2**50)))
    for hour in range(24 * 8):
        here = Context(said, now=hour * 3_600_000_000)
        for row in NAMES:
            value = row.read(here)
            if isinstance(value, str | int):
                assert logic.fits(value, logic.whole(row.name)), row.name
    assert compile_condition("signal.affected_users == 0").judge(Context(said)) is True
