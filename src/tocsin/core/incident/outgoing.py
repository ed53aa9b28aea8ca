"""What a fact sends out of the building, and what it makes needless."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

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

    def means(self, message: Message) -> bool:
        """Whether that message is one of them."""
        fits = message.incident == self.incident and message.purpose in self.purposes and message.seq < self.seq
        return fits and self.request in ("", message.request) and self.person in ("", message.to)


UPDATE = "update.by"
"""The reason of an update's messages; its value `text` is the key under which the words are stored."""

QUESTIONS: tuple[Purpose, ...] = ("ask", "decide", "offer")
ALL: tuple[Purpose, ...] = ("page", "inform", *QUESTIONS, "still_on_it", "taken", "undone")


def outgoing(event: ev.Event, state: Incident) -> tuple[Message, ...]:
    """The messages that `event` sends, `state` being the incident just after it. The same event gives the same ids."""
    send = _SENDING.get(type(event))
    sent = () if send is None else tuple(send(event, state))
    return sent if len(sent) < 2 else tuple([replace(one, nth=nth) for nth, one in enumerate(sent)])


def withdrawn(event: ev.Event, state: Incident) -> tuple[Withdrawn, ...]:
    """What `event` makes needless, `state` being the incident just after it."""
    return tuple(_needless(event, state)) if type(event) in _ENDING else ()


_ENDING = frozenset(
    (
        *(ev.Acknowledged, ev.Renewed, ev.AcknowledgementEnded, ev.Snoozed, ev.Resolved),
        *(ev.Answered, ev.Climbed, ev.RequestEnded, ev.Declined, ev.Undone),
    )
)
"""Most facts end nothing, and every fact is asked."""


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
        case ev.Undone():
            yield from _of_the_act(event, state)
        case _:
            return


def _of_the_act(event: ev.Undone, state: Incident) -> Iterator[Withdrawn]:
    """What an act that was taken back has sent, and what told of it."""
    news: tuple[Purpose, ...] = ("over",) if event.act == "resolve" else ("taken",)
    yield Withdrawn(state.id, news, seq=state.seq)
    for person in event.called:
        yield Withdrawn(state.id, ("page",), person=person, seq=state.seq)
    for request in event.requests:
        yield Withdrawn(state.id, QUESTIONS, request=request, seq=state.seq)


def _round(state: Incident, number: int) -> Round | None:
    for one in state.rounds:
        if one.number == number:
            return one
    return None


def _paged(event: ev.Paged, state: Incident) -> list[Message]:
    one = _round(state, event.round.number) or event.round
    return [_ringing(event, state, one, ring) for ring in one.rings if ring.state == "ringing"]


def _rang(event: ev.Rang, state: Incident) -> Iterator[Message]:
    one = _round(state, event.round)
    for ring in one.rings if one else ():
        if one is not None and ring.method in event.methods:
            yield _ringing(event, state, one, ring)


def again(state: Incident) -> Iterator[Message]:
    """The calls that `state` counts on, under their own ids: what is on its way, or has left, is not sent twice."""
    for one in state.rounds if state.live else ():
        for ring in one.rings:
            if ring.state in ("ringing", "failing"):
                yield _ringing(None, state, one, ring)


def _undone(event: ev.Undone, state: Incident) -> Iterator[Message]:
    yield from again(state)
    yield from _others_again(event, state)
    yield from _taken_back(event, state)


def _others_again(event: ev.Undone, state: Incident) -> Iterator[Message]:
    for message in event.again:
        yield replace(message, seq=state.seq)


def _taken_back(event: ev.Undone, state: Incident) -> Iterator[Message]:
    """Those who heard of the act hear that it was taken back; where it is over all the same, that was said."""
    text = Phrase(f"undone.{event.act}", {"by": event.by})
    for person in event.told if state.live else ():
        for method in state.carried.get(person, ()):
            if method != VOICE:
                yield _plain(state, "undone", person, method, text)


def _ringing(event: ev.Paged | ev.Rang | None, state: Incident, one: Round, ring: Ring) -> Message:
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
        due_at=ring.at if event is None or event.due_at is None else min(ring.at, event.due_at),
        text=one.causes[-1],
        request=one.request,
        options=one.options,
    )


def _taken(event: ev.Acknowledged, state: Incident) -> Iterator[Message]:
    """Those who were called hear who has it."""
    if event.settled and event.lease is not None:
        yield from _news(state, "taken", Phrase("taken.by", {"person": event.by}), but=event.by)


def _resolved(event: ev.Resolved, state: Incident) -> Iterator[Message]:
    return _news(state, "over", event.why)


def _news(state: Incident, purpose: Purpose, text: Phrase, but: str = "") -> Iterator[Message]:
    """To everybody who got a page, by the methods that carried one, never by voice."""
    for person, methods in state.carried.items():
        quiet = [method for method in methods if method != VOICE]
        for method in quiet if person != but else ():
            yield _plain(state, purpose, PersonId(person), method, text)


def _posted(event: ev.Posted, state: Incident) -> Iterator[Message]:
    """Each update is a message of its own; its words are found by their key when it is sent."""
    news = Phrase(UPDATE, {"by": event.by, "text": event.text})
    for person, methods in event.told.items():
        for method in methods:
            yield _plain(state, "inform", person, method, news)


def _after_delivery(event: ev.Delivery, state: Incident) -> Iterable[Message]:
    """A way that failed for good is named to its person; a call that came after the end is told of the end."""
    if event.outcome == "permanent":
        return _broken(event, state)
    if event.after_end and event.method != VOICE:
        return (_plain(state, "over", event.person, event.method, Phrase("over.after")),)
    return ()


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


_SENDING: dict[type, Callable[[Any, Incident], Iterable[Message]]] = {
    ev.Paged: _paged,
    ev.Rang: _rang,
    ev.Acknowledged: _taken,
    ev.Resolved: _resolved,
    ev.Delivery: _after_delivery,
    ev.Posted: _posted,
    ev.Undone: _undone,
}
"""What sends anything, and what it sends; every fact is asked, and most send nothing."""
