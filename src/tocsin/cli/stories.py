"""Stories as files: their YAML and their rulebook read by `config`, their bodies by the formats of `intake`."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tocsin.cli.output import MistakeError
from tocsin.config import Loaded, dump, load, loads
from tocsin.config.complaints import Complaint, Reader
from tocsin.config.tree import parse, plain
from tocsin.core.signal import Signal
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.registry import intakes, receive
from tocsin.lab.story.export import Exported
from tocsin.lab.story.story import PARTS, Story, StoryError, story_of

WRITTEN = "tocsin story export INC-7 writes a story"
"""Where stories come from."""

NO_MAPPING = "Y009"
"""Its own hint speaks of rulebooks."""


def read(path: Path, rulebook: Path | None = None) -> Story:
    """The story in a file, under its own rulebook or another one. Raises MistakeError with the place."""
    reader = Reader()
    root = parse(path.name, path.read_text("utf-8"), reader)
    if root is None:
        first = reader.complaints[0]
        raise _mistake(path, replace(first, hint=WRITTEN) if first.code == NO_MAPPING else first)
    raw = plain(root)
    _is_story(path, raw)
    loaded = _rules(path, str(raw.get("rulebook", "")), rulebook)
    assert loaded.rulebook is not None
    ways = {str(seed.person): tuple(seed.ways) for seed in loaded.seeds}
    text = "\n".join(text for _, text in loaded.texts)
    try:
        return replace(story_of(path.stem, raw, loaded.rulebook, ways), text=text)
    except StoryError as error:
        raise MistakeError(str(error), "the head of tocsin/lab/story/story.py shows the form") from error


def _is_story(path: Path, raw: dict[str, Any]) -> None:
    """MistakeError where it is something else, a rulebook above all."""
    if "story" not in raw and set(raw) & {"people", "teams", "policies", "services"}:
        played = f"a story is played by it with tocsin story run STORY --rulebook {path}"
        raise MistakeError(
            f"{path}: this is a rulebook, not a story", f"{WRITTEN}; {played}; tocsin check reads rulebooks"
        )
    if not set(raw) & PARTS:
        raise MistakeError(f"{path}: this is no story: it has neither story: nor script:", WRITTEN)


def written(found: Exported) -> str:
    """An exported story as the text of its file."""
    tree = dict(found.tree)
    rulebook = dump(found.rulebook)
    block = "".join(f"  {line}\n" if line else "\n" for line in rulebook.splitlines())
    before = dump({"story": tree.pop("story")})
    return f"{before}rulebook: |\n{block}{dump(tree)}"


@lru_cache(16)
def rules(text: str) -> Loaded:
    """A rulebook that many cases share, read once."""
    return loads({"rulebook.yaml": text})


def _rules(path: Path, named: str, other: Path | None) -> Loaded:
    if other is not None:
        loaded = load(other)
    elif "\n" in named:
        loaded = loads({f"{path.stem}.rulebook": named})
    else:
        loaded = load(_beside(path, named))
    if loaded.rulebook is None:
        raise _mistake(path, loaded.errors[0])
    return loaded


def _beside(path: Path, named: str) -> Path:
    """`acme` is acme.yaml beside the story, else in an `examples` above it."""
    if not named or "/" in named or "\\" in named:
        raise MistakeError(f"{path}: rulebook: {named!r} is no name", "write a name, or the text of a rulebook")
    folders = (path.parent, *(above / "examples" for above in path.resolve().parents))
    found = next((one for folder in folders if (one := folder / f"{named}.yaml").is_file()), None)
    if found is None:
        raise MistakeError(f"{path}: there is no rulebook {named}", "it lies beside the story, or give --rulebook")
    return found


def _mistake(path: Path, first: Complaint) -> MistakeError:
    return MistakeError(f"{path}: {first.file}:{first.line}:{first.column}: {first.text}", first.hint)


def reads(intake: str, source: str, body: bytes) -> Sequence[Signal]:
    """What a source's body says. Raises StoryError where it is refused."""
    known = intakes().get(intake)
    if known is None:
        raise StoryError(f"{source}: there is no intake {intake}")
    reading = receive(known, Arrival(source, body, "application/json"))
    if isinstance(reading, Refusal):
        raise StoryError(f"{source}: {reading.text}")
    return reading
