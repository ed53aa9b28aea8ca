"""People on both engines: where a message goes, and a mark that moves with every change."""

import pytest
from sqlalchemy import text

from tests.contracts.a_store import NOON, run
from tocsin.store import people, texts
from tocsin.store.ledger import SqlLedger
from tocsin.store.people import Contact, PersonRow
from tocsin.store.queries.states import states_of

PERSONS = [PersonRow("ana", "Ana Silva", "Europe/Lisbon", "pt"), PersonRow("ben")]
WAYS = [
    Contact("ana", "email", "old@acme.example", position=0),
    Contact("ana", "email", "new@acme.example", position=1),
    Contact("ana", "email", "sure@acme.example", "verified", position=2),
    Contact("ana", "sms", "+351 1", "broken"),
    Contact("ben", "email", "ben@acme.example"),
]


@pytest.fixture
def peopled(ledger: SqlLedger) -> SqlLedger:
    run(ledger, people.seed, PERSONS, (), NOON)
    for way in WAYS:
        run(ledger, people.put, way, NOON)
    return ledger


def test_of_several_addresses_the_verified_is_used_and_a_broken_one_leads_nowhere(peopled: SqlLedger) -> None:
    asked = [("ana", "email"), ("ana", "sms"), ("ben", "email"), ("ben", "voice"), ("nobody", "email")]
    with peopled.read() as connection:
        found = people.addresses(connection, asked)
        assert found == {("ana", "email"): "sure@acme.example", ("ben", "email"): "ben@acme.example"}
        assert [people.address(connection, *way) for way in asked] == [found.get(way) for way in asked]


def test_of_equals_the_first_position_is_used(peopled: SqlLedger) -> None:
    run(peopled, people.put, Contact("ana", "email", "sure@acme.example", "broken"), NOON)
    with peopled.read() as connection:
        assert people.address(connection, "ana", "email") == "old@acme.example"


def test_everybody_is_read_at_once(peopled: SqlLedger) -> None:
    with peopled.read() as connection:
        assert people.persons(connection) == {person.id: person for person in PERSONS}
        assert people.names(connection) == {"ana": "Ana Silva", "ben": "ben"}


@pytest.mark.parametrize(
    "change",
    [
        f"update people set name = 'Ana Costa', changed_at = {NOON + 1} where id = 'ana'",
        "delete from people where id = 'ben'",
        "delete from contacts where person = 'ben'",
        "update contacts set state = 'broken' where person = 'ben'",
        f"update contacts set address = 'b@acme.example', changed_at = {NOON + 1} where person = 'ben'",
    ],
)
def test_the_mark_moves_with_every_change_and_stays_without_one(peopled: SqlLedger, change: str) -> None:
    with peopled.read() as connection:
        before = people.latest_change(connection)
        assert people.latest_change(connection) == before
    peopled.transact(lambda tx: tx.connection.execute(text(change)))
    with peopled.read() as connection:
        assert people.latest_change(connection) != before


def test_a_reader_sees_one_state_whichever_way_it_asks(peopled: SqlLedger) -> None:
    with peopled.read() as connection:
        assert people.addresses(connection, [("ben", "email")])
        run(peopled, people.put, Contact("ben", "email", "ben@acme.example", "broken"), NOON + 1)
        assert people.addresses(connection, [("ben", "email")])
        assert states_of(connection, ["INC-1"]) == {}
        assert texts.find_all(connection, ["nothing"]) == {}
    with peopled.read() as connection:
        assert people.addresses(connection, [("ben", "email")]) == {}
