"""From a signal to an incident: which service, team and policy it stands with, how bad it is, what criteria raise."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority, worst
from tocsin.core.ids import PolicyId, ServiceId, SourceId, TeamId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, trimmed
from tocsin.core.incident.functional import advance
from tocsin.core.incident.hierarchical import at_once, perform, plan
from tocsin.core.incident.siblings import hold, kept_beside
from tocsin.core.incident.state import ALERT_LIMIT, SEVERITY_LIMIT, Alert, Incident, alert_id
from tocsin.core.incident.turn import Turn, context_of, seen
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import Conditions, Context, Error
from tocsin.core.routing.criterion import Criterion
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import TITLE_LIMIT, Signal
from tocsin.core.world import World


class Route(Struct, frozen=True, gc=False):
    """Where a signal goes. `finding` says why it runs under `unrouted`, None where it does not."""

    service: ServiceId | None
    team: TeamId
    policy: PolicyId
    priority: Priority
    finding: Phrase | None = None


class Verdict(Struct, frozen=True, gc=False):
    """What the criteria say of an incident as it stands: those that apply, and those that could not be judged."""

    applied: tuple[Criterion, ...]
    errors: tuple[Phrase, ...]


NOTHING = Verdict((), ())


def route(signal: Signal, source: SourceId, rulebook: Rulebook) -> Route:
    """The service that the signal names, by itself or as its source says, else `unrouted` with a finding.

    What could not be parsed names nothing, wherever it came from.
    """
    name = signal.service or _named(signal, source, rulebook)
    service = rulebook.service_of(name)
    claimed = rulebook.priorities.of_severity(signal.severity)
    if service is not None and not signal.raw:
        return Route(service.id, service.team, service.policy, claimed)
    nowhere = rulebook.unrouted
    return Route(None, nowhere.team, nowhere.policy, worst(nowhere.priority, claimed), _lost(signal, name))


def _lost(signal: Signal, name: str) -> Phrase:
    if signal.raw:
        return Phrase("finding.raw")
    return Phrase("finding.unknown_service", {"service": name}) if name else Phrase("finding.no_service")


def _named(signal: Signal, source: SourceId, rulebook: Rulebook) -> str:
    known = rulebook.sources.get(source)
    if known is None:
        return signal.labels.get("service", "")
    if known.service.startswith("label:"):
        return signal.labels.get(known.service.removeprefix("label:"), "")
    return known.service


def open_incident(turn: Turn, report: cmd.Report, triggers: Sequence[Signal]) -> None:
    """The first report of an incident: route it, judge it, plan both ladders and enter the first step.

    Beside another incident, which has no room for its alerts, it only keeps them: both ladders wait. `triggers` are
    those of its signals, at least one.
    """
    way = route(triggers[0], report.source, turn.world.rulebook)
    alerts, left_out = alerts_of(report.signals)
    opened = _unjudged(turn, report, triggers[0], way, alerts)
    state = evolve(turn.state, opened)
    verdict = judge(state, turn.world, turn.now, triggers)
    if verdict.applied:
        opened = _raised(turn, opened, verdict.applied)
    if report.beside is not None:
        opened = kept_beside(opened, report.beside)
    turn.emit(opened, None if verdict.applied or report.beside is not None else state)
    if way.finding is not None:
        turn.find(way.finding)
    for finding in verdict.errors:
        turn.find(finding)
    if left_out:
        turn.emit(too_many(turn, left_out))
    if report.beside is not None:
        hold(turn, report.beside.first)
        return
    advance(turn, Phrase("step.opened_now"))
    at_once(turn)
    for criterion in verdict.applied:
        _escalate(turn, criterion)


def alerts_of(signals: tuple[Signal, ...]) -> tuple[dict[str, Alert], int]:
    """The state of each alert after these signals, at most `ALERT_LIMIT`, and how many signals found no room.

    Of one alert the last signal wins, unless it is older by the sender's own clock.
    """
    alerts: dict[str, Alert] = {}
    left_out = 0
    for signal in signals:
        name = alert_id(signal.alert)
        if signal.action == "acknowledge" or is_stale(signal, alerts.get(name)):
            continue
        if name in alerts or len(alerts) < ALERT_LIMIT:
            alerts[name] = Alert(signal.action == "trigger", signal.at, signal.severity[:SEVERITY_LIMIT])
        else:
            left_out += 1
    return alerts, left_out


def is_stale(signal: Signal, known: Alert | None) -> bool:
    """Whether the signal's own time is before that of the last one applied for its alert."""
    return known is not None and known.at is not None and signal.at is not None and signal.at < known.at


def too_many(turn: Turn, n: int) -> ev.Ignored:
    """Signals about further alerts found no room."""
    return ev.Ignored(at=turn.now, alert="", why=Phrase("signal.too_many", {"n": str(n)}))


def worst_severity(claims: Sequence[str], rulebook: Rulebook) -> str:
    """Of several claims the one that is worth the worst priority; '' where there is none."""
    return claims[0] if len(claims) == 1 else min(claims, key=rulebook.priorities.of_severity, default="")


def _unjudged(turn: Turn, report: cmd.Report, signal: Signal, way: Route, alerts: dict[str, Alert]) -> ev.Opened:
    """It began, with what is known of it before any criterion has spoken."""
    rulebook, first = turn.world.rulebook, report.signals.index(signal)
    severity = worst_severity([one.severity for one in alerts.values() if one.firing], rulebook)
    policy = rulebook.policies[way.policy]
    source = rulebook.sources.get(report.source)
    before = Phrase("opened.after", {"incident": report.after}) if report.after else None
    return ev.Opened(  # the first by their places: a call that names more than fifteen things costs ten times as much
        report.source,
        report.scope,
        signal.key,
        source.kind if source is not None and signal.kind == "incident" else signal.kind,
        signal.title[:TITLE_LIMIT],
        way.service,
        way.team,
        way.policy,
        policy.digest,
        worst(way.priority, rulebook.priorities.of_severity(severity)),
        severity,
        at=turn.now,
        signal=trimmed(signal),
        alerts=alerts,
        ladder=plan(turn, policy, turn.now),
        text=report.texts[first] if first < len(report.texts) else "",
        why=tuple([one for one in (before, way.finding) if one is not None]),
    )


def _raised(turn: Turn, opened: ev.Opened, applied: Sequence[Criterion]) -> ev.Opened:
    """It began, as these criteria will have it."""
    raises = [one.then for one in applied]
    name = next((one.policy for one in raises if one.policy is not None), opened.policy)
    policy = turn.world.rulebook.policies.get(name) or turn.policy
    return replace(
        opened,
        policy=policy.id,
        digest=policy.digest,
        priority=worst(opened.priority, *(one.priority for one in raises if one.priority is not None)),
        ladder=plan(turn, policy, turn.now),
        major=any(one.major for one in raises),
        confidential=any(one.confidential for one in raises),
        criteria=tuple(one.name for one in applied),
    )


def judge(state: Incident, world: World, now: Instant, signals: Sequence[Signal]) -> Verdict:
    """Every criterion over `state` and each of these signals, as they came; one is enough for it to apply.

    A criterion that cannot be judged does not apply and becomes a finding.
    """
    criteria = world.rulebook.criteria
    if not criteria or not signals:
        return NOTHING
    applied: list[Criterion] = []
    errors: list[Phrase] = []
    first = context_of(state, world, now, signals[0])
    contexts = [first]
    if len(signals) > 1:
        contexts += [replace(first, signal=seen(signal, state)) for signal in signals[1:]]
    for criterion in criteria:
        verdict = _of_any(world.conditions, criterion.when, contexts)
        if verdict is True:
            applied.append(criterion)
        elif verdict is not False:
            errors.append(Phrase("finding.criterion", {"criterion": criterion.name, "error": verdict.text}))
    return Verdict(tuple(applied), tuple(errors))


def _of_any(conditions: Conditions, when: str, contexts: Sequence[Context]) -> bool | Error:
    """True where it holds in one of them; else why it could not be judged in the first where it could not."""
    found: bool | Error = False
    for context in contexts:
        verdict = conditions.judge(when, context)
        if verdict is True:
            return True
        found = found or verdict
    return found


def fresh(turn: Turn, verdict: Verdict) -> list[Criterion]:
    """Those that apply and have not yet, or escalate and may again, their cool-down being over."""
    return [one for one in verdict.applied if _is_fresh(turn, one)]


def _escalate(turn: Turn, criterion: Criterion) -> None:
    if criterion.then.escalate is not None and turn.state.held_until is None:
        perform(turn, criterion.then.escalate, Phrase("rung.criterion", {"criterion": criterion.name}))


def reapply(turn: Turn, verdict: Verdict) -> None:
    """A signal changed an input: criteria that newly hold raise; an escalation comes again only after its cool-down."""
    for finding in verdict.errors:
        turn.find(finding)
    new = fresh(turn, verdict)
    if not new:
        return
    names = tuple(one.name for one in new)
    major, hidden = any(one.then.major for one in new), any(one.then.confidential for one in new)
    turn.emit(ev.Flagged(at=turn.now, criteria=names, major=major, confidential=hidden))
    _repolice(turn, new)
    for criterion in new:
        _escalate(turn, criterion)


def _is_fresh(turn: Turn, criterion: Criterion) -> bool:
    """Not applied yet, or it escalates and its cool-down is over."""
    last = turn.state.criteria.get(criterion.name)
    if last is None:
        return True
    return criterion.then.escalate is not None and 0 < criterion.cool_down <= turn.now - last


def _repolice(turn: Turn, new: list[Criterion]) -> None:
    name = next((one.then.policy for one in new if one.then.policy is not None), None)
    policy = turn.world.rulebook.policies.get(name or "")
    if policy is None or policy.digest == turn.state.digest:
        return
    ladder = plan(turn, policy, turn.now) if turn.state.held_until is None else ()
    turn.emit(ev.Repoliced(at=turn.now, policy=policy.id, digest=policy.digest, ladder=ladder))
    if turn.state.calling and not turn.resting:
        advance(turn, Phrase("step.policy", {"policy": policy.id}))


def raised_to(verdict: Verdict) -> Priority | None:
    """The worst priority that the applying criteria ask for."""
    return min((one.then.priority for one in verdict.applied if one.then.priority is not None), default=None)
