"""Rulebooks of four other organisations: what is sound in them stays without a finding."""

from pathlib import Path

import pytest

from tests.lab.broken import case_of
from tocsin.core.instant import DAY
from tocsin.lab.verifier.checks import confidential, night_load, sla_unreachable
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.proof import prove
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
