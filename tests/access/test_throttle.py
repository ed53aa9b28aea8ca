"""Delays: guessing gets slow at once and stays slow, and nobody is shut out for good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.access.throttle import FORGIVEN, FREE, LONGEST, Throttle, Tries, keys_for, network_of, tried, wait
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND

NOON = 1_790_000_000_000_000


def guesses(throttle: Throttle, keys: tuple[str, ...], start: int, length: int, every: int) -> int:
    """How many guesses are judged when one is made at every beat."""
    return sum(throttle.begin(keys, at) == 0 for at in range(start, start + length, every))


def test_a_day_of_guessing_at_one_account_is_a_few_guesses_an_hour() -> None:
    keys = keys_for("ana", "192.0.2.1", "")
    assert guesses(Throttle(), keys, NOON, DAY, SECOND) <= 24 * 62


def test_ten_thousand_guesses_at_once_are_the_free_ones() -> None:
    throttle = Throttle()
    judged = sum(throttle.begin(keys_for("ana", f"192.0.2.{n % 250}", ""), NOON) == 0 for n in range(10_000))
    assert judged == FREE["account"]


def test_guessing_one_password_at_many_accounts_is_slow_by_its_address() -> None:
    throttle = Throttle()
    judged = sum(throttle.begin(keys_for(f"u{n}", "192.0.2.1", ""), NOON) == 0 for n in range(10_000))
    assert judged == FREE["address"]


def test_the_owner_comes_in_by_a_device_they_used_before_while_strangers_guess() -> None:
    throttle = Throttle()
    guesses(throttle, keys_for("ana", "192.0.2.66", ""), NOON, HOUR, SECOND)
    later = NOON + HOUR
    assert throttle.begin(keys_for("ana", "192.0.2.66", ""), later) > 0
    assert throttle.begin(keys_for("ana", "198.51.100.7", "phone"), later) == 0


def test_whoever_comes_too_early_does_not_wait_any_longer_for_it() -> None:
    throttle, keys = Throttle(), keys_for("ana", "192.0.2.1", "")
    while throttle.begin(keys, NOON) == 0:
        pass
    pause = throttle.begin(keys, NOON)
    assert [throttle.begin(keys, NOON) for _ in range(50)] == [pause] * 50
    assert throttle.begin(keys, NOON + pause) == 0


def test_the_right_password_makes_it_as_at_first() -> None:
    throttle, keys = Throttle(), keys_for("ana", "192.0.2.1", "")
    for _ in range(1000):
        assert throttle.begin(keys, NOON) == 0
        throttle.passed(keys)


def test_the_right_password_of_one_does_not_forgive_guesses_at_others() -> None:
    throttle = Throttle()
    for n in range(FREE["address"]):
        throttle.begin(keys_for(f"u{n}", "192.0.2.1", ""), NOON)
    throttle.passed(keys_for("mine", "192.0.2.1", ""))
    assert throttle.begin(keys_for("more", "192.0.2.1", ""), NOON) == 0
    assert throttle.begin(keys_for("more", "192.0.2.1", ""), NOON) > 0


@given(st.integers(0, 10_000), st.integers(0, 2 * FORGIVEN), st.sampled_from(sorted(FREE)))
def test_nobody_ever_waits_longer_than_a_minute(n: int, later: int, kind: str) -> None:
    pause = wait(kind, Tries(n, NOON), NOON + later)
    assert 0 <= pause <= LONGEST == MINUTE
    assert pause == 0 or n >= FREE[kind]


def test_after_an_hour_of_quiet_all_is_forgotten() -> None:
    assert tried(Tries(500, NOON), NOON + FORGIVEN) == Tries(1, NOON + FORGIVEN)
    assert wait("account", Tries(500, NOON), NOON + FORGIVEN) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_an_address_of_version_six_stands_for_its_subscriber(address: str, network: str) -> None:
    assert network_of(address) == network
