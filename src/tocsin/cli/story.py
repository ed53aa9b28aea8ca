"""`tocsin story`: an incident written down without names, and whether it would happen again, by which rules."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from tocsin.cli.incidents import incident_id
from tocsin.cli.options import DATABASE, Database, IncidentId, introduce
from tocsin.cli.output import MistakeError, note, safe, say, say_json
from tocsin.cli.reading import opened
from tocsin.cli.stories import read, reads, written
from tocsin.cli.why import look
from tocsin.core.incident import events as ev
from tocsin.engine.working import decode_event
from tocsin.lab.story.again import Again, again
from tocsin.lab.story.export import Exported, export
from tocsin.lab.story.past import Past
from tocsin.lab.story.story import Story, StoryError
from tocsin.store.queries.states import events_of

app = introduce(
    "story",
    """
tocsin story export INC-7 --to inc-7.yaml
tocsin story run stories/
tocsin story run inc-7.yaml --rulebook rules/
tocsin story run stories/ --format junit
tocsin story run stories/ --rulebook rules/ --format json
""",
    "A story is one YAML file: the rules by which it happened, what came from outside and when, and what came of it. "
    "Kept beside the rulebook it says in CI whether a change of rules would have changed it. run exits 0 when every "
    "story would happen again, 1 when one would not, 2 when one cannot be read.",
)

SAME, DIFFERS = 0, 1


@app.command(name="export")
def write(
    id_: IncidentId,
    /,
    *,
    to: Annotated[Path | None, Parameter(help="the file to write; else standard output")] = None,
    by: Annotated[str, Parameter(help="who asks: a confidential incident is there only for whom it concerns")] = "",
    database: Database = DATABASE,
) -> None:
    """Write an incident as a story, with its timings and without names: people, teams and words are a fixed cast."""
    found = _exported(database, incident_id(id_), by)
    text = written(found)
    for one in found.notes:
        note(f"note: {one}")
    if to is None:
        say(text.rstrip())
    else:
        to.write_text(text, "utf-8")
        note(f"written to {safe(to)}; tocsin story run {safe(to)} plays it")


def _exported(database: str, id_: str, by: str) -> Exported:
    with opened(database) as ledger:
        puzzle = look(ledger, id_, by)
        with ledger.read() as connection:
            past = [Past(decode_event(one.body), one.actor) for one in events_of(connection, id_)]
        opening = next(one.event.at for one in past if isinstance(one.event, ev.Opened))
        return export(id_, past, puzzle.worlds(opening), puzzle.worlds.between(opening, past[-1].event.at))


@app.command
def run(
    path: Annotated[Path, Parameter(help="a story file, or a folder of them")],
    /,
    *,
    rulebook: Annotated[
        Path | None, Parameter(help="other rules, a file or folder: would it happen again by these?")
    ] = None,
    form: Annotated[
        Literal["text", "json", "junit"], Parameter(name="--format", help="text, json, or junit for CI")
    ] = "text",
) -> int:
    """Play stories with the simulator, and say whether they would happen again: the same facts at the same times."""
    found = [_play(file, rulebook) for file in _files(path)]
    {"text": _as_text, "json": _as_json, "junit": _as_junit}[form](found)
    return SAME if all(one.same for one in found) else DIFFERS


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(one for one in path.glob("*.yaml") if one.is_file())
    if not files:
        raise MistakeError(f"{path}: there is no story in it", "stories are files that end in .yaml")
    return files


def _play(file: Path, rulebook: Path | None) -> Again:
    story = _under(file, rulebook)
    try:
        return again(story, reads, read(file) if rulebook is not None else None)
    except StoryError as error:
        if rulebook is None:
            raise MistakeError(f"{file}: {error}") from error
        return Again(story.name, story.title, (f"it cannot be played by these rules: {error}",))


def _under(file: Path, rulebook: Path | None) -> Story:
    """A story by its own rules or by others, which must know whom it names."""
    try:
        return read(file, rulebook)
    except MistakeError as mistake:
        if rulebook is None or "rulebook: |" not in file.read_text("utf-8"):
            raise
        hint = "it has people and sources of its own: change the rulebook that stands in the file, and run that"
        raise MistakeError(str(mistake), hint) from mistake


def _as_text(found: Sequence[Again]) -> None:
    for one in found:
        say(f"{safe(one.name)}: {'it would happen again' if one.same else 'it would not happen again'}")
        for line in (*one.broken, *one.differences):
            say(f"  {safe(line)}")
    if len(found) > 1:
        say(f"{sum(one.same for one in found)} of {len(found)} stories would happen again")


def _as_json(found: Sequence[Again]) -> None:
    say_json({"stories": [{**msgspec.to_builtins(one), "same": one.same} for one in found]})


def _as_junit(found: Sequence[Again]) -> None:
    failures = sum(not one.same for one in found)
    say(f'<testsuite name="tocsin story" tests="{len(found)}" failures="{failures}">')
    for one in found:
        say(f'  <testcase classname="story" name="{escape(safe(one.name))}">')
        if not one.same:
            told = "\n".join(safe(line) for line in (*one.broken, *one.differences))
            say(f'    <failure message="it would not happen again">{escape(told)}</failure>')
        say("  </testcase>")
    say("</testsuite>")
