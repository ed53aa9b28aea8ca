"""The law of later steps: whom each is proved to call first is whom the real rules call at it, to the microsecond."""

from collections.abc import Iterator
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.laws.rulebooks import PROVED, worlds
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId, RequestId, ServiceId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import decided
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import initial
from tocsin.core.incident.state import Incident, Round
from tocsin.core.instant import DAY, Instant
from tocsin.core.signal import Kind, Signal
from tocsin.core.world import CHANNEL, World
from tocsin.lab.verifier.confirming import playable
from tocsin.lab.verifier.desks import Desks
from tocsin.lab.verifier.exploring import Explorer
from tocsin.lab.verifier.later import EXHAUSTED, asked_of
from tocsin.lab.verifier.opening import openings
from tocsin.lab.verifier.played import supposing
from tocsin.lab.verifier.reach import KINDS, Stretch
from tocsin.lab.verifier.timeline import Ground

few = settings(max_examples=25, derandomize=True) if settings().max_examples <= 100 else settings()
LOOK = 3 * DAY
"""How far an opening is played that nobody is proved to hear of at a step."""


class Rung(Struct):
    """Who is rung at a step, and when."""

    at: Instant
    people: set[PersonId]


class Following:
    """The facts of one incident, heard one after the other: each round belongs to the step that began it."""

    def __init__(self) -> None:
        self.heard: dict[str, Rung] = {}
        self._step = ""
        self._rung = ""
        self._questions: dict[RequestId, str] = {}
        self._rounds: dict[int, tuple[str, Round]] = {}

    def hear(self, events: tuple[ev.Event, ...]) -> None:
        for number, event in enumerate(events):
            match event:
                case ev.StepEntered(cursor=cursor):
                    self._step = f"functional:{cursor.position + 1}" if cursor.lap == 0 else ""
                case ev.Exhausted():
                    self._step = EXHAUSTED
                case ev.RungFired(index=index):
                    self._rung = f"hierarchical:{index + 1}"
                    self._questions.pop(RequestId(""), None)
                case ev.Asked(request=put):
                    self._questions[put.id] = self._rung
                case ev.Paged(round=one):
                    if one.causes[-1].key == "rung.criterion":
                        self._questions[one.request] = "criterion"
                    step = self._step if one.purpose == "page" else self._questions.get(one.request, self._rung)
                    self._rounds[one.number] = step, one
                    if any(ring.at <= event.at for ring in one.rings):
                        self._note(step, event.at, one, events[number:])
                case ev.Rang(round=rung) if rung in self._rounds:
                    self._note(*self._rounds[rung][:1], event.at, self._rounds[rung][1], events[number:])
                case _:
                    continue

    def _note(self, step: str, at: Instant, one: Round, later: tuple[ev.Event, ...]) -> None:
        put = {each.request.id for each in later if isinstance(each, ev.Climbed)}
        if one.person.startswith(CHANNEL) or one.request in put:
            return
        known = self.heard.setdefault(step, Rung(at, set()))
        if known.at == at:
            known.people.add(one.person)


def played(world: World, priority: Priority, kind: Kind, opening: Instant, until: Instant) -> dict[str, Rung]:
    """Whom each step of an incident that opens then calls while nobody acts, and everything that is sent arrives."""
    rules = replace(world.rulebook.priorities, severity={"else": priority})
    known = replace(world, rulebook=replace(world.rulebook, priorities=rules), rosters={}, asked=[])
    signal = Signal(key="later", action="trigger", title="db", service=ServiceId("db"), kind=kind)
    facts = decided(initial("later"), cmd.Report(SourceId(""), "later", (signal,)), known, opening)
    following, desks = Following(), Desks(known)
    while not isinstance(facts, Refused) and facts:
        following.hear(tuple(event for event, _ in facts))
        desks.hear(facts)
        state = _arrived(facts[-1][1], desks.world, facts[-1][1].at)
        at = due(state)
        if at is None or at > until:
            break
        facts = decided(state, cmd.Tick(), desks.world, at)
    return following.heard


def _arrived(state: Incident, world: World, now: Instant) -> Incident:
    """The incident once the provider has taken all that rings."""
    for one in state.rounds:
        for ring in one.rings:
            if ring.state == "ringing":
                receipt = cmd.Receipt("", one.number, one.person, ring.method, "sent")
                facts = decided(state, receipt, world, now)
                assert not isinstance(facts, Refused)
                state = facts[-1][1] if facts else state
    return state


def _openings(stretch: Stretch, chance: Random) -> Iterator[Instant]:
    yield stretch.start
    yield stretch.end - 1
    yield chance.randrange(stretch.start, stretch.end)


@few
@given(worlds(), st.sampled_from(PRIORITIES), st.sampled_from(KINDS), st.randoms(use_true_random=False))
def test_whom_a_later_step_is_proved_to_call_is_whom_the_rules_call(drawn, priority, kind, chance) -> None:
    world, start = drawn
    ground = Ground(world, start)
    found = openings(ground, world.rulebook.services["db"], priority, kind)
    opening_of = chance.choice(found.all)
    asked = asked_of(world.rulebook.policies.values())
    ways = [one for one in Explorer(ground, start + PROVED).later(opening_of, asked) if playable(ground, one)]
    for one in chance.sample(ways, min(len(ways), 2)):
        rules = supposing(world, one.supposed)
        for step, line in one.way.later.items():
            assert [line[0].start, *(each.end for each in line)] == [*(each.start for each in line), start + PROVED]
            for stretch in chance.sample(line, min(len(line), 2)):
                for opening in _openings(stretch, chance):
                    at = stretch.reached_at(opening)
                    heard = played(rules, priority, kind, opening, opening + LOOK if at is None else at).get(step)
                    if at is None:
                        assert heard is None, (step, opening - stretch.start, stretch, heard)
                    else:
                        assert heard is not None, (step, opening - stretch.start, stretch)
                        assert heard.at == at, (step, opening - stretch.start, stretch, heard)
                        assert heard.people == set(stretch.people) or heard.people <= set(stretch.any_of), (
                            step,
                            stretch,
                            heard,
                        )
