"""Rulebooks of four other organisations: what is sound in them stays without a finding."""

from pathlib import Path

import pytest

from tests.lab.broken import case_of
from tocsin.core.instant import DAY
from tocsin.lab.verifier.against import against
from tocsin.lab.verifier.changed import Words, tell
from tocsin.lab.verifier.checks import (
    clock_change,
    confidential,
    coverage_gap,
    dead_step,
    night_load,
    shadowed_criterion,
    sla_unreachable,
)
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.proof import prove
from tocsin.lab.verifier.told import example
from tocsin.lib.translate import say

FOLDER = Path(__file__).parent / "unseen"
CLINIC, DESK, HR, SUN = ((FOLDER / f"{name}.yaml").read_text("utf-8") for name in ("clinic", "desk", "hr", "sun"))


@pytest.mark.parametrize("text", [CLINIC, DESK, HR, SUN], ids=["clinic", "desk", "hr", "sun"])
def test_a_sound_rulebook_of_others_is_free_of_findings(text: str) -> None:
    found = examine(case_of(text, horizon=60 * DAY)).findings
    assert [(one.code, one.where, say(one.text)) for one in found] == []


def test_whoever_follows_the_sun_has_the_nights_of_where_the_hours_lie() -> None:
    assert list(night_load.CHECK.find(case_of(SUN))) == []
    late = SUN.replace('tokyo: {timezone: Asia/Tokyo, week: {mon-sun: ["08:00-17:00"]}}',
                       'tokyo: {timezone: Asia/Tokyo, week: {mon-sun: ["00:00-17:00"]}}')  # fmt: skip
    assert {one.text.values["person"] for one in night_load.CHECK.find(case_of(late))} == {"aiko", "bao"}


def test_a_criterion_about_one_service_makes_no_other_confidential() -> None:
    for name in ("signal.service", "incident.service"):
        text = HR.replace("signal.service", name)
        assert list(confidential.CHECK.find(case_of(text))) == []
        other = text.replace("people-care'", "intranet'")
        assert [one.where for one in confidential.CHECK.find(case_of(other))] == [("policies", "it", "functional")]


def test_nothing_is_supposed_of_a_service_that_a_report_of_another_would_have_to_name() -> None:
    said: dict[str, str] = {}
    for row in prove(case_of(DESK, horizon=30 * DAY)).every:
        said[row.service] = said.get(row.service, "") + " ".join(say(one) for way in row.ways for one in way.assuming)
    assert {service for service, all_of_it in said.items() if "'payroll'" in all_of_it} == {"payroll"}


def test_a_promise_is_not_said_to_be_late_at_a_priority_at_which_the_early_step_cannot_come() -> None:
    text = HR.replace("respond: {else: 8h}", "respond: {else: 1h}")
    (finding,) = sla_unreachable.CHECK.find(case_of(text))
    assert finding.text.values["priorities"] == "P3, P4, P5"


PAYDAY = "signal.service == 'payroll' && signal.severity != 'critical' && calendar.date.endsWith('-28')"
NEVER = (
    ("incident.service == 'payrol'", "payroll"),
    ("incident.service == 'payrol' && signal.severity == 'error'", "payroll"),
    ("signal.labels.x == 'y' && (incident.team == 'plattform' || incident.team == 'x')", "platform"),
    ("signal.service == 'payroll' && incident.service == 'website'", ""),
)


@pytest.mark.parametrize(("when", "near"), NEVER)
def test_a_criterion_about_a_service_or_team_that_there_is_not_never_applies(when: str, near: str) -> None:
    (finding,) = shadowed_criterion.CHECK.find(case_of(DESK.replace(PAYDAY, when)))
    assert finding.where == ("criteria", "0", "when")
    assert finding.hint.values.get("near", "") == near


@pytest.mark.parametrize(
    "when",
    ["incident.service == '' && signal.service == 'legacy'", "incident.team == 'platform'", "signal.service != ''"],
)
def test_a_criterion_that_may_hold_of_what_names_no_service_is_none_that_never_applies(when: str) -> None:
    assert list(shadowed_criterion.CHECK.find(case_of(DESK.replace(PAYDAY, when)))) == []


@pytest.mark.parametrize("more", ["", " && signal.severity == 'error'"])
def test_a_step_may_ask_for_the_team_to_which_the_step_before_it_hands_over(more: str) -> None:
    step = "      - {hand_over: team:platform, wait: 1h, hours: open}\n"
    more_of = f"      - {{notify: team.all, wait: 1h, when: \"incident.team == 'extra'{more}\"}}\n"
    text = DESK.replace(step, step.replace("platform", "extra") + more_of)
    text = text.replace("teams:\n", "teams:\n  extra: {lead: oscar, members: [mona, liam]}\n")
    assert list(dead_step.CHECK.find(case_of(text))) == []
    (finding,) = dead_step.CHECK.find(case_of(text.replace("'extra'", "'extras'")))
    assert (finding.where[-1], finding.hint.values["near"]) == ("when", "extra")


def test_one_of_a_team_and_all_of_it_are_reached_differently() -> None:
    old, new = (case_of(text, horizon=10 * DAY) for text in (DESK, DESK.replace("round_robin", "everyone")))
    found = against(old, new)
    assert found.services == ("laptops",)
    assert {(one.before.any_of, one.after.any_of) for group in found.groups for one in group.changes} == {(True, False)}
    assert against(old, case_of(DESK.replace("round_robin", "least_loaded"), horizon=10 * DAY)).groups == ()


def test_waits_that_differ_by_less_than_is_usually_told_are_told_in_full() -> None:
    texts = (DESK, DESK.replace('"08:00-18:00"', '"08:00-17:30"'))
    found = against(*(case_of(text, horizon=10 * DAY) for text in texts))
    told = tell(found, Words("Europe/London", str))
    lines = [line for table in told.tables for line in table.lines]
    assert all(line.before != line.after for line in lines)
    assert ("oscar, after 2d18h", "oscar, after 2d18h30m") in {(line.before, line.after) for line in lines}


def test_a_seam_of_a_schedule_is_told_once_and_not_again_of_the_one_that_follows_it() -> None:
    paris = "{timezone: Europe/Paris, week: {mon-sun: "
    text = SUN.replace('"09:00-20:00"', '"12:00-18:00"').replace(f'{paris}["08:', f'{paris}["09:')
    assert text.count("09:00-18:00") == text.count("12:00-18:00") == 1
    found = list(coverage_gap.CHECK.find(case_of(text)))
    assert [(one.where, one.text.key) for one in found] == [(("schedules", "sun"), "lab.check.seam")]


def test_a_case_on_the_clock_of_utc_names_it_once() -> None:
    (finding,) = coverage_gap.CHECK.find(
        case_of(SUN.replace('"08:00-17:00"', '"09:00-17:00"').replace("20:00", "18:00"))
    )
    assert finding.counterexample is not None
    assert " UTC: nobody is on call on sun" in example(finding.counterexample)
    assert "UTC UTC" not in example(finding.counterexample)


def test_a_gap_of_every_night_is_not_torn_by_the_clock_that_skips_it_once() -> None:
    ward = "[{people: [amstad, brunner, caduff, dubach], turn: weekly, handoff: mon 07:00, starts: 2026-01-05}]"
    layers = ", ".join(f"{ward[1:-2]}, only: {name}}}" for name in ("a", "b"))
    week = 'a: {week: {mon-sun: ["02:30-14:00"]}}\n  b: {week: {mon-sun: ["00:00-02:00", "14:00-24:00"]}}\n  day:'
    case = case_of(CLINIC.replace(ward, f"[{layers}]").replace("day:", week, 1))
    assert [one.text.key for one in coverage_gap.CHECK.find(case)] == ["lab.check.seam"]
    assert list(clock_change.CHECK.find(case)) == []
