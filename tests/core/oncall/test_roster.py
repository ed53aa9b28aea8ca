"""Who is on call by example: layers, restrictions, overrides, absences, secondaries; and why."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cast import ANA, BEN, CARLA, DANA, EVE, FINN, MONDAY
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import HoursId, PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Instant
from tocsin.core.oncall.override import Absence, Facts, Mode, Override
from tocsin.core.oncall.roster import Roster, on_call, roster
from tocsin.core.oncall.schedule import Rotation, Schedule

NOBODY = PersonId("")
PRIMARY, SECONDARY, THIRD = (ScheduleId(name) for name in ("primary", "secondary", "third"))
WEEKEND = Hours(HoursId("weekend"), "Europe/London", ((),) * 5 + (((0, 1440),),) * 2, 24 * HOUR)
TUESDAY, SATURDAY = MONDAY + DAY, MONDAY + 5 * DAY
WEEK = 7 * DAY


def weekly(*people: PersonId, **more: Any) -> Rotation:
    return Rotation(people, "weekly", "2026-01-05", minute=540, weekday=0, **more)


def schedules(*layers: Rotation) -> Mapping[str, Schedule]:
    return {
        PRIMARY: Schedule(PRIMARY, "Europe/London", layers),
        SECONDARY: Schedule(SECONDARY, "Europe/London", follows=PRIMARY, by=1),
        THIRD: Schedule(THIRD, "Europe/London", follows=SECONDARY, by=1),
    }


def override(
    person: PersonId, mode: Mode = "replace", of: PersonId | None = None, schedule: ScheduleId = PRIMARY
) -> Override:
    return Override(f"{mode}-{person}", schedule, TUESDAY - HOUR, TUESDAY + HOUR, person, mode, of)


def changed(*entries: Override | Absence) -> Facts:
    overrides = tuple(entry for entry in entries if isinstance(entry, Override))
    return Facts(1, overrides, tuple(entry for entry in entries if isinstance(entry, Absence)))


def away(person: PersonId) -> Absence:
    return Absence(f"away-{person}", person, TUESDAY - HOUR, TUESDAY + HOUR)


def ask(
    layers: Mapping[str, Schedule],
    *entries: Override | Absence,
    at: Instant = TUESDAY,
    name: ScheduleId = PRIMARY,
    by: int = 0,
) -> Roster:
    return roster(name, at, layers, {WEEKEND.id: WEEKEND}, changed(*entries), by=by)


def reasons(found: Roster) -> list[str]:
    return [phrase.key.removeprefix("oncall.") for duty in found.duties for phrase in duty.why]


ONE = schedules(weekly(DANA, EVE, FINN))
TWO = schedules(weekly(DANA, EVE, FINN), weekly(CARLA, only=WEEKEND.id))


# --------------------------------------------------------------------------------------------- layers


def test_turns_pass_from_week_to_week_at_nine_on_monday() -> None:
    times = (MONDAY - 1, MONDAY, MONDAY + WEEK - 1, MONDAY + WEEK, MONDAY + 3 * WEEK)
    assert [ask(ONE, at=at).people for at in times] == [(), (DANA,), (DANA,), (EVE,), (DANA,)]


def test_a_duty_says_which_turn_of_which_layer_it_is_and_over_which_span() -> None:
    (duty,) = ask(ONE, at=MONDAY + 4 * WEEK).duties
    assert (duty.why[0].key, duty.why[0].values) == ("oncall.turn", {"layer": "1", "turn": "5"})
    assert (duty.since, duty.until) == (MONDAY + 4 * WEEK, MONDAY + 5 * WEEK)


def test_a_later_layer_wins_while_its_hours_are_open() -> None:
    midnight = SATURDAY - 9 * HOUR
    assert [ask(TWO, at=at).people for at in (midnight - 1, midnight, SATURDAY)] == [(DANA,), (CARLA,), (CARLA,)]
    assert [phrase.key for phrase in ask(TWO).why_not] == ["oncall.closed"]
    assert ask(TWO).until == midnight


def test_an_empty_turn_is_a_deliberate_gap_where_no_earlier_layer_shows() -> None:
    found = ask(schedules(weekly(NOBODY, EVE)))
    assert (found.people, [phrase.key for phrase in found.why_not]) == ((), ["oncall.gap"])
    assert ask(schedules(weekly(DANA), weekly(NOBODY, EVE))).people == (DANA,)


def test_before_it_starts_and_after_it_ends_nobody_is_on_and_the_reason_is_said() -> None:
    ending = schedules(weekly(DANA, ends="2026-01-08"))
    assert [phrase.key for phrase in ask(ending, at=MONDAY - 1).why_not] == ["oncall.not_begun"]
    assert [phrase.key for phrase in ask(ending, at=SATURDAY).why_not] == ["oncall.ended"]
    assert ask(ending, at=MONDAY - 1).until == MONDAY


# ------------------------------------------------------------------------------------------ overrides


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((override(BEN),), (BEN,)),
        ((override(BEN, of=DANA),), (BEN,)),
        ((override(BEN, of=EVE),), (DANA,)),  # eve is not on: nobody to replace
        ((override(BEN, "add"),), (DANA, BEN)),
        ((override(DANA, "add"),), (DANA,)),
        ((override(DANA, "remove"),), ()),
        ((override(BEN, "remove"),), (DANA,)),
        ((override(BEN, "add"), override(DANA, "remove")), (BEN,)),
        ((override(BEN), override(ANA)), (ANA,)),  # the later wins
        ((override(BEN, "add"), override(ANA)), (ANA,)),
        ((override(ANA), override(BEN, "add")), (ANA, BEN)),
        ((override(BEN, of=DANA), override(ANA, of=BEN)), (ANA,)),  # passed on
        ((override(BEN, "add"), override(BEN, of=DANA)), (BEN,)),
        ((override(DANA, "remove"), override(DANA, "add")), (DANA,)),
        ((override(BEN, schedule=SECONDARY),), (DANA,)),
    ],
)
def test_overrides_apply_in_the_order_in_which_they_were_entered(
    entries: tuple[Override, ...], expected: tuple[PersonId]
) -> None:
    assert ask(ONE, *entries).people == expected


def test_an_override_holds_from_its_start_up_to_its_end() -> None:
    times = (TUESDAY - HOUR - 1, TUESDAY - HOUR, TUESDAY + HOUR - 1, TUESDAY + HOUR)
    assert [ask(ONE, override(BEN), at=at).people for at in times] == [(DANA,), (BEN,), (BEN,), (DANA,)]
    assert (ask(ONE, override(BEN)).since, ask(ONE, override(BEN)).until) == (TUESDAY - HOUR, TUESDAY + HOUR)
    assert ask(ONE, override(BEN), at=MONDAY).until == TUESDAY - HOUR


def test_an_override_fills_a_schedule_on_which_nobody_is() -> None:
    empty = schedules(weekly(NOBODY))
    assert [ask(empty, override(BEN, mode)).people for mode in ("replace", "add", "remove")] == [(BEN,), (BEN,), ()]


def test_the_reasons_lead_from_the_turn_to_the_overrides() -> None:
    found = ask(ONE, override(BEN, of=DANA), override(ANA, "add"))
    assert reasons(found) == ["turn", "replaces", "added"]
    assert found.duties[0].why[1].values == {"override": "replace-ben", "person": "dana"}


# ------------------------------------------------------------------------------------------- absences


def test_somebody_who_is_away_is_on_no_shift_and_the_reason_is_said() -> None:
    found = ask(ONE, away(DANA))
    assert found.people == ()
    assert (found.why_not[0].key, found.why_not[0].values) == (
        "oncall.absent",
        {"person": "dana", "absence": "away-dana"},
    )
    assert ask(ONE, away(DANA), at=MONDAY).people == (DANA,)


def test_where_the_later_layer_is_away_the_earlier_one_shows() -> None:
    assert ask(schedules(weekly(DANA), weekly(CARLA)), away(CARLA)).people == (DANA,)
    assert ask(schedules(weekly(DANA), weekly(CARLA)), override(CARLA, "remove")).people == (DANA,)
    assert ask(schedules(weekly(DANA), weekly(CARLA)), away(CARLA), override(BEN, "add")).people == (DANA, BEN)


def test_an_override_covers_for_somebody_who_is_away() -> None:
    assert ask(ONE, away(DANA), override(BEN, of=DANA)).people == (BEN,)
    assert ask(ONE, away(DANA), override(BEN, "add")).people == (BEN,)


def test_a_replacement_who_is_away_leaves_nobody() -> None:
    assert ask(ONE, override(BEN), away(BEN)).people == ()


# ------------------------------------------------------------------------------------------ secondary


def test_a_secondary_is_whoever_takes_over_next_and_the_third_whoever_comes_after() -> None:
    assert [ask(ONE, name=name).people for name in (PRIMARY, SECONDARY, THIRD)] == [(DANA,), (EVE,), (FINN,)]
    assert reasons(ask(ONE, name=SECONDARY)) == ["turn", "follows"]


def test_the_next_of_the_same_rotation_is_asked_with_by() -> None:
    assert [ask(ONE, by=by).people for by in (0, 1, 2, 3)] == [(DANA,), (EVE,), (FINN,), ()]
    assert ask(ONE, name=SECONDARY, by=1).people == (FINN,)
    assert [duty.person for duty in on_call(PRIMARY, TUESDAY, ONE, {}, Facts(), by=1)] == [EVE]


def test_primary_and_secondary_change_at_the_same_instant() -> None:
    turn = MONDAY + WEEK
    assert [ask(ONE, at=at, name=SECONDARY).people for at in (turn - 1, turn)] == [(EVE,), (FINN,)]
    assert ask(ONE, name=SECONDARY).until == ask(ONE).until == turn


def test_alone_in_a_rotation_nobody_is_secondary() -> None:
    found = ask(schedules(weekly(DANA)), name=SECONDARY)
    assert (found.people, [phrase.key for phrase in found.why_not]) == ((), ["oncall.alone"])


def test_the_secondary_comes_from_the_layer_that_shows() -> None:
    layered = schedules(weekly(DANA, EVE), weekly(CARLA, BEN, only=WEEKEND.id))
    assert [ask(layered, at=at, name=SECONDARY).people for at in (TUESDAY, SATURDAY)] == [(EVE,), (BEN,)]


def test_nobody_is_secondary_to_themselves() -> None:
    assert ask(schedules(weekly(DANA, DANA, EVE)), name=SECONDARY).people == (EVE,)
    assert ask(ONE, override(EVE, of=DANA), name=SECONDARY).people == (FINN,)
    assert ask(ONE, override(EVE, "add"), name=SECONDARY).people == (FINN,)
    assert ask(schedules(weekly(DANA, EVE, EVE, FINN)), by=2).people == (FINN,)


def test_whoever_was_replaced_does_not_come_back_as_the_secondary() -> None:
    again = schedules(weekly(DANA, EVE, DANA, FINN))
    assert ask(again, override(EVE, of=DANA), name=SECONDARY).people == (FINN,)


def test_while_the_primary_is_away_or_a_gap_the_secondary_stands() -> None:
    assert (ask(ONE, away(DANA)).people, ask(ONE, away(DANA), name=SECONDARY).people) == ((), (EVE,))
    assert ask(schedules(weekly(NOBODY, EVE)), name=SECONDARY).people == (EVE,)
    both_away = (away(DANA), away(CARLA))
    assert ask(schedules(weekly(DANA, FINN), weekly(CARLA, BEN)), *both_away, name=SECONDARY).people == (BEN,)


def test_a_secondary_who_is_away_is_not_on_and_an_override_of_the_secondary_is_its_own() -> None:
    assert ask(ONE, away(EVE), name=SECONDARY).people == ()
    assert ask(ONE, away(EVE), by=1).people == ()
    assert ask(ONE, override(BEN, of=EVE, schedule=SECONDARY), away(EVE), name=SECONDARY).people == (BEN,)


def test_an_empty_turn_that_comes_next_leaves_the_secondary_empty() -> None:
    found = ask(schedules(weekly(DANA, NOBODY, EVE)), name=SECONDARY)
    assert (found.people, [phrase.key for phrase in found.why_not]) == ((), ["oncall.gap"])


@pytest.mark.parametrize("by", [0, 1])
def test_schedules_that_follow_each_other_or_nothing_end_with_a_reason(by: int) -> None:
    circle = {
        PRIMARY: Schedule(PRIMARY, "Europe/London", follows=SECONDARY, by=1),
        SECONDARY: Schedule(SECONDARY, "Europe/London", follows=PRIMARY, by=1),
    }
    assert [phrase.key for phrase in ask(circle, by=by).why_not] == ["oncall.circle"]
    assert [phrase.key for phrase in ask({}, by=by).why_not] == ["oncall.unknown"]
    assert ask(circle, override(BEN)).people == (BEN,)


# --------------------------------------------------------------------------------------------- changes


def test_thousands_of_past_overrides_change_nothing_now_and_stay_answerable() -> None:
    past = tuple(
        Override(f"o{n}", PRIMARY, TUESDAY - n * HOUR, TUESDAY - (n - 1) * HOUR, (ANA, BEN)[n % 2])
        for n in range(1, 3000)
    )
    assert ask(ONE, *past).people == (DANA,)
    assert ask(ONE, *past, at=TUESDAY - 10 * HOUR).people == (ANA,)
    assert ask(ONE, *past, at=TUESDAY - 11 * HOUR).people == (BEN,)


def test_an_override_that_ends_before_it_starts_is_never_active() -> None:
    backwards = Override("o1", PRIMARY, TUESDAY + HOUR, TUESDAY - HOUR, BEN)
    assert ask(ONE, backwards).people == (DANA,)
    assert (ask(ONE, backwards).since, ask(ONE, backwards).until) == (MONDAY, MONDAY + WEEK)
