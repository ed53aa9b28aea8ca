"""Responders by chance: the same seed gives the same, the figures are as computed by hand, and answers come first."""

import math

import pytest
from msgspec.structs import replace

from tests.cast import GITA, INES, MINUTE, MONDAY
from tests.lab.acme import ACME, minute
from tocsin.core.instant import DAY, HOUR, SECOND, Period
from tocsin.core.policy.policy import Exhausted
from tocsin.core.signal import Signal
from tocsin.lab.meant import Scene
from tocsin.lab.measure import Measured, at_night, zones_of
from tocsin.lab.population import YEAR, Habits, Study, run
from tocsin.lab.summary import Percentiles, binned, nearest, percentiles, summarise

SIGNAL = Signal("k", "trigger", "it is down", severity="error", service="checkout")
SCENE = Scene(ACME, MONDAY, MONDAY + 8 * HOUR, SIGNAL)
STUDY = Study(SCENE, 40, 7)


def measured(study: Study) -> list[Measured]:
    return list(run(study, range(study.runs)))


def test_the_same_seed_gives_the_same_runs_in_whatever_order_they_are_done() -> None:
    whole = measured(STUDY)
    backwards = [next(run(STUDY, [number])) for number in reversed(range(STUDY.runs))]
    assert backwards[::-1] == whole
    assert measured(replace(STUDY, seed=8)) != whole


def test_openings_are_spread_over_the_year_one_in_each_part_of_it() -> None:
    parts = [(one.at - MONDAY) * STUDY.runs // YEAR for one in measured(STUDY)]
    assert parts == list(range(STUDY.runs))
    assert {one.at for one in measured(replace(STUDY, at_once=True))} == {MONDAY}


def test_where_nobody_is_ever_there_nobody_acknowledges_and_the_ladder_runs_out() -> None:
    nobody = measured(replace(STUDY, habits=Habits(chance=0.0)))
    assert {(one.acknowledged, one.exhausted, one.management) for one in nobody} == {(None, True, True)}


def test_where_everybody_is_there_and_notices_all_the_median_is_the_median() -> None:
    sure = {"email": 1.0, "sms": 1.0}
    habits = Habits(chance=1.0, by_day=sure, by_night=sure, down={}, ack_median=2 * MINUTE, ack_spread=0.5)
    study = Study(replace(SCENE, signal=replace(SIGNAL, severity="info")), 600, 3, habits)  # routine: by mail alone
    times = [one.acknowledged or 0 for one in measured(study)]
    assert times
    quicker = sum(time < 2 * MINUTE for time in times) / len(times)
    assert abs(quicker - 0.5) < 4 * math.sqrt(0.25 / len(times))
    assert {one.reached for one in measured(study)} == {0}


def test_a_provider_that_is_always_down_reaches_nobody_at_first() -> None:
    habits = Habits(down={"email": 1.0, "sms": 1.0}, down_spread=0.0)
    assert {one.reached for one in measured(replace(STUDY, habits=habits))} == {30 * MINUTE}


def test_those_of_whom_the_answers_say_something_do_that_and_nothing_by_chance() -> None:
    study = replace(STUDY, at_once=True, answers="gita acknowledges at +3m and resolves at +1h")
    study = replace(study, habits=Habits(down={}))
    assert {(one.acknowledged, one.resolved) for one in measured(study)} == {(3 * MINUTE, 60 * MINUTE)}
    silent = measured(replace(STUDY, answers="nobody acknowledges"))
    assert {one.acknowledged for one in silent} == {None}


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    ten = [5, 1, 9, 3, 7, 2, 8, 4, 10, 6]
    assert percentiles(ten) == Percentiles(p50=5, p90=9, p95=10, p99=10, max=10)
    assert percentiles(range(1, 101)) == Percentiles(50, 90, 95, 99, 100)
    assert percentiles([3]) == Percentiles(3, 3, 3, 3, 3)
    assert percentiles([]) == Percentiles(None, None, None, None, None)
    assert percentiles([1, None]) == Percentiles(1, None, None, None, None)  # never is longer than anything
    assert nearest([1, 2, 3, 4], 25) == 1


def test_a_summary_is_what_one_computes_by_hand() -> None:
    three = [
        Measured(minute(0), 0, 3 * MINUTE, 9 * MINUTE, {GITA: 1}),
        Measured(minute(30), MINUTE, None, None, {GITA: 3, INES: 2}, {GITA: 1}, exhausted=True, management=True),
        Measured(minute(60), None, None),
    ]
    found = summarise(three, "Europe/London")
    assert found.reached == Percentiles(MINUTE, None, None, None, None)
    assert found.acknowledged == Percentiles(None, None, None, None, None)
    assert found.pages == Percentiles(2, 3, 3, 3, 3)
    assert found.pages_a_run == Percentiles(1, 5, 5, 5, 5)
    assert found.night_a_run == Percentiles(0, 1, 1, 1, 1)
    assert (found.never_reached, found.never_acknowledged) == (1 / 3, 2 / 3)
    assert (found.woke_somebody, found.exhausted, found.management) == (1 / 3, 1 / 3, 1 / 3)
    assert [(one.person, one.pages, one.night, one.runs) for one in found.people] == [(GITA, 4, 1, 2), (INES, 2, 0, 1)]
    nine, ten = found.hours[9], found.hours[10]
    assert (nine.runs, nine.reached_p50, nine.acknowledged_p50, nine.night) == (2, 0, 3 * MINUTE, 1)
    assert (ten.runs, ten.reached_p50, found.hours[11].runs) == (1, None, 0)


def test_a_histogram_counts_each_once_and_never_last() -> None:
    found = binned([0, 59 * SECOND, MINUTE, 5 * MINUTE, HOUR, None], (0, MINUTE, 5 * MINUTE, HOUR))
    assert [(one.start, one.end, one.runs) for one in found] == [
        (0, MINUTE, 2), (MINUTE, 5 * MINUTE, 1), (5 * MINUTE, HOUR, 1), (HOUR, None, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "zone", "night"),
    [(-13, "UTC", False), (-11, "UTC", True), (-4, "UTC", True), (-3, "UTC", False), (0, "Asia/Tokyo", False),
     (14, "Asia/Tokyo", False), (13, "Europe/Berlin", True)],
)  # fmt: skip
def test_night_is_from_ten_to_six_on_the_persons_own_clock(hours: int, zone: str, night: bool) -> None:
    assert at_night(MONDAY + hours * HOUR, zone) is night


def test_a_persons_zone_is_that_of_the_schedule_they_have_turns_in() -> None:
    book = ACME.rulebook
    payments = replace(book.schedules["payments-primary"], timezone="Asia/Tokyo")
    zones = zones_of(replace(book, schedules={**book.schedules, "payments-primary": payments}))
    assert (zones[GITA], zones["dana"], zones["kai"]) == ("Asia/Tokyo", "Europe/London", "Europe/London")
    assert "nadia" not in zones


def test_a_run_by_rules_that_never_end_ends() -> None:
    book = ACME.rulebook
    endless = replace(book.policies["production"], exhausted=Exhausted(Period(time=SECOND)), repeat=0)
    policies = {**book.policies, "production": endless}
    world = replace(ACME, rulebook=replace(book, policies=policies))
    (one,) = run(Study(replace(SCENE, world=world, until=MONDAY + 9 * DAY), 1, 7, Habits(chance=0.0)), [0])
    assert one.exhausted


def test_a_study_leaves_the_world_as_it_was() -> None:
    before = dict(ACME.rosters)
    measured(replace(STUDY, runs=5, answers="gita is away"))
    assert ACME.rosters == before
