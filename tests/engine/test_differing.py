"""Differences of reach: made once for two proofs, remembered within bounds, and waited for as long as one likes."""

import pytest

from tests.lab.proving import START, WELL, changed, loaded, reachable
from tocsin.core.instant import DAY
from tocsin.core.routing.criteria import compile_all
from tocsin.engine import differing
from tocsin.engine.differing import KEPT, WAITING, Contrast, Differences
from tocsin.lab.verifier.case import Case

LONG = 300.0
SOONER = changed(("{after: 15m, ask: role:duty}", "{after: 10m, ask: role:duty}"))


def case(text: str) -> Case:
    book = loaded(text).rulebook
    assert book is not None
    return Case(book, compile_all(book.conditions), START, reachable(WELL), horizon=2 * DAY)


@pytest.fixture(scope="module")
def both() -> tuple[Case, Case]:
    return case(WELL), case(SOONER)


@pytest.fixture
def kept() -> Differences:
    return Differences()


def test_it_is_made_once_and_the_other_way_round_is_another(kept: Differences, both: tuple[Case, Case]) -> None:
    first = kept.of(("a", "b"), *both, LONG)
    assert first.found is not None
    assert first.found.services
    assert kept.of(("a", "b"), *both, 0.0).found is first.found
    back = kept.of(("b", "a"), both[1], both[0], LONG).found
    assert back is not None
    assert {one.mark for group in back.groups for one in group.changes} == {"later"}


def test_whoever_does_not_wait_has_it_the_next_time_and_so_many_are_made_at_once(
    kept: Differences, both: tuple[Case, Case]
) -> None:
    with kept._turn:  # another one is being made
        asked = [kept.of((n, n), *both, 0.0) for n in range(WAITING + 1)]
        assert asked == [Contrast(under_way=True)] * (WAITING + 1)
        assert len(kept._under_way) == WAITING
    assert all(kept.of((n, n), *both, LONG).found is not None for n in range(WAITING + 1))


def test_only_the_last_are_remembered_and_fewer_where_they_are_large(
    kept: Differences, both: tuple[Case, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(KEPT + 1):
        kept.of((n, n), *both, LONG)
    assert list(kept._known) == [(n, n) for n in range(1, KEPT + 1)]
    monkeypatch.setattr(differing, "MOST", 1)
    kept.of(("large", "large"), *both, LONG)
    assert list(kept._known) == [("large", "large")]


def test_one_that_breaks_down_says_so_and_is_not_tried_for_ever(kept: Differences, both: tuple[Case, Case]) -> None:
    broken = case(WELL)
    broken.__dict__["proof"] = None
    assert kept.of(("a", "b"), both[0], broken, LONG) == Contrast(failed=True)
    assert kept.of(("a", "b"), both[0], broken, 0.0) == Contrast(failed=True)
