"""What may be forgotten is, and what must not be is not."""

from tests.cast import MONDAY
from tocsin.core.instant import DAY, HOUR
from tocsin.engine.clock import VirtualClock
from tocsin.engine.retention import Retention
from tocsin.store.contract import Answer
from tocsin.store.ledger import open_ledger


def test_answers_are_kept_a_week_and_markers_of_commits_an_hour(store_url: str) -> None:
    ledger = open_ledger(store_url)
    clock = VirtualClock(MONDAY)
    kept = [Answer("key:scripts:a:0", b"{}", MONDAY), Answer("batch:b", b"[]", MONDAY)]
    ledger.transact(lambda tx: tx.record_answers(kept))
    retention = Retention(ledger, clock)
    clock.advance_to(MONDAY + 2 * HOUR)
    assert retention.step() == 1
    assert ledger.transact(lambda tx: set(tx.answers(["key:scripts:a:0", "batch:b"]))) == {"key:scripts:a:0"}
    clock.advance_to(MONDAY + 8 * DAY)
    assert retention.step() == 1
    ledger.close()
