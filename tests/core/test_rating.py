"""What people without training say of how bad it is, in the words of the rulebook's matrix."""

import pytest

from tocsin.core.catalogue.priority import PriorityRules
from tocsin.core.catalogue.rating import HURRIES, REACHES, impact_of, severity_for, urgency_of

ACME = PriorityRules(
    severity={"critical": "P1", "error": "P2", "warning": "P3", "info": "P5", "else": "P2"},
    urgency=("high", "medium", "low"),
    matrix={
        "extensive": ("P1", "P1", "P2"),
        "significant": ("P1", "P2", "P3"),
        "moderate": ("P2", "P3", "P4"),
        "minor": ("P3", "P4", "P5"),
    },
)


def test_four_ways_to_say_how_many_are_the_four_impacts_of_the_matrix() -> None:
    assert [impact_of(ACME, one) for one in REACHES] == ["extensive", "significant", "moderate", "minor"]
    assert [urgency_of(ACME, one) for one in HURRIES] == ["high", "medium", "low"]


def test_the_order_is_that_of_the_priorities_not_of_the_lines() -> None:
    upside_down = PriorityRules(urgency=("low", "high"), matrix={"one": ("P5", "P4"), "all": ("P2", "P1")})
    assert [impact_of(upside_down, one) for one in REACHES] == ["all", "all", "one", "one"]
    assert [urgency_of(upside_down, one) for one in HURRIES] == ["high", "low", "low"]


@pytest.mark.parametrize(("rows", "found"), [(1, "0000"), (2, "0011"), (3, "0112"), (5, "0134"), (7, "0246")])
def test_fewer_or_more_impacts_keep_their_ends_and_their_order(rows: int, found: str) -> None:
    matrix = {str(n): (ACME.urgent[0] if n == 0 else "P5", f"P{min(n + 1, 5)}") for n in range(rows)}
    rules = PriorityRules(urgency=("a", "b"), matrix=matrix)  # type: ignore[arg-type]
    told = [impact_of(rules, one) for one in REACHES]
    assert told == [str(n) for n in map(int, found)]


def test_without_a_matrix_or_an_answer_nothing_is_said() -> None:
    assert impact_of(PriorityRules(), "everybody") == ""
    assert urgency_of(PriorityRules(), "stopped") == ""
    assert impact_of(ACME, "") == impact_of(ACME, "a stranger's word") == ""


def test_a_priority_is_opened_by_its_own_word_or_by_a_milder_one() -> None:
    assert severity_for(ACME, "P1") == "critical"
    assert severity_for(ACME, "P4") == "info"
    assert severity_for(PriorityRules(), "P3") == ""
