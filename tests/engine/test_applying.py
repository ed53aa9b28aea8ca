"""What the files of a rulebook give to people: once, and what somebody changed or took away since is theirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import MONDAY
from tocsin.config import Loaded, loads
from tocsin.core.instant import HOUR
from tocsin.core.oncall.override import Facts, MethodState
from tocsin.engine.applying import apply, roster_after
from tocsin.engine.worlds import reachable
from tocsin.store import people
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.people import Contact

ACME = (Path(__file__).parents[2] / "examples" / "acme.yaml").read_text("utf-8")
CHANNELS = frozenset({"email", "sms", "voice"})
EVE = "eve:   {name: Eve Martin,   email: eve@acme.example"
LEE = "lee: {name: Lee Park, email: lee@acme.example}"
VERSIONS = {
    "a phone more": (EVE, f'{EVE}, phone: "+442071230005"'),
    "a phone less": (', phone: "+442071230003"', ""),
    "another address": ("eve@acme.example", "eve@moved.example"),
    "a way that no channel goes": (EVE, f"{EVE}, addresses: {{pigeon: loft}}"),
    "somebody new": (f"  {EVE}", f"  {LEE}\n  {EVE}"),
    "nothing": ("", ""),
}


@pytest.fixture
def ledger(store_url: str) -> Iterator[SqlLedger]:
    """A store that has ACME in force."""
    made = open_ledger(store_url)
    apply(made, loads({"acme.yaml": ACME}), MONDAY)
    yield made
    made.close()


def version(which: str) -> Loaded:
    old, new = VERSIONS[which]
    assert old in ACME
    return loads({"acme.yaml": ACME.replace(old, new, 1)})


def roster(ledger: SqlLedger) -> dict[str, dict[str, MethodState]]:
    with ledger.read() as connection:
        return {one: ways for one, ways in reachable(people.methods(connection), CHANNELS).items() if ways}


def changed(ledger: SqlLedger) -> None:
    """What people do themselves: a phone is taken away, an address is found good, another one bad."""
    bad = Contact("eve", "email", "eve@acme.example", "broken")
    good = Contact("ana", "email", "ana@acme.example", "verified")
    ledger.transact(lambda tx: people.drop(tx.connection, Contact("carla", "voice", "+442071230003")))
    for one in (bad, good):
        ledger.transact(lambda tx, one=one: people.put(tx.connection, one, MONDAY + HOUR))


@pytest.mark.parametrize("which", VERSIONS)
def test_the_roster_is_foretold_as_applying_leaves_it(ledger: SqlLedger, which: str) -> None:
    changed(ledger)
    foretold = roster_after(Facts(methods=roster(ledger)), loads({"acme.yaml": ACME}), version(which), CHANNELS)
    apply(ledger, version(which), MONDAY + 2 * HOUR)
    assert foretold.methods == roster(ledger)


def test_a_first_roster_is_foretold_as_applying_leaves_it(ledger: SqlLedger) -> None:
    assert roster_after(Facts(), None, loads({"acme.yaml": ACME}), CHANNELS).methods == roster(ledger)


def test_a_way_that_its_person_took_away_does_not_come_back_with_the_next_version(ledger: SqlLedger) -> None:
    changed(ledger)
    for which in ("nothing", "somebody new"):
        apply(ledger, version(which), MONDAY + 2 * HOUR)
        assert set(roster(ledger)["carla"]) == {"email", "sms"}


def test_a_way_that_a_version_took_away_comes_back_with_the_next_that_gives_it(ledger: SqlLedger) -> None:
    for which, ways in (("a phone less", {"email"}), ("nothing", {"email", "sms", "voice"})):
        apply(ledger, version(which), MONDAY + HOUR)
        assert set(roster(ledger)["carla"]) == ways
