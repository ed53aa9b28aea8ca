"""Incidents of the live engine written as stories: they would happen again, and no word of the original is left."""

import re
from pathlib import Path

import pytest

from tests.stories.performance import perform
from tests.stories.story import Story, files, read
from tocsin.cli.live import Live
from tocsin.cli.stories import reads, written
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.instant import MINUTE
from tocsin.lab.story.again import Again, again
from tocsin.lab.story.export import export

RULES = Path(__file__).parents[2] / "examples" / "acme.yaml"
SHORT = """story: Something breaks
rulebook: acme
start: "2026-01-06 10:00"
script:
  - {at: "10:00", from: scripts, body: {key: db, title: Disk full, severity: error, service: order-database}}
  - {at: "10:06", expect: {status: open}}
"""


def exported(story: Story, stage: Live, incident: int, folder: Path) -> Path:
    """The file of one incident that the live engine had."""
    name, past = stage.past(incident)
    file = folder / f"{story.name}-{incident}.yaml"
    file.write_text(written(export(name, past, story.world)), "utf-8")
    return file


def told(one: Again) -> str:
    return "\n".join((*one.broken, *one.differences))


@pytest.fixture(params=files(), ids=lambda path: path.stem)
def story(request: pytest.FixtureRequest) -> Story:
    return read(request.param)


def test_what_happened_live_would_happen_again(story: Story, tmp_path: Path) -> None:
    with Live(story) as stage:
        perform(story, stage)
        every = [exported(story, stage, n, tmp_path) for n in range(1, stage.incidents() + 1)]
    replayed = [again(read(file), reads) for file in every]
    assert [told(one) for one in replayed] == [""] * len(every)
    assert all(read(file).happened for file in every)


def words_of(story: Story, events: list[ev.Event]) -> set[str]:
    """Ids and texts of people that only this organisation has."""
    book = story.world.rulebook
    ids = {*book.people, *book.teams, *book.services, *book.schedules, *book.sources, *book.policies, book.organisation}
    signals = [one.signal for one in events if isinstance(one, ev.Opened | ev.Signalled)]
    said = {word for one in signals for word in (one.title, one.key, one.text, one.reporter, *one.labels.values())}
    return {word for word in ids | said if len(word) > 4}


def test_no_word_of_the_original_is_left(story: Story, tmp_path: Path) -> None:
    with Live(story) as stage:
        perform(story, stage)
        for n in range(1, stage.incidents() + 1):
            text = exported(story, stage, n, tmp_path).read_text("utf-8")
            words = words_of(story, list(stage.events(n)))
            ours = {"critical", "warning", "error", "trigger", "source", "person", "security", "complaint"}
            assert [word for word in words - ours if re.search(rf"\b{re.escape(word)}\b", text)] == []


def test_it_is_so_on_postgresql_too(postgres_url: str, tmp_path: Path) -> None:
    story = read(next(one for one in files() if one.stem == "transfer_declined_and_returned"))
    with Live(story, postgres_url) as stage:
        perform(story, stage)
        file = exported(story, stage, 1, tmp_path)
    assert told(again(read(file), reads)) == ""


def test_what_a_program_with_a_token_did_happens_again_too(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(SHORT, "utf-8")
    (tmp_path / "acme.yaml").write_bytes(RULES.read_bytes())
    story = read(tmp_path / "short.yaml")
    with Live(story) as stage:
        perform(story, stage)
        for act in (cmd.SetPriority("token:boss", "P1", "worse than it looked"), cmd.Resolve("token:boss")):
            assert stage.put(1, act) == ""
            stage.run(stage.events(1)[-1].at + MINUTE)
        file = exported(story, stage, 1, tmp_path)
    assert told(again(read(file), reads)) == ""
    assert "left out" not in file.read_text("utf-8")
    assert "boss" not in file.read_text("utf-8")
