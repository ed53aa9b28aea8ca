"""What the real rules say of one opening: opened by `decide` and foreseen until somebody hears of it.

This is what every proof is held against; nothing in here knows how a proof is made.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId, RequestId, ServiceId, SourceId, TeamId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.commands import Tick
from tocsin.core.incident.decide import Facts, decided
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import initial
from tocsin.core.incident.state import Round
from tocsin.core.instant import Instant
from tocsin.core.routing.criteria import Conditions, Context, Verdict
from tocsin.core.signal import Kind, Signal
from tocsin.core.world import CHANNEL, Surroundings, World
from tocsin.lab.verifier.content import APART, Rest, known, known_of, reads, rest
from tocsin.lab.verifier.desks import Desks
from tocsin.lab.verifier.reach import RUNGS, Rung
from tocsin.lab.verifier.supposing import Supposed

MOST = 200
"""Things that happen after an opening, beyond which nobody looks."""


class Heard(Struct, frozen=True):
    """These humans are rung first, at that instant."""

    at: Instant
    people: tuple[PersonId, ...]


class Played(Struct, frozen=True):
    """Who hears of it by rung of reach; `until` is how far was looked, None: nothing more will ever happen."""

    heard: dict[str, Heard]
    until: Instant | None


class _Supposing(Conditions, frozen=True):
    """Conditions of which what hangs on content is as supposed, whatever the report says."""

    supposed: dict[str, bool] = {}
    services: frozenset[str] = frozenset()

    def judge(self, source: str, context: Context) -> Verdict:
        """What is known is asked; what is left of it is as supposed, or else as the report says."""
        if reads(source).content:
            judge = super().judge
            left = rest(source, tuple(known(one, context, judge, self.services) for one in known_of(source)))
            if not isinstance(left, Rest):
                return left
            if left.text in self.supposed:
                return self.supposed[left.text]
        return super().judge(source, context)


def supposing(world: World, supposed: Supposed, *, content: bool = True) -> World:
    """The world in which conditions on content have these verdicts, and these people have the turn.

    Without `content` conditions are left to the report, which then has to be one of which all that is supposed is true.
    """
    verdicts: dict[str, bool] = {}
    turns: dict[TeamId, PersonId] = {}
    load: dict[PersonId, int] = {}
    for name, value in supposed.items():
        if not isinstance(value, str):
            verdicts[name.partition(APART)[0]] = value
            continue
        _, team, people, *_ = name.split(":")
        ring = [PersonId(one) for one in people.split(",")]
        first = ring.index(PersonId(value))
        turns[TeamId(team)] = ring[first - 1]
        load |= {person: 2 * ((at - first) % len(ring)) for at, person in enumerate(ring)}
    compiled, services = world.conditions.compiled, frozenset(world.rulebook.services)
    conditions = _Supposing(compiled, supposed=verdicts, services=services) if content else Conditions(compiled)
    return World(world.rulebook, conditions, world.facts, Surroundings(load=load, turns=turns))


def play(
    world: World, service: ServiceId, priority: Priority, kind: Kind, opening: Instant, until: Instant,
    rungs: Iterable[Rung] = RUNGS, report: Signal | None = None, deaf: tuple[str, ...] = (), most: int = MOST,
) -> Played:  # fmt: skip
    """An incident that opens then and whom nobody acts on; it is looked at until all `rungs` are known, or `until`.

    It is opened by that report, which says its service and kind, or by one that says nothing else. `deaf` are people
    and methods of whom nothing is heard. No more than `most` things are looked at.
    """
    rules = replace(world.rulebook.priorities, severity={"else": priority})
    known = replace(world, rulebook=replace(world.rulebook, priorities=rules), rosters={}, asked=[])
    signal = report or Signal(key="proof", action="trigger", title=service, service=service, kind=kind)
    facts = decided(initial("proof"), cmd.Report(SourceId(""), "proof", (signal,)), known, opening)
    if isinstance(facts, Refused):
        return Played({}, None)
    listening = _Listening(deaf)
    listening.hear(event for event, _ in facts)
    wanted = tuple(rungs)
    for number, (at, events) in enumerate(_coming(facts, known)):
        if at > until or number >= most or listening.knows(wanted, at):
            return Played(listening.heard, at)
        listening.hear(events)
    return Played(listening.heard, None)


def _coming(facts: Facts, world: World) -> Iterator[tuple[Instant, tuple[ev.Event, ...]]]:
    """What happens next while nobody acts, again and again; whom it calls has had their turn for what comes after."""
    desks = Desks(world)
    while (at := due(facts[-1][1])) is not None:
        desks.hear(facts)
        found = decided(facts[-1][1], Tick(), desks.world, at)
        if isinstance(found, Refused) or not found:
            return
        facts = found
        yield at, tuple(event for event, _ in facts)


class _Listening:
    """Facts heard one after the other."""

    def __init__(self, deaf: tuple[str, ...]) -> None:
        self.heard: dict[str, Heard] = {}
        self._deaf = deaf
        self._rounds: dict[int, Round] = {}

    def knows(self, rungs: tuple[Rung, ...], at: Instant) -> bool:
        """Whether nothing that happens at `at` or later can change the answers."""
        return all(rung in self.heard and self.heard[rung].at < at for rung in rungs)

    def hear(self, events: Iterable[ev.Event]) -> None:
        """Note who is rung by what one decision tells; what it withdraws itself is never sent."""
        told = tuple(events)
        for number, event in enumerate(told):
            for one in self._rung(event):
                ended = one.request and any(_ends(later, one.request) for later in told[number + 1 :])
                if not ended and not one.person.startswith(CHANNEL) and one.person not in self._deaf:
                    self._note("first", event.at, one.person)
                    self._note("responder" if one.purpose == "page" else "management", event.at, one.person)

    def _rung(self, event: ev.Event) -> Iterator[Round]:
        """Who is rung; where what rings first fails, the next entry rings now."""
        if isinstance(event, ev.Paged):
            self._rounds[event.round.number] = event.round
            if any(ring.at <= event.at for ring in event.round.rings) and self._leads(event.round):
                yield event.round
        elif isinstance(event, ev.Rang) and event.round in self._rounds and self._leads(self._rounds[event.round]):
            yield self._rounds[event.round]

    def _leads(self, one: Round) -> bool:
        return any(ring.method not in self._deaf for ring in one.rings)

    def _note(self, rung: Rung, at: Instant, person: PersonId) -> None:
        known = self.heard.get(rung)
        if known is None:
            self.heard[rung] = Heard(at, (person,))
        elif known.at == at and person not in known.people:
            self.heard[rung] = Heard(at, (*known.people, person))


def _ends(event: ev.Event, request: RequestId) -> bool:
    """Whether a question is put to others, or needs no answer any more."""
    match event:
        case ev.Climbed(request=put):
            return put.id == request
        case ev.Answered(request=name) | ev.RequestEnded(request=name):
            return name == request
        case _:
            return False
