"""Signals about an incident that exists: joined, repeated, stale, resolving, or firing again."""

from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call
from tocsin.core.incident.ending import FLAP_WINDOW, reopen_by_signal, resolve_by_source
from tocsin.core.incident.evolve import trimmed
from tocsin.core.incident.opening import judge, open_incident, raised_to, reapply, worst_severity
from tocsin.core.incident.ownership import suspend
from tocsin.core.incident.raising import change, wake
from tocsin.core.incident.state import ALERT_LIMIT, Alert
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import MINUTE, Duration
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Signal

REPEATED_EVERY: Duration = 10 * MINUTE
"""Repeats that no rule reads are counted beside the events; one event says so at most this often."""


def report(turn: Turn, command: cmd.Report) -> Refused | None:
    """Apply the signals of one report, in order."""
    if turn.state.status == "new":
        if not any(signal.action == "trigger" for signal in command.signals):
            return Refused("nothing_live", "nothing of that key is live: there is nothing to acknowledge or resolve")
        open_incident(turn, command)
        _after_opening(turn, command)
        return None
    if turn.state.status == "closed":
        return Refused("ended", "it is closed and never reopens: report it anew")
    if turn.state.status == "resolved":
        return _again(turn, command)
    _apply(turn, command)
    return None


def _after_opening(turn: Turn, command: cmd.Report) -> None:
    """A batch may already hold what ends or suspends it; a trigger and its resolve leave a resolved incident."""
    source = f"source:{command.source}"
    if any(signal.action == "acknowledge" for signal in command.signals):
        suspend(turn, source)
    if not turn.state.firing:
        resolve_by_source(turn, source)


def _again(turn: Turn, command: cmd.Report) -> Refused | None:
    """After a resolve: a trigger within the flap window reopens; anything else is for the record, or for a new one."""
    triggers = tuple(one for one in command.signals if one.action == "trigger" and not stale(turn, one))
    if not triggers:
        for signal in command.signals:
            turn.emit(ev.Ignored(at=turn.now, alert=signal.alert, why=Phrase("signal.ended")))
        return None
    resolved_at = turn.state.resolved_at or turn.now
    if turn.now - resolved_at > FLAP_WINDOW:
        return Refused("ended", "it was resolved longer ago than the flap window: report it anew")
    before = turn.state.severity
    reopen_by_signal(turn, command.source)
    _apply(turn, command)
    _page_again(turn, before)
    return None


def _page_again(turn: Turn, before: str) -> None:
    """One page "firing again"; none while it flaps, unless the severity rose."""
    rules = turn.world.rulebook.priorities
    rose = rules.of_severity(turn.state.severity) < rules.of_severity(before)
    if not turn.state.live or (turn.state.flap.quiet_at is not None and not rose):
        return
    owner = turn.state.owner
    for person in (owner,) if owner else turn.state.functional.called:
        call(turn, person, "page", Phrase("page.again"))


def _apply(turn: Turn, command: cmd.Report) -> None:
    """Signals upon a live incident: what changes something is a fact, the rest is counted."""
    changed: dict[str, Alert] = {}
    repeats = 0
    last: tuple[int, Signal] | None = None
    for index, signal in enumerate(command.signals):
        if signal.action == "acknowledge":
            _acknowledged_there(turn, command)
        elif stale(turn, signal):
            turn.emit(ev.Ignored(at=turn.now, alert=signal.alert, why=Phrase("signal.stale")))
        elif (alert := _changes(turn, signal, changed)) is None:
            repeats += signal.action == "trigger"
        else:
            changed[signal.alert] = alert
            last = (index, signal)
    if last is not None:
        _changed(turn, command, changed, last)
    elif repeats:
        _repeated(turn, repeats)
    if not turn.state.firing and turn.state.live:
        resolve_by_source(turn, f"source:{command.source}")


def _acknowledged_there(turn: Turn, command: cmd.Report) -> None:
    if turn.state.owner is None and turn.state.suspended_until is None:
        suspend(turn, f"source:{command.source}")


def stale(turn: Turn, signal: Signal) -> bool:
    """Whether the signal's own time is before that of the last one applied for its alert."""
    known = turn.state.alerts.get(signal.alert)
    if known is None or known.at is None or signal.at is None:
        return False
    return signal.at < known.at


def _changes(turn: Turn, signal: Signal, changed: dict[str, Alert]) -> Alert | None:
    """The alert as it is from now on, or None where the signal says nothing new."""
    known = changed.get(signal.alert) or turn.state.alerts.get(signal.alert)
    firing = signal.action == "trigger"
    if known is None:
        full = len(turn.state.alerts) + len(changed) >= ALERT_LIMIT
        if full:
            turn.emit(ev.Ignored(at=turn.now, alert=signal.alert, why=Phrase("signal.too_many")))
        return Alert(firing, signal.at, signal.severity) if firing and not full else None
    if known.firing == firing and (not firing or known.severity == signal.severity):
        return None
    return Alert(firing, signal.at if signal.at is not None else known.at, signal.severity or known.severity)


def _changed(turn: Turn, command: cmd.Report, changed: dict[str, Alert], last: tuple[int, Signal]) -> None:
    """Record what changed, then what follows: the criteria, the priority, the end of a snooze."""
    index, signal = last
    fresh = [key for key in changed if key not in turn.state.alerts]
    before = turn.state.severity
    alerts = {**turn.state.alerts, **changed}
    severity = worst_severity([one.severity for one in alerts.values() if one.firing], turn.world.rulebook) or before
    shown = trimmed(signal if signal.action == "trigger" or turn.state.signal is None else turn.state.signal)
    text = command.texts[index] if index < len(command.texts) and signal.action == "trigger" else ""
    event = ev.Signalled(at=turn.now, source=command.source, signal=shown, alerts=changed, severity=severity, text=text)
    turn.emit(event)
    if signal.action != "trigger":
        return
    if fresh:
        wake(turn, Phrase("snooze.new_alert"))
    _raise(turn, before)


def _raise(turn: Turn, before: str) -> None:
    """Criteria and severity may raise the priority; they never lower what a person has set."""
    rules = turn.world.rulebook.priorities
    claimed = rules.of_severity(turn.state.severity)
    rose = claimed < rules.of_severity(before)
    asked = raised_to(judge(turn.state, turn.world, turn.now))
    reapply(turn)
    if rose and claimed < turn.state.priority:
        change(turn, claimed, "", Phrase("priority.severity", {"severity": turn.state.severity}))
    if asked is not None and asked < turn.state.priority:
        change(turn, asked, "", Phrase("priority.criterion"))


def _repeated(turn: Turn, n: int) -> None:
    """More of the same: a fact where a rule counts reports or the last such fact is ten minutes old."""
    if turn.world.counts_reports:
        turn.emit(ev.Repeated(at=turn.now, n=n))
        _raise(turn, turn.state.severity)
    elif turn.now - turn.state.repeated_at >= REPEATED_EVERY:
        turn.emit(ev.Repeated(at=turn.now, n=n))
