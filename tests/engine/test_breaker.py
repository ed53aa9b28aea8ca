"""A provider that fails is left alone, then probed by one; and nobody comes back with all the others at once."""

from random import Random

import pytest

from tocsin.core.instant import SECOND
from tocsin.engine.backoff import RETRIES, jittered, retry_after
from tocsin.engine.breaker import OPENS_AFTER, PROBE_EVERY, Breaker


def broken() -> Breaker:
    """Open since instant 0."""
    breaker = Breaker()
    assert [breaker.failed(0) for _ in range(OPENS_AFTER)] == [False] * (OPENS_AFTER - 1) + [True]
    return breaker


def test_a_few_failures_open_nothing_and_one_success_forgets_them() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(OPENS_AFTER - 1):
            breaker.failed(0)
        assert breaker.ask(0) == "go"
        assert not breaker.succeeded()


def test_an_open_breaker_lets_one_probe_through_at_its_time() -> None:
    breaker = broken()
    assert (breaker.ask(PROBE_EVERY - 1), breaker.level) == ("wait", 1.0)
    assert (breaker.ask(PROBE_EVERY), breaker.level) == ("probe", 0.5)
    assert breaker.ask(PROBE_EVERY) == "wait"


def test_a_probe_that_fails_waits_for_the_next_one_and_one_that_succeeds_ends_the_outage() -> None:
    breaker = broken()
    breaker.ask(PROBE_EVERY)
    assert not breaker.failed(PROBE_EVERY + SECOND)
    assert breaker.ask(2 * PROBE_EVERY) == "wait"
    assert breaker.ask(2 * PROBE_EVERY + SECOND) == "probe"
    assert breaker.succeeded()
    assert (breaker.ask(2 * PROBE_EVERY), breaker.level) == ("go", 0.0)


def test_a_probe_that_was_never_sent_leaves_the_place_to_the_next() -> None:
    breaker = broken()
    assert breaker.ask(PROBE_EVERY) == "probe"
    breaker.not_tried()
    assert breaker.ask(PROBE_EVERY) == "probe"


@pytest.mark.parametrize("tried", range(1, 9))
def test_a_retry_waits_longer_each_time_half_of_it_by_chance_and_a_minute_at_most(tried: int) -> None:
    step = RETRIES[min(tried, len(RETRIES)) - 1]
    waits = [retry_after(tried, Random(seed)) for seed in range(50)]
    assert step / 2 <= min(waits) < max(waits) <= step <= 60
    assert len(set(waits)) == 50


def test_a_providers_own_word_counts_as_the_least() -> None:
    assert retry_after(1, Random(0), asked=300.0) == 300.0
    assert retry_after(9, Random(0), asked=1.0) >= 30.0


def test_a_busy_store_is_retried_within_a_second_each_time() -> None:
    assert all(0 <= jittered(attempt, Random(attempt)) <= 1.0 for attempt in range(12))
