"""Every fact has a sentence, and every place of the sentence is filled."""

from typing import get_args

import pytest

from tests.core.incident.play import Play, world
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.preview import foresee
from tocsin.core.incident.telling import tell
from tocsin.core.instant import HOUR
from tocsin.core.outgoing import Purpose
from tocsin.lib.translate import catalogue, places, say


def told(play: Play) -> list[str]:
    return [say(tell(event).what) for event in play.events]


def test_an_incident_reads_as_a_story() -> None:
    play = Play(world())
    play.trigger()
    play.wait("6m")
    play.acknowledge("eve")
    play.put(cmd.Resolve("eve", "restarted"))
    story = told(play)
    assert story[0] == "Opened as P1 by source:scripts; stands with infrastructure under the policy production"
    expected = {"Step 2: eve called", "Paging eve by email", "eve is working on it", "Resolved by eve"}
    assert expected <= set(story)


def test_no_sentence_has_an_empty_place_or_a_missing_text() -> None:
    play = Play(world())
    play.trigger()
    play.wait("1h")
    play.acknowledge("dana")
    play.put(cmd.Snooze("dana", play.now + HOUR))
    play.wait("2h")
    play.resolved()
    play.trigger()
    play.wait("3h")
    kinds = {type(event) for event in play.events}
    assert len(kinds) > 15
    lines = told(play) + [say(tell(e).why) for e in play.events if tell(e).why]  # type: ignore[arg-type]
    lines += [say(one.what) for one, _ in zip(foresee(play.state, play.world), range(10), strict=False)]
    assert [line for line in lines if "?]" in line or line.startswith(("timeline.", "next."))] == []


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_every_purpose_of_a_round_has_its_sentence(purpose: str) -> None:
    assert places(catalogue()[f"timeline.paged.{purpose}"]) <= {"person", "methods"}


def test_every_fact_has_a_sentence() -> None:
    kinds = ev.Fact.__subclasses__()
    nested = {"Signalled": "signalled.trigger", "Paged": "paged.page", "Delivery": "delivery.sent"}
    nested |= {"Asked": "asked.ask", "Answered": "answered.seen", "Declined": "declined.page", "Late": "late.accept"}
    nested |= {"Undone": "undone.acknowledge", "Linked": "linked.related"}
    tags = {kind.__name__: str(kind.__struct_config__.tag) for kind in kinds}
    assert len(tags) > 40
    keys = [f"timeline.{nested.get(name, tag)}" for name, tag in tags.items()]
    assert [key for key in keys if key not in catalogue()] == []
