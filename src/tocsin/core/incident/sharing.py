"""To which of several incidents of one key a report's signals belong, and which goes on when the first has ended."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tocsin.core.ids import IncidentId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.ending import FLAP_WINDOW
from tocsin.core.incident.state import ALERT_LIMIT, Incident, alert_id
from tocsin.core.instant import Instant
from tocsin.core.signal import Signal

MOST_SIBLINGS = 20
"""Siblings in use of one incident; where all are full, further alerts are counted and not kept."""

Put = tuple[IncidentId, cmd.Command]
"""A command and the incident that it is put to."""


def concerns_others(first: Incident, report: cmd.Report) -> bool:
    """Whether a report may concern more incidents than the one that its key leads to."""
    return bool(first.siblings) or len(first.alerts) + len(report.signals) > ALERT_LIMIT


def share_out(
    report: cmd.Report,
    first: Incident,
    siblings: Sequence[Incident],
    now: Instant,
    make_id: Callable[[], IncidentId],
) -> tuple[Put, ...]:
    """The report as commands, in the order to put them: known alerts to those that keep them, others where room is.

    `first` is the incident that the key leads to, `siblings` are those beside it; a new one gets `make_id()`.
    """
    known = [one for one in siblings if _in_use(one, now)]
    shares = _Shares(first, sorted(known, key=lambda one: not one.live), report, make_id)
    for index, signal in enumerate(report.signals):
        shares.give(index, signal)
    return shares.puts()


def succession(siblings: Sequence[Incident], now: Instant) -> tuple[Put, ...]:
    """The first has ended: of its siblings that are live the worst goes on in its place, the others beside that one."""
    live = [one for one in siblings if one.live]
    if not live:
        return ()
    heir = min(live, key=lambda one: one.priority)
    beside = tuple(one.id for one in siblings if one is not heir and _in_use(one, now))
    others = [(one.id, cmd.FirstEnded(heir.id)) for one in live if one is not heir]
    return ((heir.id, cmd.FirstEnded(heir.id, beside)), *others)


def _in_use(sibling: Incident, now: Instant) -> bool:
    """Live, or in the flap window, in which a trigger would reopen it."""
    return sibling.live or (sibling.resolved_at is not None and now - sibling.resolved_at <= FLAP_WINDOW)


class _Shares:
    """Who gets what of one report. The holders are the first, its siblings, and those that are new, in that order."""

    def __init__(
        self, first: Incident, siblings: Sequence[Incident], report: cmd.Report, make_id: Callable[[], IncidentId]
    ) -> None:
        self._first = first
        self._report = report
        self._make_id = make_id
        self._ids = [first.id, *(one.id for one in siblings)]
        self._known = len(self._ids)
        self._alerts = [set(one.alerts) for one in (first, *siblings)]
        self._given: list[list[int]] = [[] for _ in self._ids]
        self._overflow: list[Signal] = []

    def give(self, index: int, signal: Signal) -> None:
        """One signal to whoever keeps its alert, else to whoever has room; an acknowledgement is the first's."""
        name = alert_id(signal.alert)
        at = 0 if signal.action == "acknowledge" else self._keeper(name)
        if at is None:
            at = self._with_room(signal)
            self._alerts[at].add(name)
            if at and signal.action == "trigger":
                self._overflow.append(signal)
        self._given[at].append(index)

    def _keeper(self, name: str) -> int | None:
        return next((at for at, names in enumerate(self._alerts) if name in names), None)

    def _with_room(self, signal: Signal) -> int:
        """A resolve of what nobody knows is kept, for an older trigger may come after it, but makes no new incident."""
        at = next((at for at, names in enumerate(self._alerts) if len(names) < ALERT_LIMIT), None)
        if at is not None:
            return at
        if signal.action != "trigger" or len(self._ids) > MOST_SIBLINGS:
            return 0
        self._ids.append(self._make_id())
        self._alerts.append(set())
        self._given.append([])
        return len(self._ids) - 1

    def puts(self) -> tuple[Put, ...]:
        """Siblings that exist first, so that the end of all of them is known before that of the first."""
        if not any(self._given[1:]):
            return ((self._first.id, self._report),)
        beside = cmd.Beside(self._first.id, self._first.confidential) if self._goes_on() else None
        order = [*range(1, self._known), 0, *range(self._known, len(self._ids))]
        found: list[Put] = [
            (self._ids[at], self._part(self._given[at], beside if at else self._report.beside))
            for at in order
            if self._given[at]
        ]
        if self._overflow and beside is not None:
            found.append((self._first.id, cmd.Overflow(tuple(self._ids[1:]), tuple(self._overflow))))
        return (*found, *(self._without_first() if beside is None else ()))

    def _goes_on(self) -> bool:
        """Whether the first is live when all is done: a sibling is held only beside a live one."""
        triggers = (self._report.signals[index].action == "trigger" for index in self._given[0])
        return self._first.live or any(triggers)

    def _part(self, given: Sequence[int], beside: cmd.Beside | None) -> cmd.Report:
        texts = self._report.texts
        return replace(
            self._report,
            signals=tuple(self._report.signals[index] for index in given),
            texts=tuple(texts[index] if index < len(texts) else "" for index in given),
            beside=beside,
        )

    def _without_first(self) -> list[Put]:
        """All had ended, and only siblings fire again: one of them goes on in the first's place."""
        again = [at for at in range(1, len(self._ids)) if self._fires(at)]
        if not again:
            return []
        heir, *others = (self._ids[at] for at in again)
        beside = tuple(one for one in self._ids[1:] if one != heir)
        return [(heir, cmd.FirstEnded(heir, beside)), *((one, cmd.FirstEnded(heir)) for one in others)]

    def _fires(self, at: int) -> bool:
        return any(self._report.signals[index].action == "trigger" for index in self._given[at])
