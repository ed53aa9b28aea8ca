"""A rulebook as one incident needs it, with the fixed cast in it: whom its policies name, and whoever stands behind."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.people import Entry, Team
from tocsin.core.instant import MINUTE, Duration, format_duration
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criterion import Criterion
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import Ask, Decide, FunctionalStep, HandOver, HierarchicalStep, Inform
from tocsin.lab.story.cast import Cast

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Tree = dict[str, Any]


_COUNTING: Tree = {"name": "counting", "when": "reports('10m') > 1000000", "then": {"major": "true"}}
"""A criterion that counts reports and never applies."""


class Need(Struct, frozen=True):
    """What is kept: these policies and criteria, the service, the holidays of `days`, and the order of members.

    `conditions` are written instead of the steps' own. `counts`: some rule counts reports, so that each is a fact.
    """

    policies: tuple[Policy, ...]
    criteria: tuple[Criterion, ...]
    service: str
    days: frozenset[str]
    order: tuple[tuple[str, ...], ...]
    conditions: dict[str, str]
    counts: bool = False


class Reduced:
    """Writes the sections, each as far as the ones before it have asked for it."""

    def __init__(self, book: Rulebook, cast: Cast, need: Need) -> None:
        self._book, self._cast, self._need = book, cast, need

    def tree(self) -> Tree:
        """The whole rulebook."""
        book, cast = self._book, self._cast
        unrouted = book.unrouted
        head: Tree = {
            "tocsin": "1",
            "organisation": "An organisation",
            "timezone": book.timezone,
            "last_resort": cast.targets(book.last_resort),
            "unrouted": {
                "team": cast.of("team", unrouted.team),
                "policy": cast.of("policy", unrouted.policy),
                "priority": unrouted.priority,
            },
            "contact": {"urgent": self._entries(book.contact.urgent), "routine": self._entries(book.contact.routine)},
            "priorities": self._priorities(),
        }
        later: Tree = {"policies": {cast.of("policy", one.id): self._policy(one) for one in self._need.policies}}
        criteria = [self._criterion(one) for one in self._need.criteria] + ([_COUNTING] if self._need.counts else [])
        if criteria:
            later["criteria"] = criteria
        service = book.services.get(self._need.service)
        if service is not None:
            later["services"] = {
                cast.of("service", service.id): {
                    "team": cast.of("team", service.team),
                    "policy": cast.of("policy", service.policy),
                    **({"stakeholders": cast.targets(service.stakeholders)} if service.stakeholders else {}),
                }
            }
        return {**head, **later, **self._behind()}

    def _behind(self) -> Tree:
        """Whatever was named by then, and whatever that names, until nothing new is named."""
        made: dict[str, Tree] = {"role": {}, "team": {}, "schedule": {}, "hours": {}, "person": {}}
        writers: dict[str, Callable[[str], Tree | list[str] | None]] = {
            "role": self._role,
            "team": self._team,
            "schedule": self._schedule,
            "hours": self._hours,
            "person": self._person,
        }
        asked = -1
        while asked != (asked := sum(len(self._cast.asked(kind)) for kind in made)):
            for kind, write in writers.items():
                for name in self._cast.asked(kind):
                    word = self._cast.of(kind, name)
                    if word not in made[kind] and (written := write(name)) is not None:
                        made[kind][word] = written
        sections = {"role": "roles", "team": "teams", "schedule": "schedules", "hours": "hours", "person": "people"}
        return {sections[kind]: found for kind, found in made.items() if found}

    def _entries(self, entries: Iterable[Entry]) -> list[str]:
        return [
            self._cast.method(one.method) + (f" after {format_duration(one.after)}" if one.after else "")
            for one in entries
        ]

    def _priorities(self) -> Tree:
        rules = self._book.priorities
        words = {self._cast.severity(word): worth for word, worth in rules.severity.items()}
        return {"urgent": list(rules.urgent), "severity": words}

    def _policy(self, one: Policy) -> Tree:
        found: Tree = {"functional": [self._functional(step) for step in one.functional]}
        if one.hierarchical:
            found["hierarchical"] = [self._hierarchical(step) for step in one.hierarchical]
        if one.repeat:
            found["repeat"] = str(one.repeat)
        if one.acknowledged_for:
            found["acknowledged_for"] = {name: str(length) for name, length in one.acknowledged_for.items()}
        if one.exhausted is not None:
            found["exhausted"] = {"every": str(one.exhausted.every), **self._in(one.exhausted.hours)}
        return found

    def _in(self, hours: str | None) -> Tree:
        return {} if hours is None else {"hours": self._cast.hours(hours)}

    def _when(self, when: str | None) -> Tree:
        return {} if when is None else {"when": self._need.conditions.get(when, when)}

    def _functional(self, step: FunctionalStep) -> Tree:
        verb = "hand_over" if isinstance(step, HandOver) else "notify"
        found = {verb: self._cast.targets(step.targets), "wait": str(step.wait), **self._when(step.when)}
        found |= self._in(step.hours)
        if step.need != 1:
            found["need"] = str(step.need)
        if step.urgency is not None:
            found["as"] = step.urgency
        if step.skills:
            found["skills"] = self._cast.all("skill", step.skills)
        return found | {"unless": step.unless}

    def _hierarchical(self, step: HierarchicalStep) -> Tree:
        found: Tree = {"after": str(step.after), **self._action(step), **self._when(step.when), **self._in(step.hours)}
        return found | {"unless": step.unless}

    def _action(self, step: HierarchicalStep) -> Tree:
        to = self._cast.targets(step.targets)
        if isinstance(step, Inform):
            return {"inform": to}
        within = {"within": str(step.within)} if step.within is not None else {}
        if isinstance(step, Ask):
            return {"ask": to, **within}
        return self._decision(step, to, within)

    def _decision(self, step: Decide, to: list[str], within: Tree) -> Tree:
        found = {"decide": self._cast.of("question", step.question), "options": self._cast.all("option", step.options)}
        default = {"default": self._cast.of("option", step.default)} if step.default is not None else {}
        return {**found, "by": to, **within, **default}

    def _criterion(self, one: Criterion) -> Tree:
        """It applies where it applied: its condition is a label that the signals of then carry."""
        then: Tree = {}
        if one.then.priority is not None:
            then["priority"] = one.then.priority
        if one.then.policy is not None:
            then["policy"] = self._cast.of("policy", one.then.policy)
        then |= {name: "true" for name in ("major", "confidential") if getattr(one.then, name)}
        if one.then.escalate is not None:
            then["escalate"] = self._action(one.then.escalate)
        if one.cool_down:
            then["cool_down"] = format_duration(one.cool_down)
        name = self._cast.of("criterion", one.name)
        return {"name": name, "when": f"signal.labels['{name}'] == 'applies'", "then": then}

    def _role(self, name: str) -> Tree | list[str] | None:
        role = self._book.roles.get(name)
        return None if role is None else self._cast.targets(role.holders)

    def _team(self, name: str) -> Tree | None:
        team: Team | None = self._book.teams.get(name)
        if team is None:
            return None
        orders = ([who for who in one if who in team.members] for one in self._need.order)
        first = next((one for one in orders if one), [])
        members = (*first, *(one for one in team.members if one not in first))
        found: Tree = {"tier": str(team.tier), "members": self._cast.all("person", members), "assign": team.assign}
        if team.lead is not None:
            found["lead"] = self._cast.of("person", team.lead)
        if team.on_call is not None:
            found["on_call"] = self._cast.of("schedule", team.on_call)
        return {**found, **self._in(team.hours)}

    def _schedule(self, name: str) -> Tree | None:
        schedule: Schedule | None = self._book.schedules.get(name)
        if schedule is None:
            return None
        zone = {"timezone": schedule.timezone}
        if schedule.follows is not None:
            return {"follows": self._cast.of("schedule", schedule.follows), "by": str(schedule.by)}
        return {**zone, "rotations": [self._rotation(one) for one in schedule.rotations]}

    def _rotation(self, one: Rotation) -> Tree:
        clock = f"{one.minute // 60:02}:{one.minute % 60:02}"
        handoff = clock if one.weekday is None else f"{DAYS[one.weekday]} {clock}"
        handoff = handoff if one.monthday is None else f"{one.monthday} {clock}"
        people = [self._cast.of("person", person) if person else "none" for person in one.people]
        found: Tree = {"people": people, "turn": one.turn, "every": str(one.every), "handoff": handoff}
        found["starts"] = one.starts
        if one.ends is not None:
            found["ends"] = one.ends
        return found | ({"only": self._cast.hours(one.only)} if one.only is not None else {})

    def _hours(self, name: str) -> Tree | None:
        hours: Hours | None = self._book.hours.get(name)
        if hours is None:
            return None
        week = {DAYS[day]: _spans(spans) for day, spans in enumerate(hours.week) if spans}
        holidays = sorted(hours.holidays & self._need.days)
        found: Tree = {"timezone": hours.timezone, "week": week, "day": _in_hours(hours.day)}
        return found | ({"holidays": holidays} if holidays else {})

    def _person(self, name: str) -> Tree:
        """Who acted and is not in the rulebook, such as a program with a token, is somebody whom nothing leads to."""
        found: Tree = {"name": self._cast.of("person", name).capitalize()}
        person = self._book.people.get(name)
        if person is None:
            return found
        if person.manager is not None:
            found["manager"] = self._cast.of("person", person.manager)
        if person.skills:
            found["skills"] = self._cast.all("skill", person.skills)
        return found | ({"cleared": "true"} if person.cleared else {})


def _spans(spans: Sequence[tuple[int, int]]) -> list[str]:
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans]


def _in_hours(length: Duration) -> str:
    hours, minutes = divmod(length // MINUTE, 60)
    return f"{hours}h{minutes}m" if minutes else f"{hours}h"
