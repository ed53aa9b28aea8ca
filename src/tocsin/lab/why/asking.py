"""The question put: why somebody was or was not reached up to an instant, and why the next step is what it is."""

from collections.abc import Sequence

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.lab.why.answer import NOT_YET, Answer, Letter, Line
from tocsin.lab.why.coming import coming
from tocsin.lab.why.letters import arrived
from tocsin.lab.why.person import Worlds, ahead, told


def why(incident: str, past: Sequence[ev.Event], worlds: Worlds, at: Instant, person: PersonId | None = None) -> Answer:
    """The answer about an incident as it stood `at`; `past` are all its facts, later ones are left out.

    `worlds` gives the rulebook that was in force at an instant, and what had been entered by then.
    """
    known = [event for event in past if event.at <= at]
    state = initial(incident)
    for event in known:
        state = evolve(state, event)
    if state.status == "new":
        return Answer(at, person, Phrase(NOT_YET, {"since": str(past[0].at)}), (), (), None)
    world = worlds(at)
    following = coming(state, world, at)
    if person is None:
        return Answer(at, None, None, (), (), following)
    found = told(incident, known, worlds, person)
    letters = found.letters.all()
    lines = (*found.lines, *ahead(state, world, at, person))
    return Answer(at, person, _verdict(person, lines, letters), lines, letters, following, _notes(world, person))


def _verdict(person: PersonId, lines: Sequence[Line], letters: Sequence[Letter]) -> Phrase:
    if sent := arrived(letters):
        return Phrase("lab.why.verdict.reached", {"person": person, "since": str(sent[0].at)})
    if any(not one.fates or one.fates[-1].outcome == "passing" for one in letters):
        return Phrase("lab.why.verdict.under_way", {"person": person})
    if letters:
        return Phrase("lab.why.verdict.not_arrived", {"person": person})
    named = any(one.kind == "kept_out" and one.why for one in lines)
    return Phrase("lab.why.verdict.kept_out" if named else "lab.why.verdict.never_named", {"person": person})


def _notes(world: World, person: PersonId) -> tuple[Phrase, ...]:
    """Of the ways to people only today's are known; what failed then stands among the facts."""
    ways = world.facts.methods.get(person, {})
    told_ways = tuple(Phrase(f"lab.why.way.{state}", {"method": method}) for method, state in ways.items())
    return (*(told_ways or (Phrase("lab.why.no_way", {"person": person}),)), Phrase("lab.why.note.ways"))
