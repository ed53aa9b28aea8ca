"""What changed is told to whoever watches: soon, the latest of each, from whichever process; and nobody is held up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from tests.cast import facts, small_rulebook
from tests.doors import Running, running
from tocsin.core.incident import commands as cmd
from tocsin.core.routing.criteria import compile_all
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.core.world import World
from tocsin.engine.changes import MOST, Change, Changes, News, Watch
from tocsin.engine.submission import Submission
from tocsin.store.errors import StoreBusy

PATIENT = 20.0
"""Seconds; the machine may be busy."""


async def told(watch: Watch, incident: str = "", least: int = 0) -> News:
    """The next news; with an incident, the next of it that has come that far."""
    async with asyncio.timeout(PATIENT):
        while True:
            news = await watch.next(PATIENT)
            assert news is not None
            if not incident or any(one.id == incident and one.seq >= least for one in news.changes):
                return news


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(int(PATIENT / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that")


@asynccontextmanager
async def watching(changes: Changes) -> AsyncIterator[Watch]:
    """A watch for which somebody has begun to look."""
    with changes.watch() as watch:
        await until(lambda: changes.watched)
        yield watch


async def acknowledge(here: Running, incident: str = "INC-1", by: str = "dana") -> int:
    answer = await here.site.door.submit(Submission(f"{incident}{by}", cmd.Acknowledge(by), incident))
    return answer.seq


async def test_a_watcher_is_told_which_incident_changed_and_how_far_it_has_come(store_url: str) -> None:
    with running(store_url) as here:
        async with watching(here.site.changes) as watch:
            await here.post()
            news = await told(watch, "INC-1")
            assert news.changes == (Change("INC-1", news.changes[0].seq),)
            seq = await acknowledge(here)
            assert (await told(watch, "INC-1", seq)).changes == (Change("INC-1", seq),)


async def test_another_process_is_heard_of_as_well(postgres_url: str) -> None:
    with running(postgres_url) as here, running(postgres_url) as other:
        async with watching(here.site.changes) as watch:
            await other.post()
            assert [one.id for one in (await told(watch, "INC-1")).changes] == ["INC-1"]


async def test_everybody_is_told_and_nothing_twice(sqlite_url: str) -> None:
    with running(sqlite_url) as here:
        async with watching(here.site.changes) as first:
            with here.site.changes.watch() as second:
                await here.post()
                assert (await told(first, "INC-1")).changes == (await told(second, "INC-1")).changes
                for one in (first, second):
                    assert await one.next(1.0) is None


async def test_what_was_not_fetched_is_kept_as_the_latest_of_each(sqlite_url: str) -> None:
    with running(sqlite_url) as here:
        async with watching(here.site.changes) as watch:
            await here.post()
            await told(watch, "INC-1")
            for by in ("dana", "eve", "finn"):
                seq = await acknowledge(here, by=by)
                version = here.site.changes.version
                await until(lambda known=version: here.site.changes.version > known)
            assert (await told(watch)).changes == (Change("INC-1", seq),)


async def test_a_confidential_incident_comes_with_who_may_know_of_it(sqlite_url: str) -> None:
    hush = Criterion("hush", "signal.severity == 'critical'", Raise(confidential=True))
    with running(sqlite_url, rulebook=small_rulebook(criteria=(hush,))) as here:
        async with watching(here.site.changes) as watch:
            await here.post()
            (change,) = (await told(watch, "INC-1")).changes
            assert change.about is not None
            assert change.about.confidential
            assert "dana" in change.about.people


async def test_other_rules_or_people_change_everything(sqlite_url: str) -> None:
    worlds = [World(small_rulebook(), compile_all(()), facts())]
    with running(sqlite_url) as here:
        changes = Changes(here.site.ledger, lambda: worlds[-1], here.clock)
        async with watching(changes) as watch:
            worlds.append(replace(worlds[0], facts=facts()))
            assert await told(watch) == News(all=True)
            assert await watch.next(1.0) is None


def test_too_much_to_tell_is_told_as_everything() -> None:
    async def body() -> None:
        watch = Watch()
        watch.tell(News(tuple(Change(f"INC-{n}", 1) for n in range(MOST + 1))))
        watch.tell(News((Change("INC-1", 2),)))
        assert await watch.next(1.0) == News(all=True)

    asyncio.run(body())


async def test_a_store_that_fails_for_now_is_asked_again(sqlite_url: str) -> None:
    broken = [True]

    def world() -> World:
        if broken:
            raise StoreBusy("the store is busy")
        return here.site.worlds.world()

    with running(sqlite_url) as here:
        changes = Changes(here.site.ledger, world, here.clock)
        with changes.watch() as watch:
            await asyncio.sleep(0.5)
            assert not changes.watched
            broken.clear()
            await here.post()
            assert [one.id for one in (await told(watch, "INC-1")).changes] == ["INC-1"]


async def test_the_end_lets_every_watcher_go_and_a_later_one_at_once(sqlite_url: str) -> None:
    with running(sqlite_url) as here:
        async with watching(here.site.changes) as watch:
            waiting = asyncio.create_task(watch.next(PATIENT))
            await asyncio.sleep(0)
            here.site.changes.close()
            assert await waiting is None
            assert watch.ended
        with here.site.changes.watch() as late:
            assert await late.next(PATIENT) is None
            assert late.ended


@pytest.mark.parametrize("rounds", [2])
async def test_nobody_looks_while_nobody_watches_and_somebody_does_again_after(sqlite_url: str, rounds: int) -> None:
    with running(sqlite_url) as here:
        for number in range(rounds):
            async with watching(here.site.changes) as watch:
                await here.post(key=str(number))
                await told(watch, f"INC-{number + 1}")
            await until(lambda: not here.site.changes.looking)
