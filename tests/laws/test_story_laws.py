"""The law of exported stories: whatever happened live would happen again from the file, in which nobody is named."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from msgspec.structs import replace

from tests.laws.twin_stages import play
from tests.laws.twins import Course, courses
from tests.stories.story import Story, read
from tocsin.cli.live import Live
from tocsin.cli.stories import reads, written
from tocsin.core.instant import SECOND
from tocsin.lab.story.again import again
from tocsin.lab.story.export import Exported, export

unexplained = settings(phases=set(Phase) - {Phase.explain, Phase.shrink})
PLAIN = {"critical", "person", "source", "security", "complaint", "office", "network"}
"""Ids that are words of everybody's language, too."""


def exported(course: Course) -> list[Exported]:
    """Every incident of a course, as stories; nobody does two things in one microsecond."""
    course = replace(course, happens=tuple(replace(one, wait=one.wait or 2 * SECOND) for one in course.happens))
    text = course.organisation.text
    story = Story("drawn", "drawn", course.world, course.behaviour, course.begins, (), text=text)
    with Live(story) as stage:
        play(course, story, stage)
        return [export(*stage.past(n), *stage.worlds(n)) for n in range(1, stage.incidents() + 1)]


def told_otherwise(one: Exported) -> str:
    """Where it would not happen again; '' where it would, or where the file itself says what it cannot hold."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "story.yaml")
        file.write_text(written(one), "utf-8")
        found = again(read(file), reads)
    return "" if one.notes else "\n".join((*found.broken, *found.differences))


def named(course: Course, one: Exported) -> list[str]:
    """Ids of the organisation that stand in the file."""
    book, text = course.world.rulebook, written(one)
    parts = (book.people, book.teams, book.services, book.schedules, book.sources, book.policies, book.roles)
    ids = {name for part in parts for name in part if len(name) > 3} - PLAIN
    return [name for name in sorted(ids) if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def holds(course: Course) -> None:
    for one in exported(course):
        assert named(course, one) == []
        assert told_otherwise(one) == ""


@settings(unexplained, max_examples=6, derandomize=True)
@given(courses())
def test_whatever_happened_live_would_happen_again_from_its_file(course: Course) -> None:
    holds(course)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(unexplained, max_examples=min(500, settings.get_profile("prove").max_examples))
@given(courses())
def test_it_would_do_so_at_length(course: Course) -> None:
    holds(course)
