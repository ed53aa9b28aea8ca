"""The values of the live page: incidents by urgency, one of them whole, and its messages."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, may, privy, sees
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident, Request
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.working import decode_event, decode_state
from tocsin.store import texts
from tocsin.store.contract import ENDED
from tocsin.store.queries import sent
from tocsin.store.queries.board import LIVE, Filter, board
from tocsin.store.queries.states import Event, events_of, state_of
from tocsin.web.pages.link.view import Reference, references
from tocsin.web.parts.coming import Coming, Foresight, told
from tocsin.web.parts.ladders import Picture, picture
from tocsin.web.parts.letters import Causes, LetterView, causes_of, letters
from tocsin.web.parts.timeline import Entry, entries
from tocsin.web.parts.words import Names, called_now, name_of, names_of, spoken, zone_at

LIVE_SHOWN, ENDED_SHOWN, MESSAGES_SHOWN, EVENTS_SHOWN, ALERTS_SHOWN = 60, 6, 40, 300, 12


class Row(Struct, frozen=True):
    """An incident in the list."""

    id: str
    seq: int
    title: str
    priority: str
    status: str
    service: str
    owner: str
    since: Instant
    live: bool
    next: Coming | None


class RingView(Struct, frozen=True):
    """One way of reaching somebody who is being called, at its time."""

    method: str
    state: str
    at: Instant


class CallView(Struct, frozen=True):
    """Somebody who is being called now."""

    who: str
    purpose: str
    rings: tuple[RingView, ...]


class QuestionView(Struct, frozen=True):
    """An open ask, decision or offer."""

    id: str
    purpose: str
    text: str
    who: tuple[str, ...]
    options: tuple[str, ...]
    deadline: Instant


class AlertView(Struct, frozen=True):
    name: str
    firing: bool
    since: Instant | None


class Detail(Struct, frozen=True):
    """One incident whole."""

    row: Row
    text: str
    zone: str
    team: str
    policy: str
    source: str
    severity: str
    confidential: bool
    major: bool
    until: Instant | None
    asked_until: Instant | None
    snoozed_until: Instant | None
    resolved_at: Instant | None
    calls: tuple[CallView, ...]
    questions: tuple[QuestionView, ...]
    alerts: tuple[AlertView, ...]
    firing: int
    labels: tuple[tuple[str, str], ...]
    links: tuple[Reference, ...]
    findings: tuple[str, ...]
    ladders: Picture
    timeline: tuple[Entry, ...]
    events: int


class Seen(Struct, frozen=True):
    """Everything on the page. `people` are all who may act, those being called first."""

    rows: tuple[Row, ...]
    ended: tuple[Row, ...]
    chosen: str
    detail: Detail | None
    letters: tuple[LetterView, ...] | None
    people: tuple[tuple[str, str], ...]
    missing: str


class Gallery:
    """Makes the values, and remembers what took work until it changes."""

    def __init__(self) -> None:
        self._foresight = Foresight()
        self._known: OrderedDict[tuple[str, int, str], tuple[World, Detail, Causes]] = OrderedDict()

    def seen(
        self, connection: Connection, viewer: Caller, wanted: str, world: World, now: Instant, names: Names,
        *, demo: bool,
    ) -> Seen:  # fmt: skip
        """What that viewer sees: `wanted` if it exists for them, else the most urgent incident."""
        rows = self._rows(connection, viewer, LIVE, LIVE_SHOWN, world, now, names)
        ended = self._rows(connection, viewer, ENDED, ENDED_SHOWN, world, now, names)
        state = _visible(connection, viewer, wanted or next((one.id for one in (*rows, *ended)), ""), world)
        detail, messages = None, None
        if state is not None:
            detail, causes = self._detail(connection, state, world, now, names)
            if may(viewer, "outbox.read"):
                found = sent.of_incident(connection, state.id, MESSAGES_SHOWN)
                messages = letters(found, causes, names, links=demo)
        return Seen(
            rows=rows,
            ended=ended,
            chosen=state.id if state is not None else "",
            detail=detail,
            letters=messages,
            people=_actors(state, world, names),
            missing=wanted if wanted and state is None else "",
        )

    def _rows(
        self, connection: Connection, viewer: Caller, statuses: tuple[str, ...], limit: int, world: World,
        now: Instant, names: Names,
    ) -> tuple[Row, ...]:  # fmt: skip
        found, _ = board(connection, Filter(statuses, confidential=privy(viewer)), limit)
        states = (decode_state(row.state) for row in found)
        return tuple(self._row(one, world, now, names) for one in states if sees(viewer, one, world.rulebook))

    def _row(self, state: Incident, world: World, now: Instant, names: Names) -> Row:
        coming = self._foresight.next_of(state, world, now) if state.live else None
        return Row(
            state.id, state.seq, state.title, state.priority, state.status, state.service or "",
            name_of(state.owner, names) if state.owner else "", state.opened_at, state.live, told(coming, names),
        )  # fmt: skip

    def _detail(
        self, connection: Connection, state: Incident, world: World, now: Instant, names: Names
    ) -> tuple[Detail, Causes]:
        key = (state.id, state.seq, str(hash((names.language, *names.people.items()))))
        known = self._known.get(key)
        if known is not None and known[0] is world:
            return known[1:]
        kept = [(row, decode_event(row.body)) for row in events_of(connection, state.id)]
        text = texts.find(connection, state.text) if state.text else ""
        made = _made(state, kept, text, self._row(state, world, now, names), world, now, names)
        causes = causes_of([event for _, event in kept], names)
        self._known[key] = (world, made, causes)
        if len(self._known) > 64:
            self._known.popitem(last=False)
        return made, causes


def _made(
    state: Incident, kept: Sequence[tuple[Event, ev.Event]], long_text: str, row: Row, world: World, now: Instant,
    names: Names,
) -> Detail:  # fmt: skip
    lease, signal = state.lease, state.signal
    return Detail(
        row=row,
        text=long_text,
        zone=zone_at(state.team, world.rulebook),
        team=state.team,
        policy=state.policy,
        source=state.source,
        severity=state.severity,
        confidential=state.confidential,
        major=state.major,
        until=lease.ends_at if lease is not None else None,
        asked_until=lease.asked_until if lease is not None else None,
        snoozed_until=state.snoozed_until,
        resolved_at=state.resolved_at,
        calls=_calls(state, names),
        questions=tuple(_question(one, names) for one in state.requests),
        alerts=tuple(AlertView(name, one.firing, one.at) for name, one in list(state.alerts.items())[:ALERTS_SHOWN]),
        firing=sum(one.firing for one in state.alerts.values()),
        labels=() if signal is None else tuple(sorted(signal.labels.items())),
        links=references(state, world.rulebook, names),
        findings=tuple(spoken(one, names) for one in state.findings),
        ladders=picture(state, world, [event for _, event in kept], now, names),
        timeline=entries(kept[-EVENTS_SHOWN:], names),
        events=len(kept),
    )


def _visible(connection: Connection, viewer: Caller, name: str, world: World) -> Incident | None:
    body = state_of(connection, name) if name else None
    state = None if body is None else decode_state(body)
    known = state is not None and state.status != "new" and sees(viewer, state, world.rulebook)
    return state if known else None


def _calls(state: Incident, names: Names) -> tuple[CallView, ...]:
    """Whoever is being called, with the ways that are still to come; then those whom the step waits for."""
    rung = [
        CallView(
            name_of(one.person, names),
            one.purpose,
            tuple(RingView(ring.method, ring.state, ring.at) for ring in one.rings),
        )
        for one in state.rounds
    ]
    busy = {one.person for one in state.rounds}
    waited_for = (CallView(name_of(one, names), "page", ()) for one in called_now(state) if one not in busy)
    return (*rung, *waited_for)


def _question(one: Request, names: Names) -> QuestionView:
    who = names_of(one.current, names)
    return QuestionView(one.id, one.purpose, spoken(one.text, names), who, one.options, one.deadline)


def _actors(state: Incident | None, world: World, names: Names) -> tuple[tuple[str, str], ...]:
    """Whoever is being called first, then the owner, then everybody by name."""
    if state is None or not state.live:
        return ()
    first = called_now(state)[:3] if state.owner is None else (state.owner,)
    everybody = sorted(world.rulebook.people, key=lambda one: name_of(one, names))
    return tuple(
        (one, name_of(one, names)) for one in dict.fromkeys((*first, *everybody)) if one in world.rulebook.people
    )


def mark(value: Any) -> str:
    """Changes when the value does, and with nothing else: not with the time."""
    return sha256(msgspec.json.encode(value)).hexdigest()[:16]
