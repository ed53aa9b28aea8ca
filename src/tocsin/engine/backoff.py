"""How long to wait before trying again: doubling, with full jitter, so that many do not come back at once."""

from random import Random

SHORTEST = 0.01
LONGEST_BUSY = 1.0


def jittered(attempt: int, chance: Random, shortest: float = SHORTEST, longest: float = LONGEST_BUSY) -> float:
    """Seconds before try `attempt` + 1 (counted from 0): between nothing and the doubled step, at most `longest`."""
    return chance.uniform(0, min(longest, shortest * 2.0**attempt))


RETRIES = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds between tries of one message while its provider fails; the last one repeats."""


def retry_after(tried: int, chance: Random, asked: float | None = None) -> float:
    """Seconds before the next try of a message that was tried `tried` times; a provider's own word counts as the least.

    Half of it is fixed and half is chance, so that a recovered provider is not overrun.
    """
    step = RETRIES[min(max(tried, 1), len(RETRIES)) - 1]
    wait = step / 2 + chance.uniform(0, step / 2)
    return wait if asked is None else max(asked, wait)
