"""One decision in the making: the incident as it stands after the facts so far, and the questions they raise."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from msgspec.structs import replace

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ALWAYS, HoursId, TeamId
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve
from tocsin.core.incident.state import Incident
from tocsin.core.instant import HOUR, MINUTE, Duration, Instant, Period
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criteria import Context, Error
from tocsin.core.signal import Signal
from tocsin.core.world import World

T = TypeVar("T")

_SILENT = Signal(key="", action="trigger", title="")


class Turn:
    """A builder used inside one `decide` and never outside it: emitting a fact applies it at once.

    `now` is never before the incident's last event; `planned` is the timer being served, so that facts know how late
    they are.
    """

    __slots__ = ("_asked", "_lasting", "facts", "now", "planned", "state", "world")

    def __init__(self, state: Incident, world: World, now: Instant) -> None:
        self.state = state
        self.world = world
        self.now = now if now > state.at else state.at  # noqa: FURB136  it costs a third
        self.planned: Instant | None = None
        self.facts: list[tuple[ev.Event, Incident]] = []
        self._asked: dict[Hashable, Any] | None = None
        self._lasting: dict[Hashable, Any] | None = None

    def emit(self, event: ev.Event, state: Incident | None = None) -> None:
        """Record a fact and apply it; `state` is the incident just after it, where that is known."""
        if self.planned is not None and event.due_at is None:
            event = replace(event, due_at=self.planned)
        self.state = evolve(self.state, event) if state is None else state
        self.facts.append((event, self.state))

    def once(self, question: Hashable, answer: Callable[..., T], *given: Any) -> T:
        """`answer(self, *given)`, worked out once for all incidents that ask it at this instant.

        Rulebook, roster facts, the instant and `question` alone must decide it: nothing of this incident's, and no
        other work.
        """
        asked = self._asked
        if asked is None:
            asked = self._asked = self.world.asked_at(self.now)
        known: T | None = asked.get(question)
        if known is None:
            known = asked[question] = answer(self, *given)
        return known

    def ever(self, question: Hashable, answer: Callable[..., T], *given: Any) -> T:
        """As `once`, for all instants: rulebook, roster facts and `question` alone must decide it."""
        lasting = self._lasting
        if lasting is None:
            lasting = self._lasting = self.world.asked_ever()
        known: T | None = lasting.get(question)
        if known is None:
            known = lasting[question] = answer(self, *given)
        return known

    @property
    def events(self) -> list[ev.Event]:
        """The facts so far, without the states."""
        return [event for event, _ in self.facts]

    @property
    def policy(self) -> Policy:
        """The policy that this incident is under."""
        return self.world.policy(self.state.policy, self.state.digest)

    @property
    def resting(self) -> bool:
        """Whether its functional steps rest."""
        return self.state.resting

    @property
    def urgent(self) -> bool:
        """Whether pages of this incident are urgent."""
        return self.state.priority in self.world.rulebook.priorities.urgent

    def hours(self, name: HoursId | None) -> Hours | None:
        """Hours by name; None for the built-in `always`."""
        return None if name is None or name == ALWAYS else self.world.rulebook.hours.get(name)

    def team_hours(self, name: TeamId | None = None) -> Hours | None:
        """The hours of a team, by default of the owning one."""
        team = self.world.rulebook.teams.get(name or self.state.team)
        return None if team is None else self.hours(team.hours)

    def after(self, period: Period, hours: Hours | None, start: Instant | None = None) -> Instant:
        """When `period` from `start` (default now) is over; hours that never open again count as always."""
        begin = self.now if start is None else start
        if hours is None:
            return begin + period.elapsed
        return self.once(("after", hours.id, period, begin), _after, begin, period, hours)

    def by_priority(self, urgent: dict[Priority, Duration], other: Instant) -> Instant:
        """Now plus the priority's own duration, or `other` where it has none."""
        length = urgent.get(self.state.priority)
        return other if length is None else self.now + length

    def working_day(self, amount: int = 1) -> Instant:
        """So many working days of the owning team from now."""
        return self.after(Period(days=amount), self.team_hours())

    def working_hour(self, team: TeamId) -> Instant:
        """One working hour of that team from now."""
        return self.after(Period(time=HOUR), self.team_hours(team))

    def holds(self, when: str | None) -> bool:
        """Whether a step's condition holds; one that cannot be judged counts as true and becomes a finding."""
        if when is None:
            return True
        verdict = self.world.conditions.judge(when, self.context())
        if isinstance(verdict, Error):
            self.find(Phrase("finding.condition", {"when": when, "error": verdict.text}))
            return True
        return verdict

    def find(self, finding: Phrase) -> None:
        """Record a finding, once."""
        if finding not in self.state.findings:
            self.emit(ev.Found(at=self.now, finding=finding))

    def context(self) -> Context:
        """What a condition may read of this incident now."""
        return context_of(self.state, self.world, self.now)


def _after(turn: Turn, begin: Instant, period: Period, hours: Hours) -> Instant:
    ended = turn.world.due(begin, period, hours)
    return begin + period.elapsed if ended is None else ended


def context_of(state: Incident, world: World, now: Instant, signal: Signal | None = None) -> Context:
    """The facts of `state` as conditions read them; it keeps signals trimmed, so give the whole `signal` if at hand."""
    return Context(
        signal=seen(signal or state.signal or _SILENT, state),
        source=state.source,
        priority=state.priority,
        status=state.status,
        service=state.service or "",
        team=state.team,
        opened_at=(state.opened_at or now) + world.ahead,
        alerts=len(state.alerts),
        reopened=state.reopened,
        now=now + world.ahead,
        timezone=world.rulebook.timezone,
        in_hours=partial(_open_now, world, now),
        reports=partial(_reports, state, now),
    )


def seen(signal: Signal, state: Incident) -> Signal:
    """A signal as conditions read it: one that does not say its kind has that of its incident."""
    return signal if signal.kind != "incident" or state.kind == "incident" else replace(signal, kind=state.kind)


def _open_now(world: World, now: Instant, name: str) -> bool:
    hours = world.rulebook.hours.get(name)
    return name == ALWAYS or (hours is not None and world.is_open(now, hours))


def _reports(state: Incident, now: Instant, within: Duration) -> int:
    first = (now - within) // MINUTE
    return sum(n for minute, n in state.reports.items() if int(minute) >= first)
