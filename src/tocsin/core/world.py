"""What one decision may consult: the reviewed rulebook, today's roster facts, and a small view of other work."""

from collections.abc import Hashable
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from tocsin.core.calendar import working
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import IncidentId, PersonId, ScheduleId, TeamId
from tocsin.core.instant import Duration, Instant, Period
from tocsin.core.oncall.changes import absences_of
from tocsin.core.oncall.override import Facts
from tocsin.core.oncall.roster import Roster, roster
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criteria import Conditions
from tocsin.core.rulebook import Rulebook

CHANNEL = "channel:"
"""How the name of a channel begins where otherwise a person's id stands; it is reached by the method `channel`."""


class Surroundings(Struct, frozen=True):
    """Other work, as far as a choice needs it: open incidents by person, who of a team had the last turn, and which of
    the incidents that this one asks about have somebody.
    """

    load: dict[PersonId, int] = {}
    turns: dict[TeamId, PersonId] = {}
    attended: frozenset[IncidentId] = frozenset()


Asked = tuple[Instant, Rulebook, Facts, dict[Hashable, Any]]
"""Questions with their answers, and what these rest on."""

Lasting = tuple[Rulebook, Facts, dict[Hashable, Any]]
"""The same of questions that no instant decides."""


class World(Struct, frozen=True):
    """`pinned` are policies of earlier versions by content digest: a live incident keeps the one it opened under.

    `rosters`, `asked` and `lasting` remember answers and are no part of the value: with or without them every answer is
    the same.

    With `ahead` instants are given on a clock of their own, and calendars and rosters are so much ahead of it: what
    began at other times of the year is then played alike. Reports alone are counted by the minutes of that clock.
    """

    rulebook: Rulebook
    conditions: Conditions
    facts: Facts = Facts()
    surroundings: Surroundings = Surroundings()
    pinned: dict[str, Policy] = {}
    rosters: dict[tuple[str, int, int], Roster] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lasting: list[Lasting] = field(default_factory=list)
    ahead: Duration = 0

    @property
    def counts_reports(self) -> bool:
        """Whether any condition asks how many reports there were, so that every repeat is worth a fact."""
        return any(condition.durations for condition in self.conditions.compiled.values())

    def asked_at(self, now: Instant) -> dict[Hashable, Any]:
        """Answers that rulebook, facts and instant alone decide, by their questions; kept until another instant comes.

        All commands of a batch are decided at one instant, so that most of what they ask has been asked before.
        """
        for at, rulebook, facts, answers in self.asked:
            if at == now and rulebook is self.rulebook and facts is self.facts:
                return answers
        fresh: dict[Hashable, Any] = {}
        self.asked[:] = [(now, self.rulebook, self.facts, fresh)]
        return fresh

    def asked_ever(self) -> dict[Hashable, Any]:
        """Answers that rulebook and facts alone decide, by their questions; kept until there are others of these."""
        for rulebook, facts, answers in self.lasting:
            if rulebook is self.rulebook and facts is self.facts:
                return answers
        fresh: dict[Hashable, Any] = {}
        self.lasting[:] = [(self.rulebook, self.facts, fresh)]
        return fresh

    def policy(self, name: str, digest: str) -> Policy:
        """The pinned policy; else the one of that name today; else that of `unrouted`, so that somebody is paged."""
        today = self.rulebook.policies.get(name)
        if today is not None and today.digest == digest:
            return today
        unrouted = self.rulebook.policies[self.rulebook.unrouted.policy]
        return self.pinned.get(digest) or today or unrouted

    def beside(self, first: IncidentId | None) -> "World":
        """The same world, in which that incident has somebody."""
        known = replace(self.surroundings, attended=frozenset({first} if first else ()))
        return replace(self, surroundings=known)

    def roster(self, schedule: ScheduleId, at: Instant, by: int = 0) -> Roster:
        """Who is on call, as `core.oncall.roster.roster` on the calendars' clock; kept while it says it holds."""
        at += self.ahead
        key = (schedule, by, self.facts.version)
        known = self.rosters.get(key)
        if known is None or not _holds(known, at):
            book = self.rulebook
            known = roster(schedule, at, book.schedules, book.hours, self.facts, by=by)
            self.rosters[key] = known
        return known

    def absent(self, person: PersonId, at: Instant) -> bool:
        """Whether the person is away at that instant, or gone from the rulebook. A channel (`channel:ops`) never is."""
        if person not in self.rulebook.people:
            return not person.startswith(CHANNEL)
        timeline = absences_of(self.facts, person)
        return timeline is not None and bool(timeline.at(at + self.ahead)[0])

    def due(self, begin: Instant, period: Period, hours: Hours) -> Instant | None:
        """As `core.calendar.working.due`."""
        ended = working.due(begin + self.ahead, period, hours)
        return None if ended is None else ended - self.ahead

    def is_open(self, at: Instant, hours: Hours) -> bool:
        """Whether the hours are open at that instant."""
        return working.is_open(at + self.ahead, hours)

    def next_opening(self, at: Instant, hours: Hours) -> Instant | None:
        """As `core.calendar.working.next_opening`."""
        opens = working.next_opening(at + self.ahead, hours)
        return None if opens is None else opens - self.ahead


def _holds(known: Roster, at: Instant) -> bool:
    return (known.since is None or known.since <= at) and (known.until is None or at < known.until)
