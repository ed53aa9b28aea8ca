"""Is it covered? The schedules behind a service over the days to come: who is on, and every gap in which nobody is."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.catalogue.people import Team
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ALWAYS, ScheduleId, TeamId
from tocsin.core.instant import Instant
from tocsin.core.oncall.coverage import Shift
from tocsin.core.rulebook import Rulebook
from tocsin.web.parts.words import Names, names_of, spoken

SHOWN = 6
"""Shifts of a schedule that are shown."""


class Stretch(Struct, frozen=True):
    """From `start` to `end` those are on; nobody in a gap, with the reason where it was meant."""

    start: Instant
    end: Instant
    who: tuple[str, ...]
    why: str
    meant: bool


class Cover(Struct, frozen=True):
    """A schedule over the days to come."""

    schedule: str
    shifts: tuple[Stretch, ...]
    gaps: tuple[Stretch, ...]


def schedules_of(service: Service, book: Rulebook) -> tuple[ScheduleId, ...]:
    """The schedules by which people are called for a service: its team's, and those that its policy's steps name."""
    found = [schedule for target in _targets(service, book) for schedule in _behind(target, service.team, book)]
    return tuple(dict.fromkeys(one for one in found if one in book.schedules))


def _targets(service: Service, book: Rulebook) -> Iterator[Target]:
    """Whom the steps of its policy call to work on it, one after the other."""
    policy = book.policies.get(service.policy)
    return (one for step in (policy.functional if policy else ()) for one in step.targets)


def _behind(target: Target, team: TeamId, book: Rulebook) -> Iterator[ScheduleId]:
    if target.kind == "schedule":
        yield ScheduleId(target.name)
    own = team if target.kind == "word" else TeamId(target.name) if target.kind == "team" else None
    known = book.teams.get(own) if own is not None else None
    if known is not None and known.on_call is not None:
        yield known.on_call


def by_hours(service: Service, book: Rulebook) -> tuple[Team, ...]:
    """The teams among those called first that have no schedule: their members are called in the team's hours."""
    called = (one for one in _targets(service, book) if one.kind in ("word", "team"))
    names = (service.team if one.kind == "word" else TeamId(one.name) for one in called)
    teams = (book.teams.get(name) for name in dict.fromkeys(names))
    return tuple(team for team in teams if team is not None and team.on_call is None)


def shut_at_times(team: Team, book: Rulebook) -> bool:
    """Whether there are hours in which the team is not called."""
    return team.hours != ALWAYS and team.hours in book.hours


def cover_of(schedule: ScheduleId, laid: tuple[Shift, ...], now: Instant, names: Names) -> Cover:
    """In words."""
    ahead = [one for one in laid if one.end > now]
    told = [_stretch(one, names) for one in ahead]
    return Cover(schedule, tuple(told[:SHOWN]), tuple(one for one in told if not one.who))


def _stretch(one: Shift, names: Names) -> Stretch:
    why = spoken(one.why[0], names) if one.gap and one.why else ""
    return Stretch(one.start, one.end, names_of(one.people, names), why, one.deliberate)
