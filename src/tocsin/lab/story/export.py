"""An incident that happened as a story: what came from outside and when, without anybody's name or words in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.calendar.zones import format_day, local
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.state import Incident, alert_id
from tocsin.core.instant import DAY, SECOND, Instant, format_instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.story.again import record
from tocsin.lab.story.cast import SEVERITIES, Cast
from tocsin.lab.story.doings import deeds
from tocsin.lab.story.past import Past, dues, missed, on_their_way
from tocsin.lab.story.reduced import DAYS, Need, Reduced

Tree = dict[str, Any]
Body = Tree | list[Tree]

_HARMLESS = re.compile(
    r"'(?:person|tool|incident|complaint|security|request|open|acknowledged|resolved|closed|[0-9]+[smhd]|P[1-5]"
    rf"|{'|'.join(sorted(SEVERITIES - {''}))}|{'|'.join(DAYS)})'"
)
"""Texts in conditions that say nothing about anybody."""

_TOLD_AGAIN = re.compile(r"\bsignal\.(?!(?:severity|kind|action|reported_by)\b)|\bincident\.(?:service|team)\b")
"""What conditions ask that the signals of a story do not say as it was."""

_IN_HOURS = re.compile(r"""in_hours\((['"])([\w-]+)\1\)""")


MOST_REPEATS = 100
"""So many repeats of one signal are written out."""


class Exported(Struct, frozen=True):
    """The story as a tree for YAML, its rulebook apart; `notes` say what it cannot hold."""

    tree: Tree
    rulebook: Tree
    notes: tuple[str, ...]


def export(incident: str, past: Sequence[Past], world: World, later: Sequence[tuple[Instant, World]] = ()) -> Exported:
    """The story of an incident; `world` is what was known when it opened, `later` what it became while it was live.

    It must have opened.
    """
    return _Writer(incident, past, world, later).exported()


class _Writer:
    def __init__(
        self, incident: str, past: Sequence[Past], world: World, later: Sequence[tuple[Instant, World]]
    ) -> None:
        self._incident, self._past, self._world, self._later = incident, past, world, later
        self._cast = Cast()
        self._opened = next(one.event for one in past if isinstance(one.event, ev.Opened))
        self._lines: list[tuple[Instant, Tree]] = []
        self._troubles: list[Tree] = []
        self._notes: list[str] = []
        self._applied: set[str] = set()
        self._missed = missed(incident, past)
        self._repeats = 0
        self._due = dues(incident, past)

    def exported(self) -> Exported:
        start, need = self._opened.at, self._need()
        self._walk()
        self._note_orders(need.order)
        self._lines.append((self._past[-1].event.at, {}))
        source = {"intake": "generic", "key": "${KEY}"}
        sources = {self._cast.of("source", self._opened.source): source}
        happened = record((one.event for one in self._past), start, self._renames)
        # the rules come last, so that whoever acted or was named stands in them; and once more for whoever steps in
        Reduced(self._world.rulebook, self._cast, need).tree()
        roster = self._facts()
        rulebook = {**Reduced(self._world.rulebook, self._cast, need).tree(), "sources": sources}
        tree: Tree = {
            "story": "An incident as it happened, without names",
            "start": format_instant(start),
            "reach": self._reach(),
            **roster,
            **({"troubles": self._troubles} if self._troubles else {}),
            "script": [{"at": format_instant(at), **line} for at, line in self._lines],
            "happened": {"INC-1": list(happened)},
        }
        if waiting := on_their_way(self._incident, self._past):
            self._notes.append(
                f"When it ends, {waiting} of its messages had not gone out yet; what became of them is not compared."
            )
        if self._notes:
            tree["notes"] = self._notes
        return Exported(tree, rulebook, tuple(self._notes))

    def _need(self) -> Need:
        book, world = self._world.rulebook, self._world
        digests = [(self._opened.policy, self._opened.digest)]
        digests += [(e.policy, e.digest) for one in self._past if isinstance(e := one.event, ev.Repoliced)]
        policies = {name: world.policy(name, digest) for name, digest in digests}
        unrouted = book.unrouted.policy
        policies.setdefault(unrouted, book.policies[unrouted])
        service = book.services.get(self._opened.service) if self._opened.service is not None else None
        if service is not None:
            policies.setdefault(service.policy, book.policies[service.policy])
        named = {name for one in self._past for name in getattr(one.event, "criteria", ())}
        criteria = [one for one in book.criteria if one.name in named]
        for one in criteria:
            if one.then.policy is not None:
                policies.setdefault(one.then.policy, book.policies[one.then.policy])
        whens = [step.when for p in policies.values() for step in (*p.functional, *p.hierarchical) if step.when]
        return Need(
            tuple(policies.values()),
            tuple(criteria),
            self._opened.service or "",
            self._days(),
            self._order(),
            {when: self._condition(when) for when in dict.fromkeys(whens)},
            world.counts_reports,
        )

    def _days(self) -> frozenset[str]:
        """The days around it, on which hours may be closed."""
        first, last = self._opened.at // DAY - 3, self._past[-1].event.at // DAY + 60
        return frozenset(format_day(local("UTC", day * DAY).day) for day in range(first, min(last, first + 400)))

    def _order(self) -> tuple[tuple[str, ...], ...]:
        """In what order a team was called whose order depended on other work."""
        entered = (one.event for one in self._past if isinstance(one.event, ev.StepEntered))
        return tuple((*one.cursor.called, *one.cursor.queue) for one in entered if one.chosen is not None)

    def _note_orders(self, orders: Sequence[Sequence[str]]) -> None:
        """A story knows no other work: a team that is called by load comes in one order in it."""
        for team in self._world.rulebook.teams.values():
            if len({next((who for who in one if who in team.members), "") for one in orders} - {""}) > 1:
                self._notes.append("Other work changed who of a team was called first; the story has the first order.")
                return

    def _condition(self, when: str) -> str:
        """The steps' conditions: kept where they say nothing about anybody, else a label that tells what held."""
        rest = _IN_HOURS.sub("", _HARMLESS.sub("", when))
        if "'" not in rest and '"' not in rest and not _TOLD_AGAIN.search(rest):
            return _IN_HOURS.sub(lambda one: f"in_hours('{self._cast.hours(one[2])}')", when)
        name = self._cast.of("condition", when)
        self._applied.add(when)
        return f"signal.labels['{name}'] == 'holds'"

    def _reach(self) -> dict[str, list[str]]:
        """What led to whom: a way that is broken or gone by now was not while something was tried by it."""
        ways = self._world.facts.methods
        tried: dict[str, dict[str, str]] = {}
        for one in self._past:
            if isinstance(event := one.event, ev.Delivery) and event.person in self._world.rulebook.people:
                tried.setdefault(event.person, {})[event.method] = ways.get(event.person, {}).get(event.method, "")
        found = {who: ways.get(who, {}) | tried.get(who, {}) for who in (*ways, *tried)}
        return {
            self._cast.of("person", who): [
                self._cast.method(m) for m, state in sorted(own.items(), key=lambda one: one[1] != "verified")
                if state != "broken" or m in tried.get(who, {})
            ]
            for who, own in found.items()
            if who in self._cast.asked("person")
        }  # fmt: skip

    def _facts(self) -> Tree:
        facts, found = self._world.facts, {}
        known, schedules = set(self._cast.asked("person")), set(self._cast.asked("schedule"))
        first, last = self._opened.at, self._past[-1].event.at + DAY
        during = [one for one in self._roster() if one.start < last and one.end > first]
        away = [
            {"person": self._cast.of("person", one.person), **_span(one.start, one.end)}
            for one in during
            if isinstance(one, Absence) and one.person in known
        ]
        overrides = [
            {
                "schedule": self._cast.of("schedule", one.schedule),
                "person": self._cast.of("person", one.person),
                "mode": one.mode,
                **({"of": self._cast.of("person", one.of)} if one.of is not None else {}),
                **_span(one.start, one.end),
            }
            for one in during
            if isinstance(one, Override) and one.schedule in schedules
        ]
        if away:
            found["away"] = away
        if overrides:
            found["overrides"] = overrides
        if any(who in known for who in facts.contact):
            self._notes.append("Somebody had contact rules of their own; the story has those of everybody.")
        if any(world.rulebook != self._world.rulebook for _, world in self._later):
            self._notes.append("The rulebook changed while it was live; the story has the one that it opened under.")
        return found

    def _roster(self) -> Iterator[Absence | Override]:
        """Who was away and which shifts were covered: from when it was known, and until it was called off."""
        standing: dict[str, Absence | Override] = {}
        for at, world in ((0, self._world), *self._later):
            entered: tuple[Absence | Override, ...] = (*world.facts.absences, *world.facts.overrides)
            now = {one.id: one for one in entered}
            for gone in standing.keys() - now.keys():
                yield replace(one := standing.pop(gone), end=min(one.end, at))
            new = {name: replace(one, start=max(one.start, at)) for name, one in now.items() if name not in standing}
            standing |= new
        yield from standing.values()

    def _walk(self) -> None:
        """What came from outside, run by run of facts that one command led to."""
        state = initial(self._incident)
        for (by, at), run in groupby(self._past, key=lambda one: (one.by, one.event.at)):
            facts = [one.event for one in run]
            before = state
            for event in facts:
                state = evolve(state, event)
            self._take(by, at, facts, before, state)

    def _take(self, by: str, at: Instant, facts: Sequence[ev.Event], before: Incident, after: Incident) -> None:
        names = [name for event in facts for name in getattr(event, "criteria", ())]
        for event in facts:
            for body in self._bodies(event, names, before):
                self._lines.append((at, {"from": self._cast.of("source", self._opened.source), "body": body}))
            if isinstance(event, ev.Delivery):
                self._delivery(event)
        if by and by not in self._world.rulebook.sources and not any(isinstance(e, ev.Opened) for e in facts):
            self._deed(by, at, facts, before, after)

    def _deed(self, by: str, at: Instant, facts: Sequence[ev.Event], before: Incident, after: Incident) -> None:
        found = deeds(by, facts, before, after, self._cast)
        if found is None:
            self._notes.append(f"What somebody did at {format_instant(at)} cannot be written as a story.")
        elif ":" in (who := self._cast.actor(by)):
            self._notes.append(f"Somebody who is not in the rulebook acted at {format_instant(at)}; it is left out.")
        else:
            self._lines += [(at, {who: one}) for one in found]

    def _bodies(self, event: ev.Event, criteria: Sequence[str], before: Incident) -> Iterator[Body]:
        match event:
            case ev.Opened() | ev.Signalled():
                yield from self._signals(event.signal, event.alerts, criteria)
            case ev.Repeated():
                last = before.signal or self._opened.signal
                for _ in range(min(event.n, MOST_REPEATS)):  # each another text: an equal one would not be counted
                    self._repeats += 1
                    yield self._body(last, "trigger", ()) | {"text": f"text-{self._repeats}"}
            case ev.Suspended() if before.signal is not None or self._opened is not None:
                yield self._body(self._opened.signal, "acknowledge", criteria)
            case _:
                return

    def _signals(
        self, signal: Signal, alerts: Mapping[str, Any], criteria: Sequence[str]
    ) -> Iterator[Tree | list[Tree]]:
        """One delivery: an item for each alert that it changed."""
        found = [
            self._body(signal, "trigger" if one.firing else "resolve", criteria, name) for name, one in alerts.items()
        ]
        if not found:
            yield self._body(signal, signal.action, criteria)
        else:
            yield found if len(found) > 1 else found[0]

    def _body(self, signal: Signal, action: str, criteria: Sequence[str], alert: str | None = None) -> Tree:
        book = self._world.rulebook
        skills = {skill for person in book.people.values() for skill in person.skills}
        labels = {
            self._cast.of("label", name): self._cast.of("skill", value)
            for name, value in signal.labels.items()
            if value in skills
        }
        labels |= {self._cast.of("criterion", name): "applies" for name in criteria}
        labels |= {self._cast.of("condition", when): "holds" for when in self._applied if self._held(when)}
        found: Tree = {
            "key": self._cast.of("key", signal.key),
            "action": action,
            "title": self._cast.of("title", signal.title),
            "kind": self._opened.kind if signal.kind == "incident" else signal.kind,
            "reported_by": signal.reported_by,
        }
        if signal.severity:
            found["severity"] = self._cast.severity(signal.severity)
        if name := alert_id(signal.alert) if alert is None else alert:
            found["alert"] = self._cast.of("alert", name)
        if self._opened.service is not None:
            found["service"] = self._cast.of("service", self._opened.service)
        if signal.reporter:
            found["reporter"] = self._cast.of("person", signal.reporter)
        return found | ({"labels": labels} if labels else {})

    def _held(self, when: str) -> bool:
        """Whether a step's condition held: no step of it was passed over because it did not."""
        policy = self._world.policy(self._opened.policy, self._opened.digest)
        passed = {e.position for one in self._past if isinstance(e := one.event, ev.StepPassed) and e.unmatched}
        unmatched = {e.index for one in self._past if isinstance(e := one.event, ev.RungUnmatched)}
        steps = [step.when for n, step in enumerate(policy.functional) if n in passed]
        rungs = [step.when for n, step in enumerate(policy.hierarchical) if n in unmatched | self._missed]
        return when not in (*steps, *rungs)

    def _delivery(self, event: ev.Delivery) -> None:
        who, method = self._cast.actor(event.person), self._cast.method(event.method)
        if event.outcome == "rung_out":
            self._lines.append((event.at, {"receipt": {who: method, "outcome": "rung_out"}}))
        elif event.outcome != "sent":
            due = self._due_of(event)
            until = due + SECOND if event.outcome == "permanent" else self._well_again(event)
            end = {"until": format_instant(until)} if until is not None else {}
            span = {"from": format_instant(due), **end}
            self._troubles.append({"outcome": event.outcome, **span, "method": method, "person": who})

    def _well_again(self, failed: ev.Delivery) -> Instant | None:
        """When that way to that person next carried something: the same message, or a later one when it was due."""
        way = (failed.person, failed.method)
        for one in self._past:
            event = one.event
            if isinstance(event, ev.Delivery) and event.at > failed.at and event.outcome == "sent":
                if event.message == failed.message:
                    return event.at
                if (event.person, event.method) == way:
                    return max(self._due_of(event), failed.at + 1)
        return None

    def _due_of(self, event: ev.Delivery) -> Instant:
        """When the message of a receipt was meant to leave."""
        return min(self._due.get(event.message, event.at), event.at)

    def _renames(self, name: str, value: str) -> str:
        """What stands for a value of a fact in the record."""
        cast = self._cast
        if name in _KEPT or (name == "option" and value in ("", "accept")):
            return value
        if name in ("person", "by"):
            return cast.actor(value) if value else ""
        if name in ("people", "criteria", "methods"):
            kinds = {"people": "person", "criteria": "criterion"}
            words = [one for one in value.split(", ") if one]
            if name == "methods":
                return ", ".join(map(cast.method, words))
            return ", ".join(cast.actor(one) if name == "people" else cast.of(kinds[name], one) for one in words)
        if name == "to":
            return cast.of("problem", value)
        return cast.method(value) if name == "method" else cast.of(name, value) if value else ""


_KEPT = frozenset({"step", "lap", "n", "round", "priority"})
"""Values of facts that say nothing about anybody."""


def _span(start: Instant, end: Instant) -> Tree:
    return {"from": format_instant(start), "until": format_instant(end)}
