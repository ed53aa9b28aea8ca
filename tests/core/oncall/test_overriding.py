"""What an override or a swap would change, what speaks against it, and what is called off with it."""

import pytest
from msgspec.structs import replace

from tests.cast import DANA, EVE, FINN, MONDAY, facts, small_rulebook
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Instant, Span
from tocsin.core.oncall import overriding, swap
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.override import Absence, Facts, Override, Swap
from tocsin.core.oncall.overriding import Change, changes, together, with_override

PRIMARY = ScheduleId("infra-primary")
BOOK = small_rulebook()
WEEK = 7 * DAY
TUESDAY = MONDAY + DAY


def override(person: PersonId = EVE, start: Instant = TUESDAY, length: int = 8 * HOUR, **more: object) -> Override:
    return replace(Override("one", PRIMARY, start, start + length, person), **more)


def against(made: Override, known: Facts, now: Instant = MONDAY) -> list[tuple[str, str]]:
    found = overriding.objections(made, now, BOOK.schedules, BOOK.hours, known)
    return [(one.kind, one.person) for one in found]


def difference(made: Override, known: Facts) -> tuple[Change, ...]:
    after = with_override(known, made)
    return changes(PRIMARY, Span(made.start, made.end), BOOK.schedules, BOOK.hours, known, after)


def test_before_and_after_are_told_only_where_they_differ() -> None:
    made = override(start=MONDAY + WEEK - 4 * HOUR)
    assert difference(made, facts()) == (Change(made.start, MONDAY + WEEK, (DANA,), (EVE,)),)


def test_nothing_speaks_against_somebody_who_is_there_and_can_be_reached() -> None:
    assert against(override(), facts()) == []


@pytest.mark.parametrize(
    ("made", "known", "told"),
    [
        (override(start=MONDAY - DAY), facts(), [("over", "")]),
        (override(), facts(absences=(Absence("a", EVE, TUESDAY + 7 * HOUR, TUESDAY + DAY),)), [("away", EVE)]),
        (override(), facts("broken"), [("unreachable", EVE)]),
        (override(), facts(overrides=(override(FINN, TUESDAY + HOUR, id="other"),)), [("overlaps", FINN)]),
        (override(DANA), facts(), [("already", DANA)]),
        (override(of=FINN), facts(), [("nothing", EVE)]),
        (override(mode="remove"), facts(), [("nothing", EVE)]),
    ],
    ids=["over", "away", "unreachable", "overlaps", "already", "nobody to replace", "nobody to remove"],
)
def test_what_would_not_do_what_was_meant_is_told(made: Override, known: Facts, told: list[tuple[str, str]]) -> None:
    assert against(made, known)[: len(told)] == told


def test_an_absence_that_ends_as_the_override_begins_does_not_speak_against_it() -> None:
    assert against(override(), facts(absences=(Absence("a", EVE, MONDAY, TUESDAY),))) == []


# ------------------------------------------------------------------------------------------------ swaps

OFFER = Swap("s1", PRIMARY, DANA, EVE, Span(TUESDAY, TUESDAY + DAY), Span(MONDAY + WEEK, MONDAY + WEEK + DAY))


def against_swap(offer: Swap, known: Facts, now: Instant = MONDAY) -> list[tuple[str, str]]:
    return [(one.kind, one.person) for one in swap.objections(offer, now, BOOK.schedules, BOOK.hours, known)]


def test_an_accepted_swap_puts_each_in_the_others_place_and_leaves_no_gap() -> None:
    assert against_swap(OFFER, facts()) == []
    known = with_override(facts(), *OFFER.overrides())
    found = shifts(PRIMARY, MONDAY, MONDAY + 2 * WEEK, BOOK.schedules, BOOK.hours, known)
    laid_out = [(one.people, (one.end - one.start) // DAY) for one in found]
    assert laid_out == [((DANA,), 1), ((EVE,), 1), ((DANA,), 6), ((EVE,), 6)]
    assert not any(one.gap for one in found)


def test_the_halves_of_a_swap_are_called_off_together_and_other_overrides_alone() -> None:
    one, two = OFFER.overrides()
    known = facts(overrides=(one, override(id="alone"), two))
    assert together(one, known) == (one, two)
    assert [each.id for each in together(known.overrides[1], known)] == ["alone"]


@pytest.mark.parametrize(
    ("offer", "known", "told"),
    [
        (replace(OFFER, other=DANA), facts(), ("oneself", DANA)),
        (replace(OFFER, give=Span(MONDAY, MONDAY + DAY)), facts(), ("over", "")),
        (replace(OFFER, take=OFFER.give), facts(), ("meets", "")),
        (replace(OFFER, other=FINN), facts(), ("not_on", FINN)),
        (OFFER, facts(overrides=(override(FINN),)), ("not_on", DANA)),
        (OFFER, facts(absences=(Absence("a", EVE, TUESDAY, TUESDAY + HOUR),)), ("away", EVE)),
        (OFFER, facts(overrides=(override(EVE, mode="add"),)), ("already", EVE)),
    ],
    ids=["oneself", "begun", "the same hours", "not theirs", "no longer theirs", "away", "on already"],
)
def test_what_speaks_against_a_swap_is_told(offer: Swap, known: Facts, told: tuple[str, str]) -> None:
    assert told in against_swap(offer, known)


def test_an_offer_ends_when_the_first_of_the_two_shifts_begins() -> None:
    assert OFFER.standing(OFFER.ends_at - 1) == "offered"
    assert OFFER.standing(OFFER.ends_at) == "expired"
    assert replace(OFFER, state="accepted").standing(OFFER.ends_at + DAY) == "accepted"
