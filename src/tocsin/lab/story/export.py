"""An incident that happened as a story: what came from outside and when, without anybody's name or words in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from tocsin.core.calendar.zones import format_day, local
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.incident.state import Incident, alert_id
from tocsin.core.instant import DAY, SECOND, Instant, format_instant
from tocsin.core.outgoing import Message
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.story.again import record
from tocsin.lab.story.cast import Cast
from tocsin.lab.story.doings import deeds
from tocsin.lab.story.reduced import Need, Reduced

Tree = dict[str, Any]
Body = Tree | list[Tree]

_HARMLESS = re.compile(r"'(?:person|tool|incident|complaint|security|request|open|acknowledged|[0-9]+[smhd]|P[1-5])'")
"""Texts in conditions that say nothing about anybody."""


MOST_REPEATS = 100
"""So many repeats of one signal are written out."""


class Past(Struct, frozen=True):
    """One fact, and who put the command that it followed from."""

    event: ev.Event
    by: str = ""


class Exported(Struct, frozen=True):
    """The story as a tree for YAML, its rulebook apart; `notes` say what it cannot hold."""

    tree: Tree
    rulebook: Tree
    notes: tuple[str, ...]


def export(incident: str, past: Sequence[Past], world: World) -> Exported:
    """The story of an incident; `world` is what was known when it opened. It must have opened."""
    return _Writer(incident, past, world).exported()


class _Writer:
    def __init__(self, incident: str, past: Sequence[Past], world: World) -> None:
        self._incident, self._past, self._world = incident, past, world
        self._cast = Cast()
        self._opened = next(one.event for one in past if isinstance(one.event, ev.Opened))
        self._lines: list[tuple[Instant, Tree]] = []
        self._troubles: list[Tree] = []
        self._notes: list[str] = []
        self._applied: set[str] = set()
        self._due = _dues(incident, past)

    def exported(self) -> Exported:
        start, need = self._opened.at, self._need()
        self._walk()
        self._lines.append((self._past[-1].event.at, {}))
        source = {"intake": "generic", "key": "${KEY}"}
        sources = {self._cast.of("source", self._opened.source): source}
        happened = record((one.event for one in self._past), start, self._renames)
        # the rules come last, so that whoever acted or was named stands in them
        rulebook = {**Reduced(self._world.rulebook, self._cast, need).tree(), "sources": sources}
        tree: Tree = {
            "story": "An incident as it happened, without names",
            "start": format_instant(start),
            "reach": self._reach(),
            **self._facts(),
            **({"troubles": self._troubles} if self._troubles else {}),
            "script": [{"at": format_instant(at), **line} for at, line in self._lines],
            "happened": {"INC-1": list(happened)},
        }
        if waiting := _on_their_way(self._incident, self._past):
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
        )

    def _days(self) -> frozenset[str]:
        """The days around it, on which hours may be closed."""
        first, last = self._opened.at // DAY - 3, self._past[-1].event.at // DAY + 60
        return frozenset(format_day(local("UTC", day * DAY).day) for day in range(first, min(last, first + 400)))

    def _order(self) -> tuple[tuple[str, ...], ...]:
        """In what order a team was called whose order depended on other work."""
        entered = (one.event for one in self._past if isinstance(one.event, ev.StepEntered))
        return tuple((*one.cursor.called, *one.cursor.queue) for one in entered if one.chosen is not None)

    def _condition(self, when: str) -> str:
        """The steps' conditions: kept where they say nothing about anybody, else a label that tells what held."""
        rest = _HARMLESS.sub("", when)
        if "'" not in rest and '"' not in rest and ".labels" not in rest:
            return when
        name = self._cast.of("condition", when)
        self._applied.add(when)
        return f"signal.labels['{name}'] == 'holds'"

    def _reach(self) -> dict[str, list[str]]:
        ways = self._world.facts.methods
        return {
            self._cast.of("person", who): [
                self._cast.method(m) for m, state in sorted(own.items(), key=lambda one: one[1] != "verified")
                if state != "broken"
            ]
            for who, own in ways.items()
            if who in self._cast.asked("person")
        }  # fmt: skip

    def _facts(self) -> Tree:
        facts, found = self._world.facts, {}
        known = set(self._cast.asked("person"))
        first, last = self._opened.at, self._past[-1].event.at + DAY
        away = [
            {"person": self._cast.of("person", one.person), **_span(one.start, one.end)}
            for one in facts.absences
            if one.person in known and one.start < last and one.end > first
        ]
        overrides = [
            {
                "schedule": self._cast.of("schedule", one.schedule),
                "person": self._cast.of("person", one.person),
                "mode": one.mode,
                **({"of": self._cast.of("person", one.of)} if one.of is not None else {}),
                **_span(one.start, one.end),
            }
            for one in facts.overrides
            if one.schedule in self._cast.asked("schedule") and one.start < last and one.end > first
        ]
        if away:
            found["away"] = away
        if overrides:
            found["overrides"] = overrides
        if any(who in known for who in facts.contact):
            self._notes.append("Somebody had contact rules of their own; the story has those of everybody.")
        return found

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
        elif by in self._world.rulebook.people:
            self._lines += [(at, {self._cast.of("person", by): one}) for one in found]
        else:
            self._notes.append(f"Somebody who is not in the rulebook acted at {format_instant(at)}; it is left out.")

    def _bodies(self, event: ev.Event, criteria: Sequence[str], before: Incident) -> Iterator[Body]:
        match event:
            case ev.Opened() | ev.Signalled():
                yield from self._signals(event.signal, event.alerts, criteria)
            case ev.Repeated():
                last = before.signal or self._opened.signal
                yield from (self._body(last, "trigger", ()) for _ in range(min(event.n, MOST_REPEATS)))
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
        rungs = [step.when for n, step in enumerate(policy.hierarchical) if n in unmatched]
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


def _dues(incident: str, past: Sequence[Past]) -> dict[str, Instant]:
    """When each message was meant to leave, by its id."""
    state = initial(incident)
    found: dict[str, Instant] = {}
    for one in past:
        state = evolve(state, one.event)
        found |= {message.id: message.due_at for message in outgoing(one.event, state)}
    return found


def _on_their_way(incident: str, past: Sequence[Past]) -> int:
    """How many messages were due by the last fact and had neither gone out nor been withdrawn."""
    state, waiting = initial(incident), dict[str, Message]()
    for one in past:
        state = evolve(state, one.event)
        for needless in withdrawn(one.event, state):
            waiting = {name: message for name, message in waiting.items() if not needless.means(message)}
        waiting |= {message.id: message for message in outgoing(one.event, state)}
        if isinstance(one.event, ev.Delivery) and one.event.outcome != "passing":
            waiting.pop(one.event.message, None)
    return sum(message.due_at <= past[-1].event.at for message in waiting.values())


def _span(start: Instant, end: Instant) -> Tree:
    return {"from": format_instant(start), "until": format_instant(end)}
