"""Shifts, gaps and hand-offs of a schedule laid out over time."""

from tests.cast import ANA, BEN, CARLA, DANA, EVE, MONDAY
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import HoursId, PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Span, parse_instant
from tocsin.core.oncall.coverage import Shift, gaps, shifts, time_on_call
from tocsin.core.oncall.handoff import Handoff, next_handoff, shift_of
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.oncall.schedule import Rotation, Schedule

PRIMARY = ScheduleId("primary")
OFFICE = Hours(HoursId("office"), "Europe/London", (((540, 1020),),) * 5 + ((),) * 2, 8 * HOUR)
NIGHT = Hours(HoursId("night"), "Europe/London", (((0, 540), (1020, 1440)),) * 5 + (((0, 1440),),) * 2, 16 * HOUR)
HOURS = {OFFICE.id: OFFICE, NIGHT.id: NIGHT}
WEEK = 7 * DAY


def laid_out(*layers: Rotation) -> dict[str, Schedule]:
    return {PRIMARY: Schedule(PRIMARY, "Europe/London", layers)}


def weekly(*people: PersonId, only: HoursId | None = None) -> Rotation:
    return Rotation(people, "weekly", "2026-01-05", minute=540, weekday=0, only=only)


def people_of(found: tuple[Shift, ...]) -> list[tuple[int, tuple[PersonId, ...]]]:
    return [((shift.end - shift.start) // HOUR, shift.people) for shift in found]


def test_shifts_are_as_long_as_the_same_people_are_on() -> None:
    found = shifts(PRIMARY, MONDAY - DAY, MONDAY + 4 * WEEK, laid_out(weekly(DANA, DANA, EVE)), HOURS, Facts())
    assert people_of(found) == [(24, ()), (336, (DANA,)), (168, (EVE,)), (168, (DANA,))]
    assert [phrase.key for phrase in found[1].why] == ["oncall.turn"]


def test_a_day_shift_and_a_night_shift_leave_no_gap_even_in_the_night_of_the_jump() -> None:
    both = laid_out(weekly(DANA, EVE, only=OFFICE.id), weekly(ANA, BEN, only=NIGHT.id))
    start, end = parse_instant("2026-03-28T12:00:00Z"), parse_instant("2026-10-26T12:00:00Z")
    assert gaps(PRIMARY, start, end, both, HOURS, Facts()) == ()


def test_hours_that_are_closed_are_a_deliberate_gap_and_an_absence_is_not() -> None:
    office = laid_out(weekly(DANA, only=OFFICE.id))
    away = Facts(absences=(Absence("a1", DANA, MONDAY + 2 * HOUR, MONDAY + 4 * HOUR),))
    found = gaps(PRIMARY, MONDAY, MONDAY + DAY, office, HOURS, away)
    assert [(shift.start - MONDAY) // HOUR for shift in found] == [2, 8]
    assert [shift.deliberate for shift in found] == [False, True]


def test_time_on_call_is_summed_over_everybody() -> None:
    facts = Facts(overrides=(Override("o1", PRIMARY, MONDAY, MONDAY + DAY, CARLA, "add"),))
    found = shifts(PRIMARY, MONDAY, MONDAY + 2 * WEEK, laid_out(weekly(DANA, EVE)), HOURS, facts)
    assert time_on_call(found) == {DANA: WEEK, EVE: WEEK, CARLA: DAY}


def test_an_empty_span_has_no_shifts() -> None:
    assert shifts(PRIMARY, MONDAY, MONDAY, laid_out(weekly(DANA)), HOURS, Facts()) == ()


def test_the_next_handoff_says_who_leaves_who_joins_and_who_stays() -> None:
    facts = Facts(overrides=(Override("o1", PRIMARY, MONDAY, MONDAY + 2 * WEEK, CARLA, "add"),))
    handoff = next_handoff(PRIMARY, MONDAY + HOUR, laid_out(weekly(DANA, EVE)), HOURS, facts)
    assert handoff == Handoff(MONDAY + WEEK, (DANA,), (EVE,), (CARLA,))


def test_the_same_people_in_another_order_are_no_handoff() -> None:
    first, last = MONDAY + DAY, MONDAY + 2 * DAY
    overrides = (
        Override("o1", PRIMARY, MONDAY, last, CARLA, "add"),
        Override("o2", PRIMARY, first, last, CARLA),
        Override("o3", PRIMARY, first, last, DANA, "add"),
    )
    handoff = next_handoff(PRIMARY, MONDAY, laid_out(weekly(DANA)), HOURS, Facts(overrides=overrides))
    assert handoff == Handoff(last, (CARLA,), (), (DANA,))


def test_where_the_same_person_takes_every_turn_there_is_no_handoff() -> None:
    assert next_handoff(PRIMARY, MONDAY, laid_out(weekly(DANA)), HOURS, Facts()) is None


def test_a_persons_shift_reaches_over_turns_and_overrides_that_leave_them_on() -> None:
    facts = Facts(overrides=(Override("o1", PRIMARY, MONDAY + DAY, MONDAY + 2 * DAY, CARLA, "add"),))
    plan = laid_out(weekly(DANA, DANA, EVE))
    assert shift_of(DANA, PRIMARY, MONDAY + HOUR, plan, HOURS, facts) == Span(MONDAY, MONDAY + 2 * WEEK)
    assert shift_of(CARLA, PRIMARY, MONDAY + HOUR, plan, HOURS, facts) is None
    assert shift_of(DANA, PRIMARY, MONDAY, laid_out(weekly(DANA)), HOURS, Facts(), within=DAY) == Span(
        MONDAY, MONDAY + DAY
    )
