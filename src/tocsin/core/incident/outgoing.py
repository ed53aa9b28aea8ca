"""What a fact sends out of the building, and what it makes needless."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.ids import IncidentId, PersonId, RequestId
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import VOICE
from tocsin.core.incident.state import Incident, Ring, Round
from tocsin.core.outgoing import Message, Purpose
from tocsin.core.phrase import Phrase


class Withdrawn(Struct, frozen=True):
    """Unsent messages that are no longer wanted: of these purposes, of this request or to this person where given.

    Only those that an earlier fact sent: `Message.seq` is smaller than `seq`.
    """

    incident: IncidentId
    purposes: tuple[Purpose, ...]
    request: RequestId = RequestId("")
    person: PersonId = PersonId("")
    seq: int = 0


QUESTIONS: tuple[Purpose, ...] = ("ask", "decide", "offer")
ALL: tuple[Purpose, ...] = ("page", "inform", *QUESTIONS, "still_on_it", "taken")


def outgoing(event: ev.Event, state: Incident) -> tuple[Message, ...]:
    """The messages that `event` sends, `state` being the incident just after it. The same event gives the same ids."""
    if type(event) not in _SENDING:
        return ()
    match event:
        case ev.Paged():
            one = _round(state, event.round.number) or event.round
            return tuple(_ringing(event, state, one, ring) for ring in one.rings if ring.state == "ringing")
        case ev.Rang():
            return tuple(_rang(event, state))
        case ev.Acknowledged():
            return tuple(_taken(event, state)) if event.settled else ()
        case ev.Resolved():
            return tuple(_news(state, "over", event.why))
        case ev.Delivery():
            return tuple(_after_delivery(event, state))
        case _:
            return ()


def withdrawn(event: ev.Event, state: Incident) -> tuple[Withdrawn, ...]:
    """What `event` makes needless, `state` being the incident just after it."""
    return tuple(_needless(event, state)) if type(event) in _ENDING else ()


_SENDING = frozenset((ev.Paged, ev.Rang, ev.Acknowledged, ev.Resolved, ev.Delivery))
_ENDING = frozenset(
    (
        *(ev.Acknowledged, ev.Renewed, ev.AcknowledgementEnded, ev.Snoozed, ev.Resolved),
        *(ev.Answered, ev.Climbed, ev.RequestEnded, ev.Declined),
    )
)
"""Most facts do neither, and every fact is asked both."""


def _needless(event: ev.Event, state: Incident) -> Iterator[Withdrawn]:
    match event:
        case ev.Acknowledged():
            yield Withdrawn(state.id, ("page",), person=PersonId("") if event.settled else event.by, seq=state.seq)
            if event.lease is not None:
                yield Withdrawn(state.id, ("still_on_it",), seq=state.seq)
        case ev.Renewed() | ev.AcknowledgementEnded():
            yield Withdrawn(state.id, ("still_on_it",), seq=state.seq)
        case ev.Snoozed():
            yield Withdrawn(state.id, ("page",), seq=state.seq)
        case ev.Resolved():
            yield Withdrawn(state.id, ALL, seq=state.seq)
        case ev.Answered() | ev.Climbed() | ev.RequestEnded():
            name = event.request if isinstance(event.request, str) else event.request.id
            yield Withdrawn(state.id, QUESTIONS, request=name, seq=state.seq)
        case ev.Declined():
            purposes = QUESTIONS if event.request else ("page",)
            yield Withdrawn(state.id, purposes, request=event.request, person=event.by, seq=state.seq)
        case _:
            return


def _round(state: Incident, number: int) -> Round | None:
    return next((one for one in state.rounds if one.number == number), None)


def _rang(event: ev.Rang, state: Incident) -> Iterator[Message]:
    one = _round(state, event.round)
    for ring in one.rings if one else ():
        if one is not None and ring.method in event.methods:
            yield _ringing(event, state, one, ring)


def _ringing(event: ev.Paged | ev.Rang, state: Incident, one: Round, ring: Ring) -> Message:
    """One ring on its way. It was meant to leave when its step or entry was planned, however late it does."""
    return Message(
        id=f"{state.id}.{one.number}.{one.person}.{ring.method}",
        incident=state.id,
        seq=state.seq,
        purpose=one.purpose,
        to=one.person,
        method=ring.method,
        lane=one.lane,
        round=one.number,
        due_at=ring.at if event.due_at is None else min(ring.at, event.due_at),
        text=one.causes[-1],
        request=one.request,
        options=one.options,
    )


def _taken(event: ev.Acknowledged, state: Incident) -> Iterator[Message]:
    """Those who were called hear who has it."""
    if event.lease is None:
        return
    yield from _news(state, "taken", Phrase("taken.by", {"person": event.by}), but=event.by)


def _news(state: Incident, purpose: Purpose, text: Phrase, but: str = "") -> Iterator[Message]:
    """To everybody who got a page, by the methods that carried one, never by voice."""
    for person, methods in state.carried.items():
        quiet = [method for method in methods if method != VOICE]
        for method in quiet if person != but else ():
            yield _plain(state, purpose, PersonId(person), method, text)


def _after_delivery(event: ev.Delivery, state: Incident) -> Iterator[Message]:
    """A way that failed for good is named to its person; a call that came after the end is told of the end."""
    if event.outcome == "permanent":
        yield from _broken(event, state)
    elif event.after_end and event.method != VOICE:
        yield _plain(state, "over", event.person, event.method, Phrase("over.after"))


def _broken(event: ev.Delivery, state: Incident) -> Iterator[Message]:
    """The person is told by the ways that carried before, else by those of this round that have not failed."""
    one = _round(state, event.round)
    others = (ring.method for ring in one.rings if ring.state not in ("broken", "failing")) if one else ()
    for method in state.carried.get(event.person) or others:
        if method not in (event.method, VOICE):
            yield _plain(state, "broken", event.person, method, Phrase("broken.method", {"method": event.method}))


def _plain(state: Incident, purpose: Purpose, person: PersonId, method: str, text: Phrase) -> Message:
    return Message(
        id=f"{state.id}.{state.seq}.{person}.{method}.{purpose}",
        incident=state.id,
        seq=state.seq,
        purpose=purpose,
        to=person,
        method=method,
        lane="routine",
        round=0,
        due_at=state.at,
        text=text,
    )
