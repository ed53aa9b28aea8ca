"""`tocsin why`: why somebody was or was not reached by an incident, and why its next step is what it is."""

from collections.abc import Callable
from typing import Annotated

from cyclopts import Parameter
from msgspec import Struct

from tocsin.access.permissions import Caller, sees
from tocsin.api.v1.explanations import because, explained
from tocsin.api.v1.plain import when
from tocsin.cli import acts
from tocsin.cli.incidents import HiddenError, incident_id
from tocsin.cli.options import DATABASE, Database, Format, IncidentId, introduce
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.cli.reading import methods, opened
from tocsin.cli.telling import in_words
from tocsin.cli.times import read_time, show_time
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase, by_id
from tocsin.core.world import World
from tocsin.engine.clock import SystemClock
from tocsin.engine.pasts import Pasts, changes
from tocsin.engine.working import decode_event, decode_state
from tocsin.engine.worlds import NoRulebookError, StoredWorlds
from tocsin.lab.why.answer import Answer, dated
from tocsin.lab.why.asking import why as explain
from tocsin.store import people
from tocsin.store.ledger import SqlLedger
from tocsin.store.queries.states import events_of, state_of

app = introduce(
    "why",
    """
tocsin why INC-7
tocsin why INC-7 --person eve
tocsin why INC-7 --person eve --at "2026-01-05 14:30" --format json
""",
    "Without --person it tells what comes next and why just then; with it, every step that did or did not call that "
    "person, every message to them and what became of it, and by what they can be reached. The database is read "
    "alone: it works while the server is down, too. What was in force then is asked: the rulebook, overrides and "
    "absences as they had been entered by that time.",
)

Told = Callable[[Phrase], str]


@app.default
def why(
    id_: IncidentId,
    /,
    *,
    person: Annotated[str, Parameter(help="whom it is about: a person's id; without it, what comes next")] = "",
    at: Annotated[
        str,
        Parameter(
            help="as it stood then: 2026-03-29 02:30 on the organisation's clock, or -2h", allow_leading_hyphen=True
        ),
    ] = "now",
    by: Annotated[str, Parameter(help="who asks: a confidential incident is there only for whom it concerns")] = "",
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Explain."""
    with opened(database) as ledger:
        puzzle = look(ledger, incident_id(id_), by)
        book = puzzle.world.rulebook
        instant = read_time(at, book.timezone, puzzle.now)
        if instant > puzzle.now:
            raise MistakeError(f"{at} lies ahead", "what comes next is told without --at")
        about = PersonId(acts.person(person, book)) if person else None
        answer = explain(puzzle.id, puzzle.past, puzzle.worlds, instant, about)
    if form == "json":
        say_json(explained(puzzle.id, answer, lambda phrase: in_words(dated(phrase, _iso), puzzle.names)))
        return
    zone = book.timezone
    as_text(
        answer,
        puzzle.names,
        zone,
        lambda phrase: in_words(dated(phrase, lambda one: show_time(one, zone, seconds=True)), puzzle.names),
    )


class Puzzle(Struct, frozen=True):
    """One incident with its facts, and the worlds in which they happened."""

    id: str
    past: tuple[ev.Event, ...]
    world: World
    worlds: Pasts
    now: Instant
    names: dict[str, str]


def look(ledger: SqlLedger, id_: str, by: str) -> Puzzle:
    """The incident as far as it exists for whoever asks."""
    clock = SystemClock()
    worlds = StoredWorlds(ledger, clock, methods())
    try:
        world = worlds.world()
    except NoRulebookError:
        raise MistakeError("no rulebook is in force", "run tocsin apply PATH") from None
    with ledger.read() as connection:
        body = state_of(connection, id_)
        caller = Caller("local", "admin", PersonId(acts.person(by, world.rulebook)) if by else None)
        if body is None or not sees(caller, decode_state(body), world.rulebook):
            raise HiddenError(f"there is no incident {id_}", "tocsin incident list --status all shows them")
        past = tuple(decode_event(one.body) for one in events_of(connection, id_))
        pasts = Pasts(worlds, changes(connection))
        return Puzzle(id_, past, world, pasts, clock.now(), dict(people.names(connection)))


def _iso(at: Instant) -> str:
    return when(at) or ""


def as_text(answer: Answer, names: dict[str, str], zone: str, told: Told) -> None:
    """For people."""
    say(f"As it stood at {show_time(answer.at, zone, seconds=True)} ({zone})")
    if answer.verdict is not None:
        say(told(answer.verdict))
    for line in answer.lines:
        say(f"\n  {show_time(line.at, zone, seconds=True)}  {told(line.what)}")
        _reasons(line.why, told)
    if answer.letters:
        say("\nMessages")
    for letter in answer.letters:
        due = show_time(letter.due_at, zone, seconds=True)
        say(f"  {due}  {safe(letter.method)} ({letter.purpose}): {told(letter.cause)}")
        for fate in letter.fates:
            reason = because(fate, told)
            said = told(Phrase(f"lab.why.outcome.{fate.outcome}"))
            say(f"    {show_time(fate.at, zone, seconds=True)}  {said}{f': {safe(reason)}' if reason else ''}")
        if not letter.fates:
            say(f"    {told(Phrase('lab.why.outcome.planned'))}")
    if answer.begun:
        _next_as_text(answer, names, zone, told)
    for note in answer.notes:
        say(f"  note: {told(note)}")


def _next_as_text(answer: Answer, names: dict[str, str], zone: str, told: Told) -> None:
    if answer.coming is None:
        say("\nNext: nothing more happens by itself")
        return
    say(f"\nNext, at {show_time(answer.coming.at, zone, seconds=True)}: {told(answer.coming.what)}")
    _reasons(answer.coming.why, told)
    for one in answer.coming.whom:
        say(f"  {safe(by_id(names)(one.person))}")
        _reasons(one.why, told)


def _reasons(why: tuple[Phrase, ...], told: Told) -> None:
    for phrase in why:
        say(f"    {told(phrase)}")
