"""What if: one incident at Acme, told line by line with its reasons."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cast import DANA, EVE, GITA, INES, MINUTE, MONDAY
from tests.lab.acme import ACME, NAMES, minute
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.ids import PolicyId
from tocsin.core.instant import DAY, HOUR, parse_instant
from tocsin.core.signal import Signal
from tocsin.lab.meant import Scene
from tocsin.lab.whatif import LONGEST, WhatIf, simulate, simulate_one
from tocsin.lib.translate import knows, say


def checkout(answers: str, hours: int = 3) -> WhatIf:
    found = simulate_one(ACME, "checkout", "P2", "incident", MONDAY, answers, MONDAY + hours * HOUR, names=NAMES)
    assert found.answers.usable
    return found


def spoken(found: WhatIf, *kinds: str) -> list[tuple[int, str, str]]:
    """(minute, what, why) of the lines of those kinds."""
    lines = [one for one in found.lines if one.kind in kinds]
    return [(one.offset // MINUTE, say(one.what), say(one.why) if one.why else "") for one in lines]


def test_the_example_of_the_manual_is_told_with_reasons() -> None:
    found = checkout("primary ignores; secondary acknowledges at +7m; sms down", hours=1)
    assert spoken(found, "step_passed", "step_entered", "acknowledged") == [
        (0, "Step 1 passed over", "The step's condition does not hold: signal.reported_by == 'person'"),
        (0, "Step 2: gita called", "The incident was opened"),
        (5, "Step 3: ines called", "Nobody acknowledged in time"),
        (7, "ines is working on it", ""),
    ]
    assert spoken(found, "delivery") == [
        (0, "Sent to gita by email", "Step 2 of the escalation policy, round 1"),
        (1, "Could not be sent to gita by sms for now", ""),
        (5, "Sent to ines by email", "Step 3 of the escalation policy, round 1"),
        (6, "Could not be sent to ines by sms for now", ""),
        (7, "Sent to gita by email", "ines has it"),
    ]
    assert (found.measured.reached, found.measured.acknowledged) == (0, 7 * MINUTE)
    assert found.measured.pages == {GITA: 1, INES: 1}


def test_a_call_that_goes_on_names_whom_it_calls() -> None:
    found = checkout("sms down", hours=2)
    assert (1, "Trying sms for gita", "The next way of reaching the same person") in spoken(found, "rang")
    assert "One more reason for the call to gita that is under way" in {
        what for _, what, _ in spoken(found, "cause_added")
    }


def test_what_is_sent_late_names_its_plan() -> None:
    found = checkout("everything down until +20m", hours=1)
    first = next(one for one in found.lines if one.kind == "delivery" and one.what.key.endswith("sent"))
    assert (first.planned, first.at, first.late) == (MONDAY, minute(20), 20 * MINUTE)
    assert found.measured.reached == 20 * MINUTE


def test_whoever_was_never_reached_does_not_answer() -> None:
    found = checkout("secondary acknowledges at +7m; everything down for ines")
    assert found.measured.acknowledged is None


def test_whoever_is_reached_later_than_they_are_said_to_act_acts_at_once_and_only_once() -> None:
    found = checkout("ines acknowledges at +2m")
    assert [at for at, _, _ in spoken(found, "acknowledged")] == [5]


def test_three_methods_of_one_call_are_one_answer() -> None:
    found = checkout("gita acknowledges after 2m", hours=1)
    assert [(at, what) for at, what, _ in spoken(found, "acknowledged", "renewed")] == [(2, "gita is working on it")]


def test_somebody_who_is_away_is_not_called() -> None:
    found = checkout("gita is away", hours=1)
    assert GITA not in found.measured.pages
    assert INES in found.measured.pages


def test_what_changes_nothing_is_told_as_refused() -> None:
    found = checkout("ines acknowledges and resolves at +1h; source resolves at +30m")
    assert spoken(found, "refused") == [(60, "ines tried in vain: resolve", "it is resolved already")]


def test_a_decision_is_answered_by_management() -> None:
    found = simulate_one(ACME, "core-network", "P1", "incident", MONDAY, 'management answers "fall back" after 5m')
    asked = [(at, what) for at, what, _ in spoken(found, "asked", "answered")]
    assert asked[-2:] == [(40, "carla asked to decide"), (45, "carla decided: fall back")]  # the ladder ran out at 40
    assert found.measured.management


@pytest.mark.parametrize(("answers", "heard"), [("", True), ("hugo is away", False)])
def test_management_has_not_heard_of_it_where_the_step_found_nobody_to_tell(answers: str, heard: bool) -> None:
    policies = dict(ACME.rulebook.policies)
    known = policies[PolicyId("production")]
    policies[known.id] = replace(known, hierarchical=known.hierarchical[:1])
    world = replace(ACME, rulebook=replace(ACME.rulebook, policies=policies))
    found = simulate_one(world, "checkout", "P2", "incident", MONDAY, answers, MONDAY + HOUR, names=NAMES)
    told = "hugo informed" if heard else "Nobody could be informed"
    assert told in [say(one.what) for one in found.lines]
    assert found.measured.management is heard


def test_lines_come_in_order_and_every_phrase_has_a_sentence() -> None:
    found = checkout("dana declines; management answers; sms fails for gita", hours=8)
    assert [one.at for one in found.lines] == sorted(one.at for one in found.lines)
    assert {one.what.key for one in found.lines if not knows(one.what.key)} == set()
    assert {one.why.key for one in found.lines if one.why and not knows(one.why.key)} == set()


SENTENCES = st.sampled_from(
    ["everybody declines", "everybody acknowledges", "everybody ignores", "management answers", "everybody resolves",
     "everybody takes over after 5m", "everybody accepts; everybody confirms", "sms down", "everything down until +2h",
     "email fails", "sms fails for dana", "everybody is away", "primary is away until +30m", "source resolves at +30m",
     "source fires at +45m", "step 2 declines", 'management answers "isolate"', "team acknowledges at +1h"]
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(SENTENCES, max_size=6), st.sampled_from(sorted(ACME.rulebook.services)), st.sampled_from(PRIORITIES))
def test_whatever_is_answered_the_story_comes_to_its_end(said: list[str], service: str, priority: Priority) -> None:
    found = simulate_one(ACME, service, priority, "incident", MONDAY, "; ".join(said), MONDAY + 6 * HOUR)
    assert found.answers.usable
    assert found.lines
    assert found.lines[-1].kind != "cut"
    assert all(one.at <= found.scene.until for one in found.lines)


def test_a_story_of_too_many_things_is_cut_short_and_says_so() -> None:
    found = simulate_one(ACME, "checkout", "P2", "incident", MONDAY, most=10)
    assert (found.transcript.whole, found.lines[-1].kind) == (False, "cut")
    assert say(found.lines[-1].what).startswith("It is cut short here")
    assert checkout("").transcript.whole


def test_whoever_declines_does_so_once_and_is_passed_over_from_then_on() -> None:
    found = checkout("everybody declines")
    declines = [(one.by, one.offset) for one in found.lines if one.kind == "declined" and one.what.key.endswith("page")]
    assert declines
    assert len(declines) == len({by for by, _ in declines})


def test_a_mistake_in_the_answers_plays_nothing() -> None:
    found = simulate_one(ACME, "checkout", "P2", "incident", MONDAY, "primry ignores")
    assert (found.lines, found.transcript.told) == ((), ())
    assert [one.text.key for one in found.complaints] == ["lab.answers.unknown_subject"]


@pytest.mark.parametrize("priority", PRIORITIES)
def test_an_incident_opens_with_the_priority_that_is_asked_for(priority: Priority) -> None:
    found = simulate_one(ACME, "order-database", priority, "incident", MONDAY)
    assert found.transcript.incidents["INC-1"].priority == priority


def test_an_unknown_service_goes_where_unrouted_signals_go() -> None:
    found = simulate_one(ACME, "nowhere", "P3", "incident", MONDAY)
    assert found.transcript.incidents["INC-1"].team == "service-desk"


def test_the_world_that_is_asked_about_stays_as_it_was() -> None:
    rosters, methods = dict(ACME.rosters), dict(ACME.facts.methods)
    checkout("gita is away; sms fails; step 2 ignores")
    assert (ACME.rosters, ACME.facts.methods) == (rosters, methods)


def test_however_long_it_is_to_be_watched_it_ends() -> None:
    found = simulate_one(ACME, "customer-care", "P5", "complaint", MONDAY, until=MONDAY + 4000 * DAY)
    assert found.scene.until == MONDAY + LONGEST


def test_it_is_watched_in_the_hour_that_the_clocks_skip() -> None:
    at = parse_instant("2027-03-28T01:30:00Z")  # 02:30 in London, which has just skipped 01:00 to 02:00
    found = simulate_one(ACME, "order-database", "P1", "incident", at, "nobody answers")
    assert found.measured.reached == 0
    assert found.measured.night


def test_a_signal_of_ones_own_is_judged_by_the_criteria() -> None:
    labels = {"service": "checkout", "category": "security"}
    signal = Signal("k", "trigger", "stolen", severity="critical", labels=labels)
    found = simulate(Scene(ACME, MONDAY, MONDAY + HOUR, signal))
    assert found.transcript.incidents["INC-1"].policy == "security-breach"


def test_nobody_is_woken_who_is_not_called() -> None:
    assert {DANA, EVE} & set(checkout("").measured.pages) == set()
