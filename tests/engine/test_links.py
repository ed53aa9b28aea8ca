"""A link between two incidents is one commit: it stands in both streams or in none, on either store."""

from collections.abc import Iterator

import pytest

from tests.doors import Running, running
from tests.web.reading import state
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Linked
from tocsin.engine.submission import Answer, Submission


@pytest.fixture
def here(store_url: str) -> Iterator[Running]:
    with running(store_url) as standing:
        yield standing


async def put(here: Running, incident: str, command: cmd.Command, once: str = "") -> Answer:
    return await here.site.door.submit(Submission(once or "x", command, incident, once=bool(once)))


async def test_both_streams_have_it_and_lose_it_together(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    await put(here, first, cmd.Link("dana", second, "duplicate_of"), once="l")
    await put(here, first, cmd.Link("dana", second, "duplicate_of"), once="l")
    assert state(here, first).linked == (Linked(second, "duplicate_of"),)
    assert state(here, second).linked == (Linked(first, "duplicate_of", back=True),)
    await put(here, second, cmd.Unlink("eve", first))
    assert (state(here, first).linked, state(here, second).linked) == ((), ())


@pytest.mark.parametrize("to", ["INC-404", "PRB-12"])
async def test_what_is_no_incident_of_ours_is_no_other_side(here: Running, to: str) -> None:
    first = await here.post(key="a")
    answer = await put(here, first, cmd.Link("dana", to))
    assert answer.refused is not None
    assert (answer.refused.code, state(here, first).linked) == ("unknown_incident", ())


@pytest.mark.parametrize("to", ["", "x\x00y", "\ud800", "https://problems.example/12"])
async def test_a_name_that_no_incident_can_have_asks_the_store_nothing(here: Running, to: str) -> None:
    first = await here.post(key="a")
    for command in (cmd.Link("dana", to), cmd.Unlink("dana", to)):
        answer = await put(here, first, command)
        assert answer.refused is not None
        assert answer.refused.code in ("invalid", "not_linked")


async def test_two_links_of_one_commit_that_cross_agree_on_both_sides(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    await here.site.door.submit_all(
        [
            Submission("1", cmd.Link("dana", second, "duplicate_of"), first),
            Submission("2", cmd.Link("eve", first, "caused_by"), second),
        ]
    )
    assert state(here, second).linked == (Linked(first, "caused_by"),)
    assert state(here, first).linked == (Linked(second, "caused_by", back=True),)
