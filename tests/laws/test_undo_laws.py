"""The law of undo: an act that was taken back in time never happened, whatever came before it and whatever follows."""

from collections.abc import Iterable
from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cast import MONDAY
from tests.core.incident.play import covers
from tests.laws.incidents import acts, people, reports, worlds
from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import decide
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.incident.state import Incident
from tocsin.core.incident.undoing import UNDO_WITHIN, kind_of
from tocsin.core.instant import HOUR, MINUTE, Instant
from tocsin.core.outgoing import Message
from tocsin.core.world import World


class Course:
    """One course of events; two that begin alike can be compared."""

    def __init__(self, world: World, now: Instant) -> None:
        self.world = world
        self.now = now
        self.state = initial("INC-1")
        self.past: list[cmd.Past] = []
        self.unsent: dict[str, Message] = {}

    def put(self, command: cmd.Command) -> tuple[ev.Event, ...] | None:
        """The facts that follow, None where it is refused."""
        if isinstance(command, cmd.Undo):
            command = replace(command, past=tuple(self.past))
        decision = decide(self.state, command, self.world, self.now)
        if isinstance(decision, Refused):
            return None
        for one in decision:
            self.state = evolve(self.state, one)
            self.past.append(cmd.Past(one, cmd.author(command)))
            for gone in withdrawn(one, self.state):
                self.unsent = {name: kept for name, kept in self.unsent.items() if not covers(gone, kept)}
            self.unsent |= {message.id: message for message in outgoing(one, self.state)}
        return decision

    def deliver(self, names: Iterable[str]) -> None:
        """They are sent, and the provider says so; what was called back may have been in its hands already."""
        for name in names:
            person, method = name.split(".")[2:4]
            self.unsent.pop(name, None)
            self.put(cmd.Receipt(name, int(name.split(".")[1]), person, method, "sent"))

    def calls(self) -> list[str]:
        """What is on its way and rings."""
        return sorted(name for name, one in self.unsent.items() if one.round)

    def go_on(self, ticks: int) -> list[tuple[ev.Event, ...] | None]:
        """Nobody does anything any more: what follows by itself."""
        told = []
        for _ in range(ticks):
            at = due(self.state)
            if at is None:
                break
            self.now = max(self.now, at)
            told.append(self.put(cmd.Tick()))
        return told


def branch(course: Course) -> Course:
    """The same, to go another way."""
    other = Course(course.world, course.now)
    other.state, other.past, other.unsent = course.state, list(course.past), dict(course.unsent)
    return other


@st.composite
def histories(draw: Any) -> Course:
    """Something was reported, and some things have happened to it."""
    course = Course(draw(worlds()), MONDAY + draw(st.integers(0, 60)) * HOUR)
    course.put(draw(reports))
    assume(course.state.live)
    for _ in range(draw(st.integers(0, 5))):
        what = draw(st.sampled_from(("tick", "act", "deliver", "time", "report")))
        if what == "tick":
            course.now = max(course.now, due(course.state) or 0)
            course.put(cmd.Tick())
        elif what == "act":
            course.put(draw(acts(course.state, course.now)))
        elif what == "deliver":
            course.deliver(course.calls()[:2])
        elif what == "report":
            course.put(draw(reports))
        course.now += draw(st.sampled_from((0, 1, MINUTE)))
    return course


def undoable(state: Incident, now: Instant) -> st.SearchStrategy[cmd.Command]:
    """Whatever can be taken back."""
    by = st.builds(cmd.Acknowledge, people) | st.builds(cmd.TakeOver, people) | st.builds(cmd.Resolve, people)
    kinds = (cmd.Acknowledge, cmd.TakeOver, cmd.Accept, cmd.Resolve, cmd.Reassign, cmd.Snooze, cmd.Pend)
    return by | acts(state, now).filter(lambda one: isinstance(one, kinds) and not one.by.startswith("source:"))


@given(histories(), st.data())
def test_an_act_that_was_taken_back_never_happened(course: Course, data: Any) -> None:
    course.now += 1
    never = branch(course)
    command = data.draw(undoable(course.state, course.now))
    facts = course.put(command)
    assume(facts)
    assert facts is not None
    by = cmd.author(command)
    known = by in course.world.rulebook.people or by.startswith("token:")
    assume(known and kind_of([cmd.Past(one, by) for one in facts]) is not None)
    event(type(command).__name__)

    sent = data.draw(st.lists(st.sampled_from(never.calls()), unique=True)) if never.calls() else []
    left = UNDO_WITHIN
    for name in sent:
        passed = data.draw(st.integers(0, left))
        left -= passed
        for each in (course, never):
            each.now += passed
            each.deliver([name])
    passed = data.draw(st.integers(0, left))
    for each in (course, never):
        each.now += passed
    assert course.put(cmd.Undo(by)) is not None

    stands = course.state
    counted = {name: getattr(stands, name) for name in ("seq", "moved", "at", "round", "request")}
    assert stands == replace(never.state, **counted)
    assert due(stands) == due(never.state)
    back = {name for name, one in course.unsent.items() if one.purpose != "undone"}
    assert set(never.unsent) == back, "what it had called back does not come back, or what it sent does not go"
    never.state = replace(stands)
    assert course.go_on(12) == never.go_on(12)


@given(histories(), st.data())
def test_nothing_can_be_taken_back_later_or_by_another(course: Course, data: Any) -> None:
    command = data.draw(undoable(course.state, course.now))
    by = cmd.author(command)
    assume(course.put(command))
    act = len(course.past)
    assert course.put(cmd.Undo("nobody", act)) is None
    course.now += UNDO_WITHIN + 1
    assert course.put(cmd.Undo(by, act)) is None
    assert course.put(cmd.Undo(by)) is None
