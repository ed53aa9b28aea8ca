"""An incident as programs see it: in lists, and whole, with both ladders and what happens next."""

from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from tocsin.api.v1.plain import when
from tocsin.core.incident import events as ev
from tocsin.core.incident.ladders import Drawn, draw
from tocsin.core.incident.preview import Next, foresee, preview
from tocsin.core.incident.state import Incident, Request
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Link
from tocsin.core.world import World
from tocsin.lib.translate import say

AHEAD = 12
"""How many of the things to come are looked at for the picture of the ladders."""


class Coming(Struct, frozen=True):
    """What happens next: when, in words, and whom it will reach."""

    at: str
    what: str
    who: tuple[str, ...]


class Line(Struct, frozen=True):
    """An incident in a list."""

    id: str
    url: str
    title: str
    status: str
    priority: str
    kind: str
    service: str | None
    team: str
    owner: str | None
    opened_at: str | None
    updated_at: str | None
    seq: int
    next: Coming | None


class AlertView(Struct, frozen=True):
    """One condition of the source."""

    alert: str
    firing: bool
    at: str | None
    severity: str


class LeaseView(Struct, frozen=True):
    """How long the acknowledgement holds; `asked_until` while the owner is asked."""

    since: str | None
    ends_at: str | None
    asked_until: str | None


class PendingView(Struct, frozen=True):
    """What it waits for."""

    reason: str
    review_at: str | None


class RequestView(Struct, frozen=True):
    """An open ask, decision or offer: to be answered, accepted or declined by its id."""

    id: str
    purpose: str
    text: str
    who: tuple[str, ...]
    asked: tuple[str, ...]
    options: tuple[str, ...]
    default: str | None
    deadline: str | None


class StepView(Struct, frozen=True):
    """One step of a ladder; `at` is when it happened or is planned, `who` it reached or would."""

    step: int
    kind: str
    targets: tuple[str, ...]
    state: str
    at: str | None
    who: tuple[str, ...]
    wait: str | None = None
    after: str | None = None
    when: str | None = None


class LaddersView(Struct, frozen=True):
    """Both ladders with their cursors."""

    functional: tuple[StepView, ...]
    hierarchical: tuple[StepView, ...]
    lap: int
    laps: int
    exhausted: bool
    rescue: int


class LinkView(Struct, frozen=True):
    """What it is linked with. `relation` as this incident has it: `has_duplicate` and `cause_of` are said by the other.

    `to` is an incident's number, or a problem's reference where the relation is `problem`; `url` null where it leads
    nowhere. `title` and `status` are the other incident's.
    """

    to: str
    relation: str
    url: str | None
    title: str | None = None
    status: str | None = None


class UpdateView(Struct, frozen=True):
    """The latest news for those who are informed: whom it reached; where that is nobody, `hint` says why."""

    at: str | None
    by: str
    text: str
    told: tuple[str, ...]
    hint: str | None


class Whole(Struct, frozen=True):
    """Everything about one incident but its timeline.

    `siblings` keep alerts for which it has no room; `sibling_of` is the one beside which it keeps such alerts. Until
    `held_until`, when that is judged again, nobody is paged for it by itself.
    """

    id: str
    url: str
    title: str
    text: str
    status: str
    priority: str
    severity: str
    kind: str
    service: str | None
    team: str
    owner: str | None
    policy: str
    source: str
    major: bool
    confidential: bool
    opened_at: str | None
    resolved_at: str | None
    labels: Mapping[str, str]
    links: Sequence[Link]
    alerts: tuple[AlertView, ...]
    acknowledged_by: tuple[str, ...]
    lease: LeaseView | None
    suspended_until: str | None
    snoozed_until: str | None
    pending: PendingView | None
    flapping: bool
    requests: tuple[RequestView, ...]
    ladders: LaddersView
    next: Coming | None
    findings: tuple[str, ...]
    siblings: tuple[str, ...]
    sibling_of: str | None
    held_until: str | None
    linked: tuple[LinkView, ...]
    update: UpdateView | None
    seq: int


def coming(found: Next | None) -> Coming | None:
    """What happens next, or null."""
    return None if found is None else Coming(when(found.at) or "", say(found.what), found.who)


def line(state: Incident, url: str, updated_at: Instant, world: World, now: Instant) -> Line:
    """One incident for a list."""
    ahead = coming(preview(state, world, now)) if state.live else None
    return Line(
        state.id, url, state.title, state.status, state.priority, state.kind, state.service, state.team, state.owner,
        when(state.opened_at), when(updated_at), state.seq, ahead,
    )  # fmt: skip


def whole(
    state: Incident, url: str, text: str, past: Sequence[ev.Event], world: World, now: Instant,
    beside: Collection[str] = (), linked: tuple[LinkView, ...] = (), update: UpdateView | None = None,
) -> Whole:  # fmt: skip
    """One incident; `text` is its stored long text, `past` all its facts, `beside` those of its siblings, and `linked`
    what of its links, exists for whoever asks.
    """
    signal, lease, pending = state.signal, state.lease, state.pending
    return Whole(
        id=state.id,
        url=url,
        title=state.title,
        text=text,
        status=state.status,
        priority=state.priority,
        severity=state.severity,
        kind=state.kind,
        service=state.service,
        team=state.team,
        owner=state.owner,
        policy=state.policy,
        source=state.source,
        major=state.major,
        confidential=state.confidential,
        opened_at=when(state.opened_at),
        resolved_at=when(state.resolved_at),
        labels={} if signal is None else signal.labels,
        links=() if signal is None else signal.links,
        alerts=tuple(AlertView(name, one.firing, when(one.at), one.severity) for name, one in state.alerts.items()),
        acknowledged_by=state.acknowledged_by,
        lease=None if lease is None else LeaseView(when(lease.since), when(lease.ends_at), when(lease.asked_until)),
        suspended_until=when(state.suspended_until),
        snoozed_until=when(state.snoozed_until),
        pending=None if pending is None else PendingView(pending.reason, when(pending.review_at)),
        flapping=state.flap.quiet_at is not None,
        requests=tuple(_request(one) for one in state.asking),
        ladders=_ladders(state, past, world, now),
        next=coming(preview(state, world, now)) if state.status != "closed" else None,
        findings=tuple(say(one) for one in state.findings),
        siblings=tuple(one for one in state.siblings if one in beside),
        sibling_of=state.sibling_of if state.sibling_of in beside else None,
        held_until=when(state.held_until),
        linked=linked,
        update=update,
        seq=state.seq,
    )


def _request(one: Request) -> RequestView:
    text: Phrase = one.text
    return RequestView(
        one.id, one.purpose, say(text), one.current, one.asked, one.options, one.default, when(one.deadline)
    )


def _ladders(state: Incident, past: Sequence[ev.Event], world: World, now: Instant) -> LaddersView:
    ahead = list(islice(foresee(state, world, now), AHEAD)) if state.live else []
    drawn = draw(state, world, past, ahead)
    return LaddersView(
        tuple(_step(one) for one in drawn.functional),
        tuple(_step(one) for one in drawn.hierarchical),
        drawn.lap,
        drawn.laps,
        drawn.exhausted,
        drawn.rescue,
    )


def _step(one: Drawn) -> StepView:
    return StepView(
        one.index + 1,
        one.kind,
        tuple(str(target) for target in one.targets),
        one.state,
        when(one.at),
        one.who,
        wait=None if one.wait is None else str(one.wait),
        after=None if one.after is None else str(one.after),
        when=one.when,
    )
