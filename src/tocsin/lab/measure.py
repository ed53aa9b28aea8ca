"""What an incident cost and achieved, measured on its transcript: when a human heard of it, how often who was called"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from tocsin.core.calendar.zones import local_time
from tocsin.core.incident import events as ev
from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import CHANNEL
from tocsin.lab.simulator import Transcript, Tried

NIGHT_FROM, NIGHT_TO = 22, 6
"""Hours of the wall clock between which a call wakes somebody."""

CALLS = ("page", "ask", "decide", "offer", "still_on_it")
"""Purposes for which somebody is called, and not only told."""


class Measured(Struct, frozen=True):
    """One run. Durations count from the opening, None where it never came to that.

    `reached` is when the first call arrived at any human, `acknowledged` when the first said "I am working on it".
    `pages[person]` are rounds of calling, each once, however many methods it had; `night` are those of them that began
    between 22 and 6 o'clock. `management` is whether any human was asked, had to decide or was informed, as a step
    of the hierarchical ladder or a criterion says; `exhausted` whether the functional ladder ran out.
    """

    at: Instant
    reached: Duration | None = None
    acknowledged: Duration | None = None
    resolved: Duration | None = None
    pages: dict[str, int] = {}
    night: dict[str, int] = {}
    exhausted: bool = False
    management: bool = False


def measure(
    transcript: Transcript, opened: Instant, zones: Mapping[str, str], zone: str, ahead: Duration = 0
) -> Measured:
    """Of all incidents of a transcript together. `zones` are people's own; `zone` is everybody else's. Their clocks are
    so much `ahead` of the transcript's.
    """
    reached: Instant | None = None
    pages: dict[str, int] = {}
    night: dict[str, int] = {}
    for one in _calls(transcript.tried):
        person, at = one.message.to, one.at
        reached = at if reached is None or at < reached else reached
        pages[person] = pages.get(person, 0) + 1
        if at_night(at + ahead, zones.get(person, zone)):
            night[person] = night.get(person, 0) + 1
    first: dict[type, Instant] = {}
    management = False
    for told in transcript.told:
        kind = type(told.event)
        if kind in _TELLING and (kind not in first or told.event.at < first[kind]):
            first[kind] = told.event.at
        elif kind in _MANAGING and not management:
            management = _manages(told.event)
    return Measured(
        opened + ahead,
        _since(opened, reached),
        _since(opened, first.get(ev.Acknowledged)),
        _since(opened, first.get(ev.Resolved)),
        pages,
        night,
        ev.Exhausted in first,
        management,
    )


_TELLING = frozenset((ev.Acknowledged, ev.Resolved, ev.Exhausted))
_MANAGING = frozenset((ev.Informed, ev.Asked, ev.Climbed))


def _manages(event: object) -> bool:
    """Whether management hears of it by that; a step whose time comes may find nobody whom it could tell."""
    match event:
        case ev.Informed(people=people):
            return bool(people)
        case ev.Asked(request=request) | ev.Climbed(request=request):
            return request.purpose != "offer" and any(not one.startswith(CHANNEL) for one in request.current)
        case _:
            return False


def _calls(tried: Iterable[Tried]) -> Iterable[Tried]:
    """The first message of each round of calling that arrived at a human."""
    rounds: dict[tuple[str, int], Tried] = {}
    for one in tried:
        message = one.message
        if one.outcome == "sent" and message.purpose in CALLS and message.method != "channel":
            rounds.setdefault((message.incident, message.round), one)
    return rounds.values()


def zones_of(rulebook: Rulebook) -> dict[str, str]:
    """In whose zone each person sleeps, as far as a rulebook tells: that of a schedule they have turns in, else that of
    their team's hours. Whoever is not named lives in the organisation's.
    """
    found: dict[str, str] = {}
    for schedule in rulebook.schedules.values():
        for rotation in schedule.rotations:
            found |= {person: schedule.timezone for person in rotation.people if person not in found}
    for team in rulebook.teams.values():
        hours = rulebook.hours.get(team.hours)
        if hours is not None:
            found |= {person: hours.timezone for person in team.members if person not in found}
    return found


def at_night(at: Instant, zone: str) -> bool:
    """Whether the wall clock there shows a time between 22:00 and 06:00."""
    hour = local_time(zone, at) % DAY // HOUR
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def _since(opened: Instant, at: Instant | None) -> Duration | None:
    return None if at is None else at - opened
