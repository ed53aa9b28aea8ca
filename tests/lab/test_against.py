"""Who is reached differently: what a reader is told of it, window by window."""

from functools import lru_cache
from typing import Any

import pytest

from tests.lab.proving import START, WELL, changed, loaded, reachable
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, Span, parse_instant
from tocsin.core.routing.criteria import compile_all
from tocsin.lab.verifier.against import Against, Change, against, minutes
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.difference import apart
from tocsin.lab.verifier.reach import Stretch
from tocsin.lab.verifier.spans import joined
from tocsin.lab.verifier.windows import folded

DAYS = 21


@lru_cache
def told(*replaced: tuple[str, str], start: Instant = START) -> Against:
    """The sound rulebook with pieces replaced, against itself."""
    return between(WELL, changed(*replaced), start)


def between(before: str, after: str, start: Instant = START) -> Against:
    """One rulebook against another, with everybody to be reached as in the sound one."""
    facts = reachable(WELL)
    old, new = (loaded(text).rulebook for text in (before, after))
    assert old is not None and new is not None  # noqa: PT018
    cases = [Case(book, compile_all(book.conditions), start, facts, horizon=DAYS * DAY) for book in (old, new)]
    return against(*cases)


def only(found: Against, rung: str, service: str = "mail") -> list[Change]:
    return [one for group in found.groups if group.service == service for one in group.changes if one.rung == rung]


def test_the_same_rulebook_and_one_of_other_words_reach_nobody_differently() -> None:
    assert told().groups == ()
    assert told(("organisation: Acme", "organisation: Apex")).groups == ()


def test_a_shift_that_is_swapped_changes_people_in_exactly_its_hours() -> None:
    found = told(("people: [ana, ben], turn", "people: [ben, ana], turn"))
    changes = [one for one in only(found, "responder") if one.mark == "others"]
    assert {(one.before.people, one.after.people) for one in changes} >= {(("ana",), ("ben",)), (("ben",), ("ana",))}
    hours = joined(span for one in changes for span in one.windows)
    assert hours[1].start == parse_instant("2026-11-03T07:00:00Z")
    assert all(span.end - span.start == 12 * HOUR for span in hours)
    assert minutes(hours) == DAYS * 12 * 60


def test_a_hierarchical_step_that_comes_sooner_is_better_for_the_whole_time() -> None:
    found = told(("{after: 15m, ask: role:duty}", "{after: 10m, ask: role:duty}"))
    changes = only(found, "management")
    assert {one.mark for one in changes} == {"sooner"}
    assert {(one.before.wait, one.after.wait) for one in changes} == {(15 * MINUTE, 10 * MINUTE)}
    assert joined(span for one in changes for span in one.windows) == (Span(START, START + DAYS * DAY),)
    assert only(found, "responder") == []


def test_a_longer_wait_that_exhaustion_overtakes_reaches_nobody_differently() -> None:
    assert told(("{after: 15m, ask: role:duty}", "{after: 25m, ask: role:duty}")).groups == ()


def test_a_step_that_is_removed_and_one_that_is_new_are_each_others_reverse() -> None:
    found = told(("      - {hand_over: team, wait: 5m}\n", ""))
    changes = only(found, "responder")
    assert changes
    assert all(set(one.before.people) < set(one.after.people) for one in changes)


def test_a_day_that_is_closed_is_told_alone() -> None:
    week = '{timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}}'
    found = told((week, week[:-1] + ", holidays: [2026-11-11]}"))
    spans = joined(span for one in only(found, "responder") for span in one.windows)
    assert spans == (Span(parse_instant("2026-11-11T07:00:00Z"), parse_instant("2026-11-11T19:00:00Z")),)


def test_services_and_priorities_that_differ_alike_are_one_group_each_service() -> None:
    found = told(("{after: 15m, ask: role:duty}", "{after: 10m, ask: role:duty}"))
    assert found.services == ("mail", "web")
    assert len(found.groups[0].rows) >= 2
    assert [group.service for group in found.groups if not group.service] == [group.service for group in found.groups][
        :1
    ]
    assert len({group.service for group in found.groups}) == 3
    assert len(found.groups) <= 5


def test_windows_that_come_again_are_folded_and_the_night_of_the_change_stands_alone() -> None:
    begin = parse_instant("2027-03-08T01:00:00Z")
    spans = [Span(begin + n * DAY, begin + n * DAY + HOUR) for n in range(14)]
    changing = Span(parse_instant("2027-03-28T00:30:00Z"), parse_instant("2027-03-28T01:30:00Z"))
    weekly, alone = folded([*spans, changing], "Europe/Berlin")
    assert (len(weekly.spans), weekly.weekdays) == (14, (0, 1, 2, 3, 4, 5, 6))
    assert (alone.spans, alone.clear) == ((changing,), False)


@pytest.mark.parametrize(
    ("days", "rules"),
    [
        (range(0, 28, 7), [(4, (0,))]),
        (range(14), [(14, (0, 1, 2, 3, 4, 5, 6))]),
        ([0, 14, 29], [(1, ()), (1, ()), (1, ())]),
        ([0, 7], [(1, ()), (1, ())]),
        ([*range(0, 35, 7), 9], [(5, (0,)), (1, ())]),
    ],
)
def test_what_is_folded_holds_on_each_such_day(days: Any, rules: Any) -> None:
    monday = parse_instant("2026-11-02T08:00:00Z")
    found = folded([Span(monday + n * DAY, monday + n * DAY + HOUR) for n in sorted(days)], "Europe/London")
    assert [(len(one.spans), one.weekdays) for one in found] == rules


WHEN_DOWN = """criteria:
  - {name: region, when: "signal.labels.region == 'eu'", then: {priority: P1}}
  - {name: stopped, when: "signal.labels.state == 'down'", then: {priority: P1}}
"""
NOTHING_AT_FIRST = ("- {hand_over: team, wait: 5m}", '- {hand_over: team, wait: 5m, when: "incident.priority != P1"}')


def test_what_is_supposed_of_a_signal_is_the_same_before_and_after() -> None:
    assert between(WELL + WHEN_DOWN, changed(("organisation: Acme", "organisation: Apex")) + WHEN_DOWN).groups == ()


def test_a_change_rests_on_what_decides_it_and_on_nothing_else() -> None:
    base = changed(NOTHING_AT_FIRST)
    found = between(base + WHEN_DOWN, base + "\n".join(WHEN_DOWN.splitlines()[:2]) + "\n")
    supposed = {tuple(sorted((one.key, one.values["when"]) for one in each.assuming)) for each in only(found, "first")}
    region, stopped = "signal.labels.region == 'eu'", "signal.labels.state == 'down'"
    assert supposed == {(("lab.proof.holds", stopped), ("lab.proof.holds_not", region))}
    assert ("P1", "incident") not in found.groups[0].rows


def test_what_is_so_whatever_is_supposed_rests_on_nothing() -> None:
    sooner = ("{after: 15m, ask: role:duty}", "{after: 4m, ask: role:duty}")
    found = between(WELL + WHEN_DOWN, changed(sooner) + WHEN_DOWN)
    (group,) = [one for one in found.groups if one.service == "mail" and ("P2", "incident") in one.rows]
    assert group.changes
    assert all(one.assuming == () for one in group.changes)


def test_the_one_opening_at_which_both_reach_the_same_is_in_no_window() -> None:
    """Before, the team opens at eight whenever it opened; after, somebody is asked an hour later, by the clock."""
    stands = Stretch(0, 100, 90, False, (PersonId("ana"),), ())
    moves = Stretch(0, 100, 30, True, (PersonId("ana"),), ())
    found = [(one.start, one.end) for one in apart((stands,), (moves,))]
    assert found == [(0, 60), (61, 100)]
    assert [(one.start, one.end) for one in apart((moves,), (stands,))] == found


@pytest.mark.parametrize(
    ("days", "rules"),
    [
        ([0, 14, 28, 42], [(4, (0,), 2, 0)]),
        ([day + week * 21 for week in range(4) for day in range(5)], [(20, (0, 1, 2, 3, 4), 3, 0)]),
        # a turn from Wednesday to Tuesday lies in two weeks
        (
            [day + week * 14 for week in range(4) for day in range(2, 9)],
            [(20, (2, 3, 4, 5, 6), 2, 0), (8, (0, 1), 2, 0)],
        ),
        ([0, 3, 6, 9, 12, 15], [(6, (), 1, 3)]),
        # a holiday cuts: before it and after it the rule holds
        (
            [day for day in range(42) if day % 7 < 5 and day != 23],
            [(17, (0, 1, 2, 3, 4), 1, 0), (12, (0, 1, 2, 3, 4), 1, 0)],
        ),
    ],
)
def test_what_comes_every_second_week_or_third_day_is_folded_where_it_is_exact(days: Any, rules: Any) -> None:
    monday = parse_instant("2026-11-02T08:00:00Z")
    given = [Span(monday + n * DAY, monday + n * DAY + HOUR) for n in sorted(days)]
    found = folded(given, "Europe/London")
    assert [(len(one.spans), one.weekdays, one.weeks, one.days) for one in found] == rules
    assert sorted(span.start for one in found for span in one.spans) == [span.start for span in given]


def test_a_longer_wait_moves_the_step_after_it_and_what_only_follows_from_that_is_not_told() -> None:
    found = told(("{hand_over: team, wait: 5m}", "{hand_over: team, wait: 9m}"))
    changes = only(found, "functional:2")
    assert {(one.before.wait, one.after.wait, one.mark) for one in changes} == {(5 * MINUTE, 9 * MINUTE, "later")}
    assert joined(span for one in changes for span in one.windows) == (Span(START, START + DAYS * DAY),)
    assert only(found, "exhausted") == only(found, "responder") == []


def test_whom_a_later_step_calls_is_told_though_nobody_hears_of_it_sooner_or_later() -> None:
    found = told(("{notify: team.all, wait: 10m}", "{notify: person:omar, wait: 10m}"))
    (change,) = only(found, "functional:2")
    assert (change.mark, change.before.wait, change.after.people) == ("others", 5 * MINUTE, ("omar",))


def test_a_step_that_is_new_reaches_whom_nobody_reached_then_and_one_that_is_gone_loses_them() -> None:
    step = "      - {notify: team.all, wait: 10m}\n"
    more = told((step, step + "      - {notify: person:omar, wait: 10m}\n"))
    assert [(one.mark, one.before.people, one.after.people) for one in only(more, "functional:3")] == [
        ("reached", (), ("omar",))
    ]
    less = told((step, ""))
    assert {one.mark for one in only(less, "functional:2")} == {"lost"}


def test_whom_management_asks_next_and_whom_the_rounds_after_all_steps_call_is_told_as_well() -> None:
    asked = told(("options: [fail over, wait], by: role:duty", "options: [fail over, wait], by: person:omar"))
    assert {(one.mark, one.after.people) for one in only(asked, "hierarchical:2")} == {("others", ("omar",))}
    assert only(asked, "management") == []
    lead = told(("web: {members: [ana, ben, dana], lead: carla}", "web: {members: [ana, ben], lead: omar}"))
    assert {one.mark for one in only(lead, "exhausted", "web")} == {"others"}


def test_only_services_whose_policy_differs_differ() -> None:
    desk = "  desk:\n    functional:\n      - {notify: team, wait: 5m}\n      - {notify: team.all, wait: WAIT}\n"
    own = ("web: {team: web, policy: mail}", "web: {team: web, policy: desk}")
    both = changed(own, ("policies:\n", "policies:\n" + desk))
    found = between(both.replace("WAIT", "10m"), both.replace("WAIT", "20m"))
    assert found.services == ("web",)
    (change,) = only(found, "exhausted", "web")
    assert (change.before.wait, change.after.wait) == (15 * MINUTE, 25 * MINUTE)
