"""Calls that are carried out together: each gets its own answer, and nobody waits for company."""

import asyncio

import pytest

from tocsin.lib.together import Together


class Counter:
    """Doubles numbers, one round at a time, and remembers the rounds."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.go_on = asyncio.Event()

    async def double(self, numbers: list[int]) -> list[int]:
        self.rounds.append(numbers)
        await self.go_on.wait()
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]


async def test_the_first_goes_at_once_and_what_comes_meanwhile_goes_together() -> None:
    counter = Counter()
    together: Together[int, int] = Together(counter.double)
    calls = [asyncio.create_task(together.put(n)) for n in range(1)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    calls += [asyncio.create_task(together.put(n)) for n in range(1, 5)]
    await asyncio.sleep(0)
    counter.go_on.set()
    assert await asyncio.gather(*calls) == [0, 2, 4, 6, 8]
    assert counter.rounds == [[0], [1, 2, 3, 4]]


async def test_what_a_round_raises_is_raised_to_those_of_that_round_alone() -> None:
    counter = Counter()
    together: Together[int, int] = Together(counter.double)
    bad = asyncio.create_task(together.put(13))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    good = asyncio.create_task(together.put(4))
    await asyncio.sleep(0)
    counter.go_on.set()
    with pytest.raises(ValueError, match="13"):
        await bad
    assert await good == 8


async def test_a_caller_that_left_costs_the_others_nothing() -> None:
    counter = Counter()
    together: Together[int, int] = Together(counter.double)
    gone, stays = asyncio.create_task(together.put(1)), asyncio.create_task(together.put(2))
    await asyncio.sleep(0)
    gone.cancel()
    counter.go_on.set()
    assert await stays == 4
