"""Instants worth trying: around the jumps of real clocks, in every zone there is."""

from functools import cache

from hypothesis import strategies as st
from whenever import available_timezones

from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.zones import EPOCH_DAY, Transition, format_day, known_zone, transitions
from tocsin.core.ids import HoursId, PersonId
from tocsin.core.instant import DAY, HOUR, Instant, parse_instant
from tocsin.core.oncall.schedule import Rotation, Unit

ZONES = sorted(filter(known_zone, available_timezones()))
NOTABLE = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Casablanca",  # four jumps a year
    "Asia/Kathmandu",  # +05:45, and no jump
    "Pacific/Apia",  # skipped a whole day
    "America/Sao_Paulo",  # jumped at midnight
)
FROM, TO = parse_instant("1990-01-01T00:00:00Z"), parse_instant("2040-01-01T00:00:00Z")

zones = st.sampled_from(ZONES) | st.sampled_from(NOTABLE)


@cache
def jumps(zone: str) -> tuple[Transition, ...]:
    """Every jump of that zone's clock from 1990 to 2040."""
    return transitions(zone, FROM, TO)


@st.composite
def instants(draw: st.DrawFn, zone: str, around: int = 40 * HOUR) -> Instant:
    """Mostly near a jump of that zone's clock."""
    anywhere = st.integers(FROM, TO)
    near = [jump.at for jump in jumps(zone)]
    if not near:
        return draw(anywhere)
    step = st.integers(-around, around) | st.integers(-around // HOUR, around // HOUR).map(lambda n: n * HOUR)
    return draw(st.builds(int.__add__, st.sampled_from(near), step) | anywhere)


@st.composite
def hours(draw: st.DrawFn, zone: str, near: Instant) -> Hours:
    """A week of up to three openings a day, with holidays about `near`."""
    minutes = st.integers(0, 1440) | st.sampled_from((0, 120, 150, 180, 540, 1020, 1440))
    week = []
    for _ in range(7):
        edges = sorted(set(draw(st.lists(minutes, max_size=6))))
        week.append(tuple(zip(edges[::2], edges[1::2], strict=False)))
    days = st.integers(-10, 10).map(lambda n: format_day(near // DAY + EPOCH_DAY + n))
    return Hours(HoursId("drawn"), zone, tuple(week), 8 * HOUR, frozenset(draw(st.sets(days, max_size=4))))


UNITS: tuple[Unit, ...] = ("hourly", "daily", "weekly", "monthly")
people = st.sampled_from([PersonId(name) for name in ("ana", "ben", "carla", "dana")])


@st.composite
def rotations(draw: st.DrawFn, near: Instant, *, gaps: bool = False, only: tuple[str, ...] = ()) -> Rotation:
    """A rotation that starts about a month before `near`, or a little after it."""
    who = people | st.just(PersonId("")) if gaps else people
    turn = draw(st.sampled_from(UNITS))
    start = near // DAY + EPOCH_DAY + draw(st.integers(-40, 3))
    ends = draw(st.none() | st.integers(1, 60)) if gaps else None
    return Rotation(
        tuple(draw(st.lists(who, min_size=1, max_size=4))),
        turn,
        format_day(start),
        draw(st.sampled_from((1, 2, 3, 12))),
        draw(st.sampled_from((0, 60, 120, 150, 180, 540, 1439)) | st.integers(0, 1439)),
        draw(st.integers(0, 6)) if turn == "weekly" else None,
        draw(st.integers(1, 28)) if turn == "monthly" else None,
        None if ends is None else format_day(start + ends),
        HoursId(draw(st.sampled_from(only))) if only and draw(st.booleans()) else None,
    )
