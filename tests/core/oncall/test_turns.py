"""One person's turns over all schedules, and who is on while they are away."""

from tests.cast import CARLA, DANA, EVE, FINN, HUGO, MONDAY, small_rulebook
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Instant
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.oncall.turns import Turn, instead_of, turns_of

BOOK = small_rulebook()
SECOND = Schedule(ScheduleId("infra-secondary"), "Europe/London", follows=ScheduleId("infra-primary"), by=1)
SCHEDULES = BOOK.schedules | {SECOND.id: SECOND}
WEEK = 7 * DAY


def turns(person: PersonId, weeks: int = 3, facts: Facts | None = None) -> tuple[Turn, ...]:
    return turns_of(person, MONDAY, MONDAY + weeks * WEEK, SCHEDULES, BOOK.hours, facts or Facts())


def told(found: tuple[Turn, ...]) -> list[tuple[str, int, int]]:
    return [(one.schedule, (one.start - MONDAY) // HOUR, (one.end - MONDAY) // HOUR) for one in found]


def test_turns_come_from_all_schedules_in_their_order_with_the_reason() -> None:
    assert told(turns(EVE)) == [("infra-secondary", 0, 168), ("infra-primary", 168, 336)]
    assert [phrase.key for one in turns(EVE) for phrase in one.why] == ["oncall.turn", "oncall.follows", "oncall.turn"]
    assert turns(CARLA) == ()


def test_a_turn_that_goes_on_is_one_whatever_happens_to_others() -> None:
    more = Override("o1", ScheduleId("infra-primary"), MONDAY + DAY, MONDAY + 2 * DAY, HUGO, "add")
    assert told(turns(DANA, 1, Facts(overrides=(more,)))) == [("infra-primary", 0, 168)]
    assert told(turns(HUGO, 1, Facts(overrides=(more,)))) == [("infra-primary", 24, 48)]


def test_an_absence_shows_who_steps_in_and_where_nobody_does() -> None:
    layers = (
        Rotation((FINN,), "weekly", "2026-01-05", minute=540, weekday=0, ends="2026-01-07"),
        Rotation((DANA,), "weekly", "2026-01-05", minute=540, weekday=0),
    )
    name = ScheduleId("primary")
    schedules = {name: Schedule(name, "Europe/London", layers)}
    away = Absence("a1", DANA, MONDAY + DAY, MONDAY + 3 * DAY)
    found = instead_of(away, schedules, {}, Facts())
    assert [(one.schedule, (one.start - MONDAY) // HOUR, (one.end - MONDAY) // HOUR, one.people) for one in found] == [
        ("primary", 24, 39, (FINN,)),
        ("primary", 39, 72, ()),
    ]


def test_an_absence_outside_of_any_turn_changes_nothing() -> None:
    later: Instant = MONDAY + WEEK
    assert instead_of(Absence("a1", DANA, later, later + WEEK), BOOK.schedules, {}, Facts()) == ()
