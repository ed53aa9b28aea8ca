"""What happens next if nobody acts, and whom it will reach: the rule itself, asked about the time to come.

Nothing here guesses: the next timer is served by the same `decide` that will serve it, and its facts are read.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.commands import Tick
from tocsin.core.incident.decide import decided
from tocsin.core.incident.due import due
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.world import World

_LOOK = "next.look"
_IDLE = 20


class Next(Struct, frozen=True):
    """At `at` (UTC microseconds) `what` happens and reaches `who`: people's ids, or `channel:NAME`.

    `who` are all whom that instant reaches, `what` tells its weightiest part; its value `people` holds ids, joined
    by ", ". `facts` are the events by which it would happen.
    """

    at: Instant
    what: Phrase
    who: tuple[PersonId, ...]
    facts: tuple[ev.Event, ...] = ()


def preview(state: Incident, world: World, now: Instant = 0) -> Next | None:
    """The next thing that happens by itself and means anything; None when nothing ever will (closed).

    Steps that will be passed over are no news and are passed over here too. `now` is only for what is overdue: it
    happens now, not then. The roster is asked about that time; load and turns of other work are today's.
    """
    coming = None
    for coming in islice(foresee(state, world, now), _IDLE):
        if coming.what.key != _LOOK:
            return coming
    return coming


def foresee(state: Incident, world: World, now: Instant = 0) -> Iterator[Next]:
    """One thing after the other, as long as nobody acts; endless while the incident is live, so take what you need.

    What is held beside another incident is taken to go on being held.
    """
    world = world if state.held_until is None else world.beside(state.sibling_of)
    while (at := due(state)) is not None:
        facts = decided(state, Tick(), world, max(at, now))
        if isinstance(facts, Refused) or not facts:
            return
        before, state = state, facts[-1][1]
        yield _next(max(at, now), tuple(event for event, _ in facts), before)


_HEADLINES: dict[type[ev.Fact], str] = {
    ev.Closed: "next.closed",
    ev.Resolved: "next.resolved",
    ev.AcknowledgementEnded: "next.lapse",
    ev.SnoozeEnded: "next.snooze_ended",
    ev.SuspensionEnded: "next.suspension_ended",
    ev.Rescued: "next.rescue",
    ev.StepEntered: "next.step",
    ev.Called: "next.call",
    ev.Climbed: "next.climb",
    ev.RequestEnded: "next.returned",
    ev.Asked: "next.ask",
    ev.LeaseAsked: "next.still_on_it",
    ev.Answered: "next.default",
    ev.Informed: "next.inform",
    ev.Rang: "next.ring",
    ev.PendingEnded: "next.pending",
    ev.FlappingEnded: "next.quiet",
    ev.HeldBeside: "next.held",
}
"""The facts that say what happens, the weightiest first."""

_WEIGHT = {kind: weight for weight, kind in enumerate(_HEADLINES)}
_WIDE = (ev.AcknowledgementEnded, ev.SnoozeEnded, ev.SuspensionEnded, ev.Rescued)
"""What these lead to is all that comes after them, in groups of their own."""

_FOLLOW: tuple[type[ev.Fact], ...] = (ev.Asked, ev.Informed)
_STARTERS: list[type[ev.Fact]] = [kind for kind in _HEADLINES if kind not in _FOLLOW]
_BEGINS: tuple[type[ev.Fact], ...] = (ev.RungFired, *_STARTERS)
"""The facts that begin something; who is asked or informed belongs to the management step before it."""

_ALONE = frozenset({"next.closed", "next.resolved", "next.default", "next.pending", "next.quiet", "next.held"})
"""What need not reach anybody to be worth saying."""


class _Group(Struct):
    """Facts that belong together, and whom they reach."""

    events: list[ev.Event]
    people: list[PersonId]

    @property
    def head(self) -> ev.Event | None:
        known = [event for event in self.events if type(event) in _WEIGHT]
        return min(known, key=lambda event: _WEIGHT[type(event)], default=None)


def _groups(events: Iterable[ev.Event], before: Incident) -> list[_Group]:
    rounds = {one.number: one.person for one in before.rounds}
    found = [_Group([], [])]
    for event in events:
        if isinstance(event, _BEGINS):
            found.append(_Group([], []))
        found[-1].events.append(event)
        found[-1].people.extend(_reached(event, rounds))
    return found


def _reached(event: ev.Event, rounds: dict[int, PersonId]) -> Iterator[PersonId]:
    match event:
        case ev.Paged():
            rounds[event.round.number] = event.round.person
            yield event.round.person
        case ev.CauseAdded() | ev.Rang() if event.round in rounds:
            yield rounds[event.round]
        case ev.Informed():
            yield from (*event.people, *(PersonId(name) for name in event.channels))
        case _:
            return


def _next(at: Instant, events: tuple[ev.Event, ...], before: Incident) -> Next:
    groups = _groups(events, before)
    everybody = tuple(dict.fromkeys(person for group in groups for person in group.people))
    headed = [(_WEIGHT[type(head)], group, head) for group in groups if (head := group.head) is not None]
    if not headed:
        return Next(at, Phrase(_LOOK), everybody, events)
    _, group, head = min(headed, key=lambda one: one[0])
    people = everybody if isinstance(head, _WIDE) else tuple(dict.fromkeys(group.people))
    key = _HEADLINES[type(head)]
    phrase = Phrase(key if people or key in _ALONE else f"{key}_nobody", _values(head, before, people))
    return Next(at, phrase, everybody, events)


def _values(event: ev.Event, before: Incident, people: tuple[PersonId, ...]) -> dict[str, str]:
    values = {"people": ", ".join(people)} if people else {}
    match event:
        case ev.StepEntered():
            return values | {"step": str(event.cursor.position + 1), "lap": str(event.cursor.lap + 1)}
        case ev.Rang():
            return values | {"methods": ", ".join(event.methods)}
        case ev.Answered():
            return values | {"option": event.option}
        case ev.AcknowledgementEnded() | ev.LeaseAsked() if before.owner:
            return values | {"person": before.owner}
        case ev.HeldBeside():
            return values | {"incident": event.first}
        case ev.Rescued():
            return values | {"round": str(event.round)}
        case _:
            return values
