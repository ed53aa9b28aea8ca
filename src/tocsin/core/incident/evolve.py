"""One fact applied to an incident. Facts hold what was chosen, so nothing is decided here."""

from collections.abc import Callable
from typing import Any, assert_never

from msgspec.structs import replace

from tocsin.core.ids import IncidentId, PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.events_undo import applied
from tocsin.core.incident.evolve_calls import functional, hierarchical, paging, without
from tocsin.core.incident.state import Flap, Incident, Lease, Linked, Pending, Round
from tocsin.core.instant import HOUR, MINUTE, Duration, Instant
from tocsin.core.outgoing import Purpose
from tocsin.core.signal import TITLE_LIMIT, Signal


def initial(stream: str) -> Incident:
    """The incident before its first event."""
    return Incident(id=IncidentId(stream))


def evolve(state: Incident, event: ev.Event) -> Incident:
    """`state` after `event`; the sequence grows by one and the incident's clock never goes back."""
    at = event.at if event.at > state.at else state.at  # noqa: FURB136  it costs a third, and is asked of every fact
    return APPLY[type(event)](replace(state, seq=state.seq + 1, at=at), event)


def _signals(state: Incident, event: ev.SignalEvent) -> Incident:
    match event:
        case ev.Opened():
            return _opened(state, event)
        case ev.Signalled():
            return replace(
                state,
                signal=event.signal,
                alerts={**state.alerts, **event.alerts},
                severity=event.severity,
                text=event.text or state.text,
                reports=counted(state.reports, event.at, len(event.alerts)),
            )
        case ev.Repeated():
            return replace(state, reports=counted(state.reports, event.at, event.n), repeated_at=event.at)
        case ev.Suspended():
            return replace(state, suspended_until=event.until, rounds=_without(state.rounds, ("page",)))
        case ev.SuspensionEnded():
            return replace(state, suspended_until=None)
        case ev.Ignored():
            return state
        case _:
            assert_never(event)


def _opened(state: Incident, event: ev.Opened) -> Incident:
    """In two halves: a call that names more than fifteen things costs ten times as much."""
    begun = replace(
        state,
        status="open",
        moved=state.seq,
        scope=event.scope,
        key=event.key,
        source=event.source,
        kind=event.kind,
        title=event.title,
        text=event.text,
        service=event.service,
        team=event.team,
        policy=event.policy,
        digest=event.digest,
        opened_at=event.at,
    )
    return replace(
        begun,
        priority=event.priority,
        major=event.major,
        confidential=event.confidential,
        signal=event.signal,
        severity=event.severity,
        alerts=event.alerts,
        reports={str(event.at // MINUTE): len(event.alerts)},
        repeated_at=event.at,
        ladder_start=event.at,
        hierarchical=event.ladder,
        criteria=dict.fromkeys(event.criteria, event.at),
    )


def counted(reports: dict[str, int], at: Instant, n: int) -> dict[str, int]:
    """Reports by minute, of the last hour: what the condition function reports('10m') reads."""
    minute = at // MINUTE
    kept = {key: count for key, count in reports.items() if int(key) > minute - 60}
    kept[str(minute)] = kept.get(str(minute), 0) + n
    return kept


def _siblings(state: Incident, event: ev.SiblingEvent) -> Incident:
    match event:
        case ev.Overflowed():
            return replace(state, siblings=event.siblings, severity=event.severity)
        case ev.HeldBeside():
            return replace(state, sibling_of=event.first, held_until=event.until)
        case ev.Stood():
            state = replace(state, held_until=None, sibling_of=event.beside, siblings=event.siblings)
            return replace(state, hierarchical=event.ladder, ladder_start=event.at) if event.ladder else state
        case ev.Succeeded():
            return replace(state, siblings=())
        case _:
            assert_never(event)


def _rules(state: Incident, event: ev.RuleEvent) -> Incident:
    match event:
        case ev.Prioritised():
            return replace(state, priority=event.priority, moved=state.seq)
        case ev.Flagged():
            named = dict.fromkeys(event.criteria, event.at)
            return replace(
                state,
                major=state.major or event.major,
                confidential=state.confidential or event.confidential,
                criteria={**state.criteria, **named},
            )
        case ev.Repoliced():
            return replace(
                state,
                policy=event.policy,
                digest=event.digest,
                ladder_start=event.at,
                hierarchical=event.ladder,
                functional=type(state.functional)(),
            )
        case ev.Found():
            known = event.finding in state.findings
            return state if known else replace(state, findings=(*state.findings, event.finding)[-20:])
        case _:
            assert_never(event)


def _ownership(state: Incident, event: ev.OwnerEvent) -> Incident:
    match event:
        case ev.Acknowledged():
            return _acknowledged(state, event)
        case ev.Renewed():
            return replace(state, lease=event.lease, rounds=_without(state.rounds, ("still_on_it",)))
        case ev.LeaseAsked():
            lease = state.lease
            return state if lease is None else replace(state, lease=replace(lease, asked_until=event.until))
        case ev.AcknowledgementEnded():
            rounds = _without(state.rounds, ("still_on_it",))
            state = replace(state, status="open", owner=None, lease=None, acknowledged_by=(), rounds=rounds)
            return replace(state, moved=state.seq)
        case ev.HandedOver():
            changed = state.team != event.team
            transfers = (*state.transfers, (state.team, event.team))[-10:] if changed else state.transfers
            return replace(state, team=event.team, transfers=transfers)
        case _:
            assert_never(event)


def _acknowledged(state: Incident, event: ev.Acknowledged) -> Incident:
    by = state.acknowledged_by if event.by in state.acknowledged_by else (*state.acknowledged_by, event.by)
    over: tuple[Purpose, ...] = ()
    if event.lease is not None:
        over, lease = ("still_on_it",), event.lease
        state = replace(state, status="acknowledged", owner=event.by, lease=lease, moved=state.seq, held_until=None)
    if not event.settled:
        state = replace(state, acknowledged_by=by, rounds=_without(state.rounds, over))
        return _still_needs_others(state, event.by)
    return replace(
        state,
        acknowledged_by=by,
        suspended_until=None,
        rounds=_without(state.rounds, (*over, "page")),
        functional=replace(state.functional, due_at=event.next_at, call_at=None, queue=(), shut=False),
    )


def _still_needs_others(state: Incident, by: PersonId) -> Incident:
    """They are called no longer and do not wait for their turn; the step counts on the others."""
    cursor = state.functional
    called, queue = (tuple(one for one in people if one != by) for people in (cursor.called, cursor.queue))
    rounds = _without(state.rounds, ("page",), by)
    return replace(state, rounds=rounds, functional=replace(cursor, called=called, queue=queue))


def _requests(state: Incident, event: ev.RequestEvent) -> Incident:
    match event:
        case ev.Asked():
            return replace(state, requests=(*state.requests, event.request), request=state.request + 1)
        case ev.Climbed():
            others = tuple(event.request if one.id == event.request.id else one for one in state.requests)
            return _without_calls(replace(state, requests=others), event.request.id)
        case ev.Answered() | ev.RequestEnded():
            kept = tuple(one for one in state.requests if one.id != event.request)
            return _without_calls(replace(state, requests=kept), event.request)
        case ev.Declined():
            return _declined(state, event)
        case _:
            assert_never(event)


def _declined(state: Incident, event: ev.Declined) -> Incident:
    if event.request:
        rounds = tuple(one for one in state.rounds if (one.person, one.request) != (event.by, event.request))
        return replace(state, rounds=rounds, requests=without(state.requests, event.request, event.by))
    cursor = state.functional
    called = tuple(one for one in cursor.called if one != event.by)
    tried = tuple(dict.fromkeys((*cursor.tried, event.by)))
    rounds = _without(state.rounds, ("page",), event.by)
    return replace(state, rounds=rounds, functional=replace(cursor, called=called, tried=tried))


def _without(rounds: tuple[Round, ...], purposes: tuple[Purpose, ...], person: str = "") -> tuple[Round, ...]:
    """The rounds that go on when those for these purposes (of one person, where given) end."""
    return tuple([one for one in rounds if one.purpose not in purposes or person not in ("", one.person)])


def _without_calls(state: Incident, request: str) -> Incident:
    return replace(state, rounds=tuple(one for one in state.rounds if one.request != request))


def _overlays(state: Incident, event: ev.OverlayEvent) -> Incident:
    match event:
        case ev.Snoozed():
            return replace(state, snoozed_until=event.until, rounds=_without(state.rounds, ("page",)))
        case ev.SnoozeEnded():
            return replace(state, snoozed_until=None)
        case ev.Pended():
            return replace(state, pending=Pending(event.reason, event.review_at))
        case ev.PendingEnded():
            return replace(state, pending=None)
        case ev.Undone():
            return replace(applied(state, event.before), moved=state.seq)
        case ev.Linked():
            others = tuple(one for one in state.linked if one.to != event.to)
            return replace(state, linked=(*others, Linked(event.to, event.relation, event.back)))
        case ev.Unlinked():
            return replace(state, linked=tuple(one for one in state.linked if one.to != event.to))
        case ev.Noted() | ev.Posted() | ev.Late():
            return state
        case _:
            assert_never(event)


def _ends(state: Incident, event: ev.EndEvent) -> Incident:
    match event:
        case ev.Resolved():
            quiet = {key: replace(alert, firing=False) for key, alert in state.alerts.items()}
            return replace(
                state,
                status="resolved",
                moved=state.seq,
                resolved_at=event.at,
                close_at=event.close_at,
                alerts=quiet,
                rounds=(),
                snoozed_until=None,
                held_until=None,
                pending=None,
                flap=replace(state.flap, quiet_at=None),
            )
        case ev.Reopened():
            return _reopened(state, event)
        case ev.FlappingBegan() | ev.FlappingWent():
            return replace(state, flap=replace(state.flap, quiet_at=event.quiet_at))
        case ev.FlappingEnded():
            return replace(state, flap=replace(state.flap, quiet_at=None))
        case ev.Closed():
            ended = replace(state, status="closed", moved=state.seq, close_at=None, resolved_at=None)
            return replace(ended, requests=(), suspended_until=None)
        case _:
            assert_never(event)


def _reopened(state: Incident, event: ev.Reopened) -> Incident:
    state = replace(state, resolved_at=None, close_at=None, moved=state.seq, suspended_until=None)
    state = replace(state, reopened=state.reopened + 1)
    if not event.flap:
        fresh = type(state.functional)()
        state = replace(state, status="open", owner=None, lease=None, acknowledged_by=(), functional=fresh)
        return replace(state, hierarchical=event.ladder, ladder_start=event.at, flap=Flap(), requests=())
    recent = tuple(at for at in state.flap.reopened if at > event.at - HOUR)
    cycle = (event.at,) if event.by.startswith("source:") else ()
    return replace(
        state,
        status="acknowledged" if state.owner else "open",
        lease=_moved(state.lease, event.shift),
        requests=tuple(replace(one, deadline=one.deadline + event.shift) for one in state.requests),
        functional=replace(
            state.functional,
            due_at=_later(state.functional.due_at, event.shift),
            call_at=_later(state.functional.call_at, event.shift),
        ),
        flap=Flap((*recent, *cycle)),
    )


def _later(at: Instant | None, shift: Duration) -> Instant | None:
    return None if at is None else at + shift


def _moved(lease: Lease | None, shift: Duration) -> Lease | None:
    if lease is None:
        return None
    return replace(lease, ends_at=lease.ends_at + shift, asked_until=_later(lease.asked_until, shift))


LABEL_BYTES = 4096
"""What the labels of a signal may take in a state, shortest first."""


def trimmed(signal: Signal) -> Signal:
    """A signal as events and state keep it: no long text, few labels and links, so that a state stays small."""
    labels = _few(signal.labels)
    if labels is signal.labels and not (signal.text or signal.links) and len(signal.title) <= TITLE_LIMIT:
        return signal
    links = tuple(link for link in signal.links[:8] if len(link.href) + len(link.text) <= 512)
    return replace(signal, text="", labels=labels, links=links, title=signal.title[:TITLE_LIMIT])


def _few(labels: dict[str, str]) -> dict[str, str]:
    if sum(map(len, (*labels, *labels.values()))) <= LABEL_BYTES // 4:
        return labels
    left = LABEL_BYTES
    kept: dict[str, str] = {}
    for name, value in sorted(labels.items(), key=lambda item: (len(item[0]) + len(item[1]), item)):
        name, value = name[:64], value[:256]
        left -= len(name.encode("utf-8", "replace")) + len(value.encode("utf-8", "replace"))
        if left < 0:
            break
        kept[name] = value
    return kept


_GROUPS: tuple[tuple[Any, Callable[[Incident, Any], Incident]], ...] = (
    (ev.SignalEvent, _signals),
    (ev.SiblingEvent, _siblings),
    (ev.RuleEvent, _rules),
    (ev.FunctionalEvent, functional),
    (ev.PagingEvent, paging),
    (ev.HierarchicalEvent, hierarchical),
    (ev.OwnerEvent, _ownership),
    (ev.RequestEvent, _requests),
    (ev.OverlayEvent, _overlays),
    (ev.EndEvent, _ends),
)
APPLY = {kind: apply for group, apply in _GROUPS for kind in group.__args__}
"""Who applies which fact; each group is closed by its own exhaustive match, and all of them together are `Event`."""
