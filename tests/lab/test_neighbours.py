"""Who is reached differently: openings of a single moment are told with their neighbours, all else as it is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.proving import WELL, opened_at
from tests.lab.test_against import between
from tocsin.core.ids import PersonId
from tocsin.core.instant import HOUR, SECOND, Span, parse_instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.against import Against, Change, Reached, minutes
from tocsin.lab.verifier.changed import Told, Words, tell
from tocsin.lab.verifier.neighbours import Beside, beside
from tocsin.lab.verifier.plain import plain
from tocsin.lab.verifier.reach import Rung

MIDNIGHT = parse_instant("2026-11-01T23:00:00Z")
NOBODY = Reached((), any_of=False, wait=None, steady=True)
DOWN = Phrase("lab.proof.holds", {"when": "signal.labels.state == 'down'"})


def change(name: str, *windows: tuple[int, int], rung: Rung = "first", assuming: tuple[Phrase, ...] = ()) -> Change:
    """Everything that opens in these windows reaches them from now on."""
    after = Reached((PersonId(name),), any_of=False, wait=0, steady=True)
    return Change(rung, "reached", NOBODY, after, tuple(Span(*one) for one in windows), assuming)


def windows(found: Beside) -> list[tuple[str, list[tuple[int, int]]]]:
    return [(one.change.after.people[0], [(span.start, span.end) for span in one.windows]) for one in found.changes]


def test_a_moment_goes_to_what_follows_it() -> None:
    found = beside([change("ana", (0, HOUR)), change("ben", (HOUR, HOUR + 1)), change("dana", (HOUR + 1, 2 * HOUR))])
    assert windows(found) == [("ana", [(0, HOUR)]), ("dana", [(HOUR, 2 * HOUR)])]
    assert found.moments == {HOUR}


def test_a_moment_that_nothing_follows_goes_to_what_comes_before() -> None:
    found = beside([change("ana", (0, HOUR)), change("ben", (HOUR, HOUR + 1))])
    assert windows(found) == [("ana", [(0, HOUR)])]
    assert found.moments == {HOUR}


def test_several_moments_in_a_row_go_to_what_follows_them_all() -> None:
    row = [change("ben", (HOUR, HOUR + 1)), change("ana", (HOUR + 1, HOUR + 2)), change("dana", (HOUR + 2, 2 * HOUR))]
    assert windows(beside(row)) == [("dana", [(HOUR, 2 * HOUR)])]


def test_a_moment_at_which_nothing_differs_parts_no_windows() -> None:
    found = beside([change("ana", (0, HOUR), (HOUR + 1, 2 * HOUR))])
    assert windows(found) == [("ana", [(0, 2 * HOUR)])]
    assert found.moments == {HOUR}


def test_a_moment_that_is_all_that_differs_is_told_as_it_is() -> None:
    lonely = [change("ana", (HOUR, HOUR + 1), (3 * HOUR, 3 * HOUR + 1)), change("ben", (5 * HOUR, 6 * HOUR))]
    found = beside(lonely)
    assert windows(found) == [
        ("ana", [(HOUR, HOUR + 1), (3 * HOUR, 3 * HOUR + 1)]),
        ("ben", [(5 * HOUR, 6 * HOUR)]),
    ]
    assert found.moments == frozenset()


def test_what_lasts_for_a_second_is_told_as_it_is() -> None:
    exact = [change("ana", (0, HOUR)), change("ben", (HOUR, HOUR + SECOND)), change("ana", (HOUR + SECOND, 2 * HOUR))]
    found = beside(exact)
    assert windows(found) == [
        ("ana", [(0, HOUR)]), ("ben", [(HOUR, HOUR + SECOND)]), ("ana", [(HOUR + SECOND, 2 * HOUR)])
    ]  # fmt: skip
    assert found.moments == frozenset()


@pytest.mark.parametrize(("rung", "assuming"), [("management", ()), ("first", (DOWN,))])
def test_what_differs_of_somebody_else_or_of_other_signals_is_no_neighbour(
    rung: Rung, assuming: tuple[Phrase, ...]
) -> None:
    other = change("ana", (HOUR, 2 * HOUR), rung=rung, assuming=assuming)
    found = beside([change("ben", (HOUR, HOUR + 1)), other])
    assert windows(found) == [("ben", [(HOUR, HOUR + 1)]), ("ana", [(HOUR, 2 * HOUR)])]


def test_a_moment_of_some_signals_goes_to_what_follows_for_all_of_them() -> None:
    moment = change("ben", (HOUR, HOUR + 1), assuming=(DOWN,))
    found = beside([moment, change("ana", (HOUR + 1, 2 * HOUR))])
    assert windows(found) == [("ana", [(HOUR, 2 * HOUR)])]


@given(st.lists(st.tuples(st.sampled_from(["ana", "ben", ""]), st.sampled_from([1, 2, SECOND, HOUR])), max_size=9))
def test_whatever_lasts_is_told_but_for_a_second_at_its_edges_and_nothing_twice(
    row: list[tuple[str, int]],
) -> None:
    """One change after the other, '' where nothing differs; each lasts so long."""
    ends = [sum(length for _, length in row[: n + 1]) for n in range(len(row))]
    exact = [(who, end - length, end) for (who, length), end in zip(row, ends, strict=True) if who]
    changes = [change(name, *((at, end) for who, at, end in exact if who == name)) for name in ("ana", "ben")]
    told = [(who, *span) for who, spans in windows(beside(one for one in changes if one.windows)) for span in spans]
    for who, start, end in exact:
        if end - start == HOUR:
            assert any(one == who and at < start + SECOND and end - SECOND < until for one, at, until in told)
    for who, start, end in told:
        assert any(one == who and at < end and start < until for one, at, until in exact)
    ordered = sorted((start, end) for _, start, end in told)
    assert all(end <= start for (_, end), (start, _) in pairwise(ordered))


def said(found: Against, language: str) -> Told:
    return tell(found, Words("Europe/Berlin", str, language))


@pytest.mark.parametrize(
    "after", [opened_at("09:00"), opened_at("09:30", wait="45m", people="ben, ana")], ids=["hours", "several"]
)
def test_hours_that_begin_later_are_told_in_full_minutes(after: str) -> None:
    found = between(opened_at("08:00"), after)
    exact = [span for group in found.groups for one in group.changes for span in one.windows]
    assert any(span.end - span.start == 1 for span in exact), "such moments are there"
    lines = [line for table in said(found, "en").tables for line in table.lines]
    assert not [one for line in lines for one in line.windows if "just after" in one]
    assert not [line for line in lines if line.minutes < 2]
    assert not [line for line in lines if "59 min" in line.before + line.after], "at most is never told as less"
    assert any(line.before.endswith("within 2 h 00 min") for line in lines)


def test_how_many_are_told_with_a_neighbour_is_said_once_in_both_languages() -> None:
    found = between(opened_at("08:00"), opened_at("09:00"))
    told = "42 openings of a single moment, where two things meet, are told with their neighbours."
    assert said(found, "en").moments == told, "two on each of 21 days"
    told = "42 Augenblicke, in denen zweierlei zusammentrifft, stehen bei den Eröffnungen daneben."
    assert said(found, "de").moments == told
    assert said(between(WELL, WELL), "en").moments == ""


def test_programs_get_every_moment_and_minutes_are_those_of_the_exact_windows() -> None:
    found = between(opened_at("08:00"), opened_at("09:00"))
    told = [one for group in plain(found).differences for change in group.changes for one in change.windows]
    assert any(one.end == one.start.replace("Z", ".000001Z") for one in told)
    for group, table in zip(found.groups, said(found, "en").tables, strict=True):
        assert table.minutes.startswith(f"{minutes(span for one in group.changes for span in one.windows)} minutes of ")


def test_the_last_day_that_is_told_is_one_that_was_compared() -> None:
    assert "from Mon, 2 Nov 2026 to Sun, 22 Nov 2026 was compared" in said(between(WELL, WELL, MIDNIGHT), "en").proved
