"""Signals about an incident that exists: joined, repeated, stale, resolving, or firing again."""

from msgspec.structs import replace

from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.ending import FLAP_WINDOW, page_again, reopen_by_signal, resolve_by_source, still_flapping
from tocsin.core.incident.evolve import trimmed
from tocsin.core.incident.opening import (
    fresh,
    is_stale,
    judge,
    open_incident,
    raised_to,
    reapply,
    too_many,
    worst_severity,
)
from tocsin.core.incident.ownership import suspend
from tocsin.core.incident.raising import change, wake
from tocsin.core.incident.siblings import begun, hold, stand
from tocsin.core.incident.state import ALERT_LIMIT, SEVERITY_LIMIT, Alert, alert_id
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import MINUTE, Duration
from tocsin.core.phrase import Phrase
from tocsin.core.routing.vocabulary import TEXT_OF_SIGNAL
from tocsin.core.signal import Signal

REPEATED_EVERY: Duration = 10 * MINUTE
"""Repeats that no rule reads are counted beside the events; one event says so at most this often."""


def report(turn: Turn, command: cmd.Report) -> Refused | None:
    """Apply the signals of one report, in order."""
    if turn.state.status == "new":
        return _new(turn, command)
    if turn.state.status == "closed":
        return Refused("ended", "it is closed and never reopens: report it anew")
    if turn.state.status == "resolved":
        return _again(turn, command)
    _apply(turn, command)
    return None


def _new(turn: Turn, command: cmd.Report) -> Refused | None:
    triggers = [signal for signal in command.signals if signal.action == "trigger"]
    if not triggers:
        return Refused("nothing_live", "nothing of that key is live: there is nothing to acknowledge or resolve")
    open_incident(turn, command, triggers)
    if len(triggers) < len(command.signals):
        _after_opening(turn, command)
    return None


def _after_opening(turn: Turn, command: cmd.Report) -> None:
    """A batch may already hold what ends or suspends it; a trigger and its resolve leave a resolved incident."""
    if "acknowledge" in [signal.action for signal in command.signals]:
        suspend(turn, f"source:{command.source}")
    if not turn.state.firing:
        resolve_by_source(turn, f"source:{command.source}")


def _again(turn: Turn, command: cmd.Report) -> Refused | None:
    """After a resolve: a trigger within the flap window reopens; anything else is for the record, or for a new one."""
    if not any(one.action == "trigger" and not _stale(turn, one) for one in command.signals):
        for signal in command.signals:
            turn.emit(ev.Ignored(at=turn.now, alert=signal.alert, why=Phrase("signal.ended")))
        return None
    resolved_at = turn.state.resolved_at or turn.now
    if turn.now - resolved_at > FLAP_WINDOW:
        return Refused("ended", "it was resolved longer ago than the flap window: report it anew")
    reopen_by_signal(turn, command.source)
    _sibling_again(turn, command.beside)
    _apply(turn, command)
    if turn.state.live and turn.state.flap.quiet_at is None:
        page_again(turn, Phrase("page.again"))
    return None


def _sibling_again(turn: Turn, beside: cmd.Beside | None) -> None:
    """Held again beside another incident, unless somebody has it: it is theirs, and stands for itself."""
    first = turn.state.sibling_of if beside is None else beside.first
    if beside is not None and turn.state.owner is None:
        hold(turn, beside.first)
    elif first != turn.state.sibling_of or not begun(turn.state):
        stand(turn, Phrase("page.again"), beside=first)


def overflow(turn: Turn, command: cmd.Overflow) -> Refused | None:
    """Further alerts are kept by siblings. Whoever has this incident has them: it may be raised, a snooze ends."""
    if not turn.state.live:
        return Refused("ended", f"it is {turn.state.status}")
    before, signals = turn.state.severity, list(command.signals)
    worst = worst_severity([before, *(one.severity[:SEVERITY_LIMIT] for one in signals)], turn.world.rulebook)
    turn.emit(ev.Overflowed(at=turn.now, siblings=command.siblings, n=len(signals), severity=worst))
    _worse(turn, before, signals, new=True)
    return None


def _rose(turn: Turn, before: str) -> bool:
    rules = turn.world.rulebook.priorities
    return rules.of_severity(turn.state.severity) < rules.of_severity(before)


def _apply(turn: Turn, command: cmd.Report) -> None:
    """Signals upon a live incident: what changes something is a fact, the rest is counted."""
    changed: dict[str, Alert] = {}
    repeated: list[int] = []
    left_out = 0
    shown: int | None = None
    for index, signal in enumerate(command.signals):
        name = alert_id(signal.alert)
        known = changed.get(name) or turn.state.alerts.get(name)
        why = _not_applied(turn, command, signal, known)
        if why is not None:
            turn.emit(ev.Ignored(at=turn.now, alert=signal.alert, why=Phrase(why)))
        elif signal.action == "acknowledge":
            suspend(turn, f"source:{command.source}")
        elif (alert := _changes(turn, signal, known, changed)) is not None:
            changed[name] = alert
            shown = index if alert.firing or shown is None else shown
        elif signal.action == "trigger" and name in turn.state.alerts:
            repeated.append(index)
        else:
            left_out += signal.action == "trigger"
    if left_out:
        turn.emit(too_many(turn, left_out))
    if shown is None:
        shown = _says_more(turn, command, repeated)
    if shown is not None:
        _changed(turn, command, changed, shown)
    elif repeated and not command.echo:
        _repeated(turn, len(repeated))


def _says_more(turn: Turn, command: cmd.Report, repeated: list[int]) -> int | None:
    """The first repeat of a known alert that says something by which a criterion newly applies."""
    if not turn.world.rulebook.criteria:
        return None
    more = [index for index in repeated if not _reads_the_same(turn, command.signals[index])]
    if not _newly(turn, [command.signals[index] for index in more]):
        return None  # as nearly always, and one question for all of them is enough to know it
    return next((index for index in more if _newly(turn, [command.signals[index]])), None)


def _newly(turn: Turn, signals: list[Signal]) -> bool:
    return bool(fresh(turn, judge(turn.state, turn.world, turn.now, signals)))


def _reads_the_same(turn: Turn, signal: Signal) -> bool:
    """Whether a rule reads the same of it as of what is known; texts are stored apart, so a new one may say more."""
    known = turn.state.signal
    if known is None or (signal.text and turn.ever("texts are read", _texts_are_read)):
        return False
    return replace(known, alert=signal.alert, at=signal.at, text=signal.text) == signal


def _texts_are_read(turn: Turn) -> bool:
    conditions, criteria = turn.world.conditions, turn.world.rulebook.criteria
    return any(conditions.reads(one.when, TEXT_OF_SIGNAL) for one in criteria)


def _not_applied(turn: Turn, command: cmd.Report, signal: Signal, known: Alert | None) -> str | None:
    """Why a signal is recorded and no more: another scope's resolve, or older than what is known of its alert."""
    if signal.action == "resolve" and command.scope != turn.state.scope:
        return "signal.scope"
    return "signal.stale" if is_stale(signal, known) else None


def _stale(turn: Turn, signal: Signal) -> bool:
    return is_stale(signal, turn.state.alerts.get(alert_id(signal.alert)))


def _changes(turn: Turn, signal: Signal, known: Alert | None, changed: dict[str, Alert]) -> Alert | None:
    """The alert as it is from now on, or None where the signal says nothing new or the incident has no room.

    A resolve with a time of its own says something new also of what is not firing: an older trigger may come after it.
    """
    firing = signal.action == "trigger"
    severity = signal.severity[:SEVERITY_LIMIT]
    if known is None:
        tells = firing or signal.at is not None
        return Alert(firing, signal.at, severity) if tells and not _full(turn, changed) else None
    at = known.at if signal.at is None else signal.at
    alert = Alert(firing, at, severity or known.severity)
    return alert if alert.firing != known.firing or (firing and alert != known) or at != known.at else None


def _full(turn: Turn, changed: dict[str, Alert]) -> bool:
    alerts = turn.state.alerts
    return len(alerts) + len(changed) >= ALERT_LIMIT and len({*alerts, *changed}) >= ALERT_LIMIT


def _changed(turn: Turn, command: cmd.Report, changed: dict[str, Alert], shown: int) -> None:
    """Record what changed, then what follows: the end, or the criteria, the priority, the end of a snooze."""
    before, known = turn.state.severity, turn.state.alerts
    alerts = {**known, **changed}
    severity = worst_severity([one.severity for one in alerts.values() if one.firing], turn.world.rulebook) or before
    told = [one for one in command.signals if one.action == "trigger" and not _stale(turn, one)]
    signal = command.signals[shown]
    text = command.texts[shown] if shown < len(command.texts) and signal.action == "trigger" else ""
    kept = trimmed(_shown(turn, signal))
    event = ev.Signalled(at=turn.now, source=command.source, signal=kept, alerts=changed, severity=severity, text=text)
    turn.emit(event)
    if changed and not told and not any(known[name].firing for name in changed if name in known):
        return  # what was not firing ended later than was known
    if changed:
        still_flapping(turn)
    if not changed or any(one.firing for one in changed.values()):
        new = any(one.firing and name not in known for name, one in changed.items())
        _worse(turn, before, told, new)
    elif not turn.state.firing:
        resolve_by_source(turn, f"source:{command.source}")


def _shown(turn: Turn, signal: Signal) -> Signal:
    """The signal that the incident shows from now on: the last that triggered, with the requester once named."""
    known = turn.state.signal
    if known is None:
        return signal
    return replace(signal, reporter=signal.reporter or known.reporter) if signal.action == "trigger" else known


def _worse(turn: Turn, before: str, signals: list[Signal], new: bool) -> None:
    """Something fires that did not: a new kind of alert ends a snooze, a worse one pages even while it flaps."""
    if new:
        wake(turn, Phrase("snooze.new_alert"))
    _raise(turn, before, signals)
    if turn.state.flap.quiet_at is not None and _rose(turn, before):
        page_again(turn, Phrase("page.again"))


def _raise(turn: Turn, before: str, signals: list[Signal]) -> None:
    """Criteria and severity may raise the priority; they never lower what a person has set."""
    verdict = judge(turn.state, turn.world, turn.now, signals)
    claimed, asked = turn.world.rulebook.priorities.of_severity(turn.state.severity), raised_to(verdict)
    rose = _rose(turn, before)
    reapply(turn, verdict)
    if rose and claimed < turn.state.priority:
        change(turn, claimed, "", Phrase("priority.severity", {"severity": turn.state.severity}))
    if asked is not None and asked < turn.state.priority:
        change(turn, asked, "", Phrase("priority.criterion"))


def _repeated(turn: Turn, n: int) -> None:
    """More of the same: a fact where a rule counts reports or the last such fact is ten minutes old."""
    counts = turn.ever("reports are counted", _reports_are_counted)
    if counts or turn.now - turn.state.repeated_at >= REPEATED_EVERY:
        turn.emit(ev.Repeated(at=turn.now, n=n))
    if counts and turn.state.signal is not None:
        _raise(turn, turn.state.severity, [turn.state.signal])


def _reports_are_counted(turn: Turn) -> bool:
    return turn.world.counts_reports
