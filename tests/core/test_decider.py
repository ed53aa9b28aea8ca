"""The shape of every decider: folding and replaying."""

from tocsin.core.decider import Decider, Refused

COUNTER: Decider[int, int] = Decider(len, lambda state, event: state + event, lambda state: state or None)


def test_folding_applies_every_fact_in_order_from_the_beginning() -> None:
    assert COUNTER.fold("abc", [10, 20]) == 33
    assert COUNTER.fold("abc", []) == 3


def test_replaying_gives_each_fact_with_the_state_just_after_it() -> None:
    assert list(COUNTER.replay("abc", [10, 20])) == [(10, 13), (20, 33)]


def test_due_is_asked_of_a_state() -> None:
    assert COUNTER.due(0) is None
    assert COUNTER.due(7) == 7


def test_a_refusal_is_a_value() -> None:
    assert Refused("ended", "it is closed") == Refused("ended", "it is closed")
