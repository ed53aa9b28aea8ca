"""Whole incidents as files, each played in the simulator and in the live engine: the facts must be the same."""

import re
from pathlib import Path

import pytest

from tests.stories.performance import difference, perform
from tests.stories.stage import Simulated
from tests.stories.story import Story, files, read
from tocsin.cli.live import Live

SCENARIOS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "scenarios.md"


@pytest.fixture(params=files(), ids=lambda path: path.stem)
def story(request: pytest.FixtureRequest) -> Story:
    return read(request.param)


def test_a_story_goes_as_it_is_told(story: Story) -> None:
    broken = perform(story, Simulated(story))
    assert not broken, "\n".join(broken)


def test_the_live_engine_does_what_the_simulator_does(story: Story) -> None:
    twin = Simulated(story)
    perform(story, twin)
    with Live(story) as stage:
        broken = perform(story, stage)
        assert difference(stage, twin) == ""
    assert not broken, "\n".join(broken)


def test_every_numbered_line_of_a_scenario_stands_in_its_story(story: Story) -> None:
    numbers = {line.number for line in story.script if line.number is not None}
    assert numbers == set(range(1, story.of + 1))


def test_a_numbered_line_shows_something_or_says_what_it_waits_for(story: Story) -> None:
    shown = {line.number for line in story.script if line.expect or line.later}
    assert {line.number for line in story.script} - shown <= {None}


def test_a_story_is_told_in_order_of_time(story: Story) -> None:
    times = [line.at for line in story.script if not line.later]
    assert times == sorted(times)


@pytest.mark.skipif(not SCENARIOS.exists(), reason="the common scenarios do not lie beside this checkout")
def test_every_scenario_is_a_story_with_all_its_lines() -> None:
    parts = re.split(r"^### (S\d+) ", SCENARIOS.read_text("utf-8").partition("\n## What is in")[0], flags=re.MULTILINE)
    numbered = re.compile(r"^\d+\. ", re.MULTILINE)
    wanted = {name: len(numbered.findall(text)) for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    told = {story.scenario: story.of for story in map(read, files()) if story.scenario}
    assert told == wanted
