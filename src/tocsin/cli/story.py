"""`tocsin story`: whether an incident that was written down would happen again, by its own rules or by others."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from tocsin.cli.options import introduce
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.cli.stories import read, reads
from tocsin.lab.story.again import Again, again
from tocsin.lab.story.story import StoryError

app = introduce(
    "story",
    """
tocsin story run stories/
tocsin story run inc-7.yaml --rulebook rules/
tocsin story run stories/ --format junit
""",
    "run exits 0 when every story would happen again, 1 when one would not, 2 when one cannot be read.",
)

SAME, DIFFERS = 0, 1


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
    story = read(file, rulebook)
    try:
        return again(story, reads, read(file) if rulebook is not None else None)
    except StoryError as error:
        if rulebook is None:
            raise MistakeError(f"{file}: {error}") from error
        return Again(story.name, story.title, (f"it cannot be played by these rules: {error}",))


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
