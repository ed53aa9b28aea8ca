"""One person's mailbox in a storm."""

from tests.cast import MONDAY, facts, small_rulebook
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import IncidentId
from tocsin.core.instant import SECOND, Instant
from tocsin.core.mailbox.decide import MAILBOX, decide
from tocsin.core.mailbox.state import (
    Bundled,
    Calmed,
    Command,
    Drop,
    Dropped,
    Event,
    Kept,
    Mailbox,
    Offer,
    SentAlone,
    Tick,
)
from tocsin.core.routing.criteria import Conditions
from tocsin.core.world import World

WORLD = World(small_rulebook(), Conditions({}), facts())


def offer(number: int, priority: Priority = "P2", service: str = "checkout") -> Offer:
    return Offer(IncidentId(f"INC-{number}"), service, priority)


def after(*commands: tuple[Instant, Command]) -> tuple[Mailbox, list[Event]]:
    """The mailbox and all its facts after these commands, at seconds from Monday."""
    state, told = MAILBOX.initial("mailbox:ana"), []
    for second, command in commands:
        for event in decide(state, command, WORLD, MONDAY + second * SECOND):
            state = MAILBOX.evolve(state, event)
            told.append(event)
    return state, told


def test_the_first_page_leaves_at_once_and_those_behind_it_wait_for_the_bundle() -> None:
    state, told = after((0, offer(1)), (1, offer(2)), (2, offer(3)))
    assert [type(event) for event in told] == [SentAlone, Kept, Kept]
    assert MAILBOX.due(state) == MONDAY + 15 * SECOND


def test_a_bundle_counts_by_service_and_names_the_worst_five() -> None:
    many = [(1, offer(n, "P3" if n < 6 else "P2", "checkout" if n % 2 else "search")) for n in range(2, 9)]
    _, told = after((0, offer(1)), *many, (15, Tick()))
    assert isinstance(bundle := told[-1], Bundled)
    assert (bundle.n, bundle.services) == (7, {"search": 4, "checkout": 3})
    assert bundle.worst == ("INC-6", "INC-7", "INC-8", "INC-2", "INC-3")


def test_a_p1_has_its_own_headline_in_any_storm() -> None:
    _, told = after((0, offer(1)), (1, offer(2)), (2, offer(3, "P1")))
    assert isinstance(told[-1], SentAlone)
    assert told[-1].incident == "INC-3"


def test_bundles_grow_from_fifteen_seconds_to_a_minute() -> None:
    storm = [(second, offer(second)) for second in range(200)]
    ticks = [(second, Tick()) for second in (15, 45, 105, 165)]
    _, told = after(*sorted([*storm, *ticks], key=lambda one: (one[0], isinstance(one[1], Tick))))
    assert [event.gap // SECOND for event in told if isinstance(event, Bundled)] == [30, 60, 60, 60]


def test_a_whole_gap_without_a_page_brings_calm_and_the_next_one_leaves_at_once() -> None:
    state, told = after((0, offer(1)), (15, Tick()), (20, offer(2)))
    assert [type(event) for event in told] == [SentAlone, Calmed, SentAlone]
    assert state.gap == 15 * SECOND


def test_what_somebody_has_taken_meanwhile_is_not_in_the_bundle() -> None:
    _, told = after(
        (0, offer(1)), (1, offer(2)), (2, offer(2)), (3, offer(3)), (4, Drop(IncidentId("INC-2"))), (15, Tick())
    )
    assert [event.n for event in told if isinstance(event, Dropped | Bundled)] == [2, 1]


def test_a_tick_before_the_bundle_is_due_does_nothing() -> None:
    state, _ = after((0, offer(1)), (1, offer(2)))
    assert decide(state, Tick(), WORLD, MONDAY + 14 * SECOND) == ()


def test_dropping_what_does_not_wait_does_nothing() -> None:
    assert after((0, Drop(IncidentId("INC-9"))))[1] == []
