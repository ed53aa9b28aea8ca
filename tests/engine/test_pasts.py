"""Worlds of the past: what had been entered by then, and no more; each is made once."""

from pathlib import Path

from tests.cast import DANA, EVE, MINUTE, MONDAY
from tocsin.config import load
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY
from tocsin.core.oncall.override import Override
from tocsin.engine.applying import apply
from tocsin.engine.clock import VirtualClock
from tocsin.engine.pasts import Pasts, changes
from tocsin.engine.worlds import StoredWorlds
from tocsin.store import facts
from tocsin.store.ledger import open_ledger

ACME = Path(__file__).parents[2] / "examples" / "acme.yaml"


def test_the_roster_of_an_instant_is_what_had_been_entered_by_then(store_url: str) -> None:
    ledger = open_ledger(store_url)
    apply(ledger, load(ACME), MONDAY, "tests", "")
    override = Override("o1", ScheduleId("infra-primary"), MONDAY, MONDAY + DAY, EVE, "replace", DANA)
    entered = MONDAY + 2 * MINUTE
    ledger.transact(lambda tx: facts.append(tx.connection, override, entered, "tests"))
    worlds = StoredWorlds(ledger, VirtualClock(MONDAY + DAY), frozenset({"email"}))
    with ledger.read() as connection:
        pasts = Pasts(worlds, changes(connection))
    before, after = pasts(MONDAY + MINUTE), pasts(entered)
    assert (before.facts.overrides, after.facts.overrides) == ((), (override,))
    assert pasts(MONDAY + MINUTE + 1) is before
    assert pasts(MONDAY + 9 * DAY) is after
    ledger.close()
