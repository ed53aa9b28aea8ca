"""One incident whole, as values: how it stands, who is called, what is asked, both ladders, what happened and why."""

from collections.abc import Sequence

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident, Request
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.linked import partner
from tocsin.store.queries.states import Event
from tocsin.web.parts.ladders import Picture, picture
from tocsin.web.parts.references import Reference, references
from tocsin.web.parts.rows import Row
from tocsin.web.parts.timeline import Entry, entries
from tocsin.web.parts.words import Names, called_now, name_of, names_of, spoken

ALERTS_SHOWN, LABELS_SHOWN = 20, 60


class RingView(Struct, frozen=True):
    """One way of reaching somebody who is being called, at its time."""

    method: str
    state: str
    at: Instant


class CallView(Struct, frozen=True):
    """Somebody who is being called now."""

    who: str
    purpose: str
    why: str
    rings: tuple[RingView, ...]


class QuestionView(Struct, frozen=True):
    """An open ask, decision or offer. `asked` are the ids of all who may answer."""

    id: str
    purpose: str
    text: str
    who: tuple[str, ...]
    asked: tuple[PersonId, ...]
    current: tuple[PersonId, ...]
    options: tuple[str, ...]
    default: str
    deadline: Instant


class AlertView(Struct, frozen=True):
    """One condition of the source."""

    name: str
    firing: bool
    since: Instant | None
    severity: str


class News(Struct, frozen=True):
    """The latest update: whom it reached; where that is nobody, why."""

    who: tuple[str, ...]
    why: str


class Detail(Struct, frozen=True):
    """`firing` of `alerts_known` alerts fire; of alerts, labels and facts the first are shown.
    `partners` are the other incidents of which its facts speak, once for each fact.
    """

    row: Row
    text: str
    raw: bool
    team: str
    policy: str
    source: str
    severity: str
    owner: PersonId | None
    until: Instant | None
    asked_until: Instant | None
    calls: tuple[CallView, ...]
    called: tuple[PersonId, ...]
    questions: tuple[QuestionView, ...]
    alerts: tuple[AlertView, ...]
    alerts_known: int
    labels: tuple[tuple[str, str], ...]
    links: tuple[Reference, ...]
    ladders: Picture
    timeline: tuple[Entry, ...]
    events: int
    partners: tuple[str, ...]
    update: News | None


Past = Sequence[tuple[Event, ev.Event]]


def detail_of(
    state: Incident, row: Row, past: Past, words: dict[str, str], world: World, now: Instant, names: Names, shown: int
) -> Detail:
    """From an incident, its facts and the texts that those refer to by key; the latest `shown` facts are told."""
    lease, signal = state.lease, state.signal
    alerts = sorted(state.alerts.items(), key=lambda one: not one[1].firing)
    return Detail(
        row=row,
        text=words.get(state.text, ""),
        raw=signal is not None and signal.raw,
        team=state.team,
        policy=state.policy,
        source=state.source,
        severity=state.severity,
        owner=state.owner,
        until=lease.ends_at if lease is not None else None,
        asked_until=lease.asked_until if lease is not None else None,
        calls=_calls(state, names),
        called=called_now(state),
        questions=tuple(_question(one, names) for one in state.asking),
        alerts=tuple(AlertView(name, one.firing, one.at, one.severity) for name, one in alerts[:ALERTS_SHOWN]),
        alerts_known=len(alerts),
        labels=() if signal is None else tuple(sorted(signal.labels.items())[:LABELS_SHOWN]),
        links=references(state, world.rulebook, names),
        ladders=picture(state, world, [event for _, event in past], now, names),
        timeline=entries(past[-shown:], words, names),
        events=len(past),
        partners=tuple(other for _, event in past if (other := partner(event))),
        update=_news(past, names),
    )


def keys_of(state: Incident, past: Past) -> list[str]:
    """The keys of all texts that the page shows."""
    noted = [event.text for _, event in past if isinstance(event, ev.Noted | ev.Posted)]
    return [key for key in (state.text, *noted) if key]


def _news(past: Past, names: Names) -> News | None:
    latest = next((event for _, event in reversed(past) if isinstance(event, ev.Posted)), None)
    return None if latest is None else News(names_of(latest.told, names), spoken(latest.why, names))


def _calls(state: Incident, names: Names) -> tuple[CallView, ...]:
    """Whoever is being called, with the ways that are still to come; then those whom the step waits for."""
    rung = [
        CallView(
            name_of(one.person, names),
            one.purpose,
            spoken(one.causes[-1], names),
            tuple(RingView(ring.method, ring.state, ring.at) for ring in one.rings),
        )
        for one in state.rounds
    ]
    busy = {one.person for one in state.rounds}
    waited_for = (CallView(name_of(one, names), "page", "", ()) for one in called_now(state) if one not in busy)
    return (*rung, *waited_for)


def _question(one: Request, names: Names) -> QuestionView:
    return QuestionView(
        one.id, one.purpose, spoken(one.text, names), names_of(one.current, names), one.asked, one.current,
        one.options, one.default or "", one.deadline,
    )  # fmt: skip
