"""Laws of one incident, whatever the rules and whatever happens: never silent, never two truths, no needless page."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from tests.cast import MONDAY
from tests.core.incident.play import covers
from tests.laws.incidents import FIRST, acts, kept_beside, of_siblings, people, reports, worlds
from tocsin.core.decider import Decider, Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import decide
from tocsin.core.incident.due import due, timers
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.incident.state import Incident
from tocsin.core.incident.tick import MOST
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Instant
from tocsin.core.outgoing import Message
from tocsin.core.routing.criteria import Conditions
from tocsin.core.signal import Signal
from tocsin.core.world import World

DECIDER: Decider[Incident, ev.Event] = Decider(initial, evolve, due)
READ_EVENT = msgspec.json.Decoder(ev.Event).decode
READ_STATE = msgspec.json.Decoder(Incident).decode
HUMAN = ("page", "ask", "decide", "offer", "still_on_it")
BY_HAND = (cmd.Escalate, cmd.Reassign, cmd.Accept, cmd.Decline, cmd.Unacknowledge, cmd.SetPriority)


class OneIncident(RuleBasedStateMachine):
    """Commands, receipts and ticks in any order, early and late; after each, everything that must hold is held."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.now: Instant = MONDAY
        self.state = initial("INC-1")
        self.events: list[ev.Event] = []
        self.authors: list[str] = []
        self.delivered: set[str] = set()
        self.ids: set[str] = set()
        self.unsent: dict[str, Message] = {}
        self.settled = False

    @initialize(world=worlds(), hours=st.integers(0, 200), report=reports, beside=kept_beside)
    def an_organisation(self, world: World, hours: int, report: cmd.Report, beside: cmd.Beside | None) -> None:
        self.world = world
        self.now = MONDAY + hours * HOUR
        self.put(replace(report, beside=beside))

    # -------------------------------------------------------------------------------- what happens

    @rule(report=reports)
    def a_signal(self, report: cmd.Report) -> None:
        self.put(report)

    @precondition(lambda self: self.state.sibling_of is not None)
    @rule(report=reports, attended=st.booleans())
    def a_signal_beside_another_incident(self, report: cmd.Report, attended: bool) -> None:
        self.world = self.world.beside(FIRST if attended else None)
        self.put(replace(report, beside=cmd.Beside(FIRST)))

    @precondition(lambda self: self.state.status != "new")
    @rule(command=of_siblings)
    def something_of_a_sibling(self, command: cmd.Command) -> None:
        self.put(command)

    @precondition(lambda self: self.state.live)
    @rule(again=st.sampled_from(("", "alone", "beside")), minutes=st.integers(0, 12))
    def everything_is_over_and_perhaps_not(self, again: str, minutes: int) -> None:
        over = tuple(Signal("k", "resolve", "", alert=name) for name in self.state.alerts)
        self.put(cmd.Report(self.state.source, self.state.scope, over))
        self.now += minutes * MINUTE
        held = again == "beside" and self.state.sibling_of is not None
        beside = cmd.Beside(FIRST) if held else None
        if again:
            once_more = (Signal("k", "trigger", "down"),)
            self.put(cmd.Report(self.state.source, self.state.scope, once_more, beside=beside))

    @precondition(lambda self: self.state.status != "new")
    @rule(data=st.data())
    def a_person(self, data: Any) -> None:
        self.put(data.draw(acts(self.state, self.now)))

    @precondition(lambda self: self.unsent)
    @rule()
    def everything_is_delivered(self) -> None:
        for name in sorted(self.unsent):
            if name in self.unsent:
                self.deliver(name, "sent")

    @precondition(lambda self: self.unsent)
    @rule(data=st.data(), outcome=st.sampled_from(("sent", "sent", "passing", "permanent", "rung_out")))
    def a_receipt(self, data: Any, outcome: cmd.Outcome) -> None:
        self.deliver(data.draw(st.sampled_from(sorted(self.unsent))), outcome)

    @rule(outcome=st.sampled_from(("sent", "passing", "permanent", "rung_out")))
    def a_receipt_that_nobody_expects(self, outcome: cmd.Outcome) -> None:
        self.put(cmd.Receipt("x", 1, "ana", "email", outcome))

    @rule()
    def a_tick_too_early(self) -> None:
        at = due(self.state)
        if at is None or at > self.now:
            assert self.put(cmd.Tick()) == ()

    @precondition(lambda self: due(self.state) is not None)
    @rule(late=st.sampled_from((0, 0, 0, 1, 2 * MINUTE, 5 * HOUR, 3 * DAY)))
    def a_tick(self, late: int) -> None:
        self.now = max(self.now, (due(self.state) or 0) + late)
        self.tick()

    @precondition(lambda self: self.state.status != "new")
    @rule(by=people, data=st.data(), passed=st.sampled_from((0, 1, 10 * SECOND, 30 * SECOND)))
    def somebody_thinks_better_of_it(self, by: str, data: Any, passed: int) -> None:
        self.now += passed
        recent = [n for n, (one, author) in enumerate(zip(self.events, self.authors, strict=True), 1) if author]
        act = data.draw(st.none() | st.sampled_from(recent[-8:])) if recent else None
        who = by if act is None else self.authors[act - 1]
        self.put(cmd.Undo(who, act, past=tuple(map(cmd.Past, self.events, self.authors))))

    @rule(passed=st.sampled_from((1, 20 * SECOND, MINUTE, HOUR)))
    def time_passes(self, passed: int) -> None:
        self.now += passed

    # ------------------------------------------------------------------------------------ the laws

    def put(self, command: cmd.Command) -> tuple[ev.Event, ...]:
        decision = decide(self.state, command, self.world, self.now)
        conditions = Conditions(self.world.conditions.compiled)
        never_asked = replace(self.world, conditions=conditions, rosters={}, asked=[], lasting=[])
        assert decision == decide(self.state, command, never_asked, self.now)
        if isinstance(decision, Refused):
            assert decision.code
            assert decision.text
            return ()
        before, settled = self.state, self.settled
        self.authors += [cmd.author(command)] * len(decision)
        messages = [message for event in decision for message in self.apply(event)]
        self.check_needless(before, command, decision, messages)
        self.check_held(before, command, messages)
        if settled and isinstance(command, cmd.Escalate):
            self.settled = not self.state.calling  # onto a step that needs more people
        return decision

    def apply(self, event: ev.Event) -> tuple[Message, ...]:
        assert READ_EVENT(msgspec.json.encode(event)) == event
        if isinstance(event, ev.RungFired):
            assert self.state.hierarchical[event.index].state != "fired", "a fired step fires again"
        self.state = evolve(self.state, event)
        self.events.append(event)
        sent = outgoing(event, self.state)
        for message in sent:
            again = isinstance(event, ev.Undone) and message.purpose != "undone"
            assert message.id not in (self.delivered if again else self.ids)
            assert (message.purpose, message.to) != ("offer", self.state.owner), "offered to whom it has"
            self.ids.add(message.id)
            self.unsent[message.id] = message
        for one in withdrawn(event, self.state):
            self.unsent = {name: message for name, message in self.unsent.items() if not covers(one, message)}
        if isinstance(event, ev.Acknowledged) and event.settled:
            self.settled = True
            assert not any(one.purpose == "page" for one in self.unsent.values())
        if isinstance(event, ev.AcknowledgementEnded | ev.Resolved | ev.Reopened | ev.Undone):
            self.settled = False
        return sent

    def check_needless(
        self, before: Incident, command: cmd.Command, decision: tuple[ev.Event, ...], messages: list[Message]
    ) -> None:
        """No page while somebody works on it, unless a person wants it or only a resolution would stop the step."""
        ends = ev.Acknowledged | ev.AcknowledgementEnded | ev.Reopened | ev.RequestEnded | ev.Resolved | ev.Undone
        if not self.settled or isinstance(command, BY_HAND) or any(isinstance(one, ends) for one in decision):
            return
        if before.flap.quiet_at is not None or any(step.unless == "resolved" for step in self.policy.functional):
            return
        assert not [one for one in messages if one.purpose == "page"]

    def check_held(self, before: Incident, command: cmd.Command, messages: list[Message]) -> None:
        """What is held pages nobody by itself; whom a person has begun to call, that call goes on to reach."""
        if self.state.held_until is None or hasattr(command, "by"):
            return
        called = {one.person for one in before.rounds if one.purpose == "page" and before.live}
        assert not [one for one in messages if one.purpose == "page" and one.to not in called], "what is held pages"

    @property
    def policy(self) -> Any:
        return self.world.policy(self.state.policy, self.state.digest)

    def tick(self) -> None:
        """Ticks until nothing is due: each makes progress, and one more changes nothing."""
        for _ in range(5):
            served = self.put(cmd.Tick())
            assert served
            at = due(self.state)
            if at is None or at > self.now:
                break
            assert len(served) >= MOST
        else:
            raise AssertionError(f"endless: {due(self.state)} at {self.now}")
        assert self.put(cmd.Tick()) == ()

    def deliver(self, name: str, outcome: cmd.Outcome) -> None:
        one = self.unsent.pop(name) if outcome != "passing" else self.unsent[name]
        if outcome != "passing":
            self.delivered.add(name)
        self.put(cmd.Receipt(one.id, one.round, one.to, one.method, outcome))

    @invariant()
    def a_live_incident_is_never_silent(self) -> None:
        assert not self.state.live or due(self.state) is not None

    @invariant()
    def it_is_due_when_the_first_of_its_timers_runs_out(self) -> None:
        assert due(self.state) == min((one.at for one in timers(self.state)), default=None)

    @invariant()
    def what_the_state_counts_on_is_in_the_outbox(self) -> None:
        for one in self.state.rounds if self.state.live else ():
            for ring in one.rings:
                name = f"INC-1.{one.number}.{one.person}.{ring.method}"
                assert ring.state not in ("ringing", "failing") or name in self.unsent, name

    @invariant()
    def the_state_reads_back_as_it_was_written(self) -> None:
        assert READ_STATE(msgspec.json.encode(self.state)) == self.state

    def teardown(self) -> None:
        assert DECIDER.fold("INC-1", self.events) == self.state
        if self.state.live:
            self.check_that_somebody_is_reached()

    def check_that_somebody_is_reached(self) -> None:
        """Nobody does anything any more, and everything is delivered: before long a human is asked again."""
        for name in sorted(self.unsent):
            self.deliver(name, "sent")
        until = self.now + 60 * DAY
        self.world = self.world.beside(None)  # and the incident beside which it is held, if it is, has nobody
        while self.state.live and not any(one.purpose in HUMAN for one in self.unsent.values()):
            at = due(self.state)
            assert at is not None
            assert at < until, "nobody is reached within sixty days"
            self.now = max(self.now, at)
            self.tick()


TestOneIncident = OneIncident.TestCase
TestOneIncident.settings = settings(settings.default, stateful_step_count=40)
