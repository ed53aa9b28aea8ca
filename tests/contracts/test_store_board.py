"""Lists of incidents, on both engines: what is asked for, in its order, page by page; and what changed lately."""

import pytest

from tests.contracts.a_store import MINUTE, NOON, advance, opened, write
from tocsin.store.contract import Listed
from tocsin.store.ledger import SqlLedger
from tocsin.store.queries.board import Changed, Filter, board, changed, live_count
from tocsin.store.queries.states import states_of

ALL = ("open", "acknowledged", "resolved", "closed")


def incident(n: int, rank: int = 1, status: str = "open", **listed: object):
    """An incident that was opened at the n-th minute after noon."""
    known = {"title": f"Trouble {n}", "priority": f"P{rank + 1}", "service": "shop", "team": "web"} | listed
    ended = status in ("resolved", "closed")
    return opened(
        f"INC-{n}", status=status, rank=6 if ended else rank, due_at=None if ended else NOON,
        listed=Listed(**known, opened_at=NOON + n * MINUTE),
    )  # fmt: skip


def ids(ledger: SqlLedger, wanted: Filter, limit: int = 100) -> list[str]:
    with ledger.read() as connection:
        return [row.id for row in board(connection, wanted, limit, states=False)[0]]


def test_the_worst_and_oldest_come_first_then_the_ended_the_newest_first_page_by_page(ledger: SqlLedger) -> None:
    write(ledger, incident(1, 2), incident(2, 0), incident(3, 0, "acknowledged"), incident(4, 0, "resolved"))
    write(ledger, incident(5, 0, "closed"), incident(6, 2))
    order = ["INC-2", "INC-3", "INC-1", "INC-6", "INC-5", "INC-4"]
    for size in (1, 2, 5, 6):
        told, place = [], None
        with ledger.read() as connection:
            for _ in range(7):
                rows, place = board(connection, Filter(ALL), size, place, states=False)
                told += [row.id for row in rows]
                if place is None:
                    break
        assert told == order


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(team="db"), [2]),
        (Filter(service="mail"), [3]),
        (Filter(priority="P1"), [3]),
        (Filter(text="DISK"), [3, 2]),
        (Filter(text="inc-1"), [1]),
        (Filter(text="mail"), [3]),
        (Filter(text="100%"), [4]),
        (Filter(text="_"), []),
        (Filter(owner="eve"), [2]),
        (Filter(owner="eve", besides=("INC-1", "INC-9")), [1, 2]),
        (Filter(text="disk", priority="P1"), [3]),
        (Filter(confidential=True, text="secret"), [5]),
        (Filter(text="secret"), []),
    ],
)
def test_a_filter_lets_through_what_it_names(ledger: SqlLedger, wanted: Filter, found: list[int]) -> None:
    write(
        ledger,
        incident(1),
        incident(2, title="Disk full", team="db", owner="eve"),
        incident(3, 0, title="disk slow", service="mail"),
        incident(4, 3, title="Load at 100%"),
        incident(5, 4, title="A secret", confidential=True),
    )
    assert ids(ledger, wanted) == [f"INC-{n}" for n in found]


def test_a_list_is_read_without_states_and_those_that_are_needed_by_their_ids(ledger: SqlLedger) -> None:
    write(ledger, incident(1), incident(2))
    with ledger.read() as connection:
        assert [row.state for row in board(connection, Filter(), 9, states=False)[0]] == [b"", b""]
        assert [row.state for row in board(connection, Filter(), 9)[0]] == [b'{"n":1}'] * 2
        assert states_of(connection, ["INC-2", "INC-7"]) == {"INC-2": b'{"n":1}'}
        assert states_of(connection, []) == {}


def test_counts_stop_where_they_are_told_to_and_know_of_nothing_confidential(ledger: SqlLedger) -> None:
    write(ledger, *(incident(n) for n in range(5)), incident(9, 0, "acknowledged"), incident(10, confidential=True))
    with ledger.read() as connection:
        assert [live_count(connection, "open", most) for most in (3, 100)] == [3, 5]
        assert live_count(connection, "acknowledged", 100) == 1


def test_what_changed_is_told_the_latest_first_and_nothing_that_is_no_incident(ledger: SqlLedger) -> None:
    write(ledger, incident(1), incident(2, confidential=True), opened("desk:web", kind="desk", status="", due_at=None))
    advance(ledger, "INC-1")
    with ledger.read() as connection:
        assert changed(connection, NOON, 10) == [Changed("INC-1", 2, NOON + 1, False)]
        assert [one.id for one in changed(connection, NOON - 1, 10)] == ["INC-1", "INC-2"]
        assert [one.confidential for one in changed(connection, NOON - 1, 10)] == [False, True]
        assert changed(connection, NOON + 1, 10) == []
