"""What is missing before somebody is on call, said in time."""

import pytest

from tests.cast import MONDAY, contact
from tocsin.core.instant import DAY, HOUR
from tocsin.core.oncall.readiness import Way, readiness

FOUR = contact("push, email, sms after 1m")
ALL = ("email", "push", "sms", "webhook")
MAIL, APP = Way("email", "verified"), Way("push", "verified")


def lacks(*ways: Way, offered: tuple[str, ...] = ALL, next_on: int | None = None) -> list[tuple[str, bool]]:
    found = readiness(ways, FOUR, offered, next_on, MONDAY)
    return [(lack.what.key.removeprefix("readiness."), lack.grave) for lack in found]


def test_two_verified_ways_of_which_one_wakes_are_all_that_is_asked() -> None:
    assert lacks(MAIL, APP, next_on=MONDAY) == []


@pytest.mark.parametrize(
    ("ways", "offered", "told"),
    [
        ((), ALL, "nothing"),
        ((Way("email", "broken"),), ALL, "no_channel"),
        ((Way("sms", "verified"),), ("email",), "no_channel"),
        ((Way("webhook", "verified"),), ALL, "off_ladder"),
    ],
)
def test_whoever_cannot_be_reached_at_all_is_told_gravely_and_first(
    ways: tuple[Way, ...], offered: tuple[str, ...], told: str
) -> None:
    assert lacks(*ways, offered=offered)[0] == (told, True)


def test_nothing_verified_is_grave_once_a_turn_is_near() -> None:
    declared = (Way("email", "declared"), Way("push", "declared"))
    assert lacks(*declared) == [("unverified", False)]
    assert lacks(*declared, next_on=MONDAY + 8 * DAY) == [("unverified", False)]
    assert lacks(*declared, next_on=MONDAY + 6 * DAY) == [("unverified", True)]
    assert lacks(*declared, next_on=MONDAY - HOUR) == [("unverified", True)]


def test_one_way_alone_is_said_and_two_addresses_of_one_method_are_one_way() -> None:
    assert lacks(APP) == [("one_way", False)]
    assert lacks(APP, APP) == [("one_way", False)]


def test_a_night_without_anything_that_wakes_matters_to_those_on_call_alone() -> None:
    assert lacks(MAIL) == [("one_way", False)]
    assert lacks(MAIL, next_on=MONDAY + 30 * DAY) == [("one_way", False), ("quiet", False)]
    assert lacks(MAIL, offered=("email",), next_on=MONDAY) == [("one_way", False), ("quiet_here", False)]


def test_what_failed_lately_is_said_and_forgotten_after_a_month() -> None:
    assert lacks(MAIL, APP, Way("sms", "broken")) == [("broken", False)]
    assert lacks(MAIL, Way("push", "verified", MONDAY - DAY)) == [("failed", False)]
    assert lacks(MAIL, Way("push", "verified", MONDAY - 31 * DAY)) == []
