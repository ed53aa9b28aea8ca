"""A line says what happened, and its reason what that does not say: nothing is told twice in one line."""

import re
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import pytest

from tests.core.incident.play import Play, world
from tocsin.cli.conformance import read
from tocsin.cli.conformance_drivers import OnStage
from tocsin.cli.stories import reads
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import Told, tell
from tocsin.core.instant import HOUR
from tocsin.core.phrase import Phrase
from tocsin.lab.story.stage import Simulated, Stage
from tocsin.lib.translate import say

KIT = Path(__file__).parents[2] / "conformance"


@cache
def sentences() -> tuple[Told, ...]:
    """Every pair of sentence and reason that comes about in any case of the conformance kit, once."""
    stages: list[Stage] = []

    def on_stage(story):
        stages.append(Simulated(story, reads))
        return nullcontext(stages[-1])

    for one in read(KIT):
        OnStage(on_stage).play(one)
    found: dict[tuple[str, str], Told] = {}
    for stage in stages:
        for number in range(1, stage.incidents() + 1):
            for told in map(tell, stage.events(number)):
                if told.why is not None:
                    found.setdefault((told.what.key, told.why.key), told)
    return tuple(found.values())


def words(phrase: Phrase, language: str) -> frozenset[str]:
    """All that a sentence consists of."""
    return frozenset(re.findall(r"\w+", say(phrase, language).casefold()))


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_reason_says_all_that_its_line_has_said(language: str) -> None:
    told = [one for one in sentences() if one.why is not None]
    assert len(told) > 70
    twice = [
        f"{say(one.what, language)} ({say(one.why, language)})"
        for one in told
        if one.why is not None and _one_in_another(*(words(each, language) for each in (one.what, one.why)))
    ]
    assert twice == []


def _one_in_another(one: frozenset[str], other: frozenset[str]) -> bool:
    return one <= other or other <= one


def test_who_resolved_it_is_said_once_and_then_what_they_gave_as_a_reason() -> None:
    told = {}
    for reason in ("", "restarted"):
        play = Play(world())
        play.trigger()
        play.put(cmd.Resolve("eve", reason))
        told[reason] = tell(play.facts(ev.Resolved)[-1])
    assert (say(told[""].what), told[""].why) == ("Resolved by eve", None)
    both = (told["restarted"].what, told["restarted"].why)
    assert [say(one) for one in both if one] == ["Resolved by eve", "restarted"]


def test_the_end_of_a_snooze_and_of_a_wait_is_one_sentence() -> None:
    play = Play(world())
    play.trigger()
    play.put(cmd.Snooze("dana", play.now + HOUR))
    play.wait("2h")
    told = tell(play.facts(ev.SnoozeEnded)[-1])
    assert (say(told.what), say(told.what, "de"), told.why) == (
        "The snooze is over", "Die Zurückstellung ist zu Ende", None,
    )  # fmt: skip
    told = tell(ev.PendingEnded(at=play.now, why=Phrase("pending.over")))
    assert (say(told.what), told.why) == ("The wait ended", None)
