"""Names and addresses, apart from all events: who a person is, and what leads to them."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.core.instant import Instant
from tocsin.core.oncall.override import MethodState
from tocsin.store.tables import contacts, people


class PersonRow(Struct, frozen=True):
    """A person as the store knows them."""

    id: str
    name: str = ""
    zone: str = ""
    language: str = ""


class Contact(Struct, frozen=True):
    """One way to one person. Of several with one method the verified comes first, then by `position`."""

    person: str
    method: str
    address: str
    state: MethodState = "declared"
    position: int = 0


_ORDER = {"verified": 0, "declared": 1, "broken": 2}

# What every letter asks is put together once: making a statement costs five times what running it does.
_ADDRESSES = select(contacts.c.address, contacts.c.state, contacts.c.position).where(
    contacts.c.person == bindparam("person"), contacts.c.method == bindparam("method"), contacts.c.state != "broken"
)
_PERSON = select(people.c.id, people.c.name, people.c.zone, people.c.language).where(people.c.id == bindparam("id"))
_NAMES = select(people.c.id, people.c.name)


def seed(connection: Connection, persons: Iterable[PersonRow], ways: Iterable[Contact], now: Instant) -> None:
    """Add whom and what is not there yet: what people have changed since is theirs and stays."""
    add = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for person in persons:
        row = {"id": person.id, "name": person.name, "zone": person.zone, "language": person.language}
        connection.execute(add(people).values(row | {"changed_at": now}).on_conflict_do_nothing())
    known = {(one.person, one.method) for one in everything(connection)}
    for way in ways:
        if (way.person, way.method) not in known:
            put(connection, way, now)


def put(connection: Connection, way: Contact, now: Instant) -> None:
    """Set one way; an equal one is replaced."""
    same = (contacts.c.person == way.person, contacts.c.method == way.method, contacts.c.address == way.address)
    connection.execute(delete(contacts).where(*same))
    row: dict[str, object] = {"person": way.person, "method": way.method, "address": way.address}
    row |= {"state": way.state, "position": way.position, "changed_at": now}
    connection.execute(contacts.insert().values(row))


def move(connection: Connection, before: Contact, address: str, now: Instant) -> None:
    """Another address ('' none) in place of the one that `before` declared; one that the person has verified stays."""
    same = (
        contacts.c.person == before.person,
        contacts.c.method == before.method,
        contacts.c.address == before.address,
    )
    row = connection.execute(select(contacts.c.state, contacts.c.position).where(*same)).first()
    if row is None or row.state == "verified":
        return
    connection.execute(delete(contacts).where(*same))
    if address:
        put(connection, Contact(before.person, before.method, address, position=row.position), now)


def rename(connection: Connection, person: str, before: str, name: str, now: Instant) -> None:
    """Another name for somebody who is still called `before`."""
    where = (people.c.id == person, people.c.name == before)
    connection.execute(update(people).where(*where).values(name=name, changed_at=now))


def everything(connection: Connection) -> list[Contact]:
    """All ways to all people."""
    columns = (contacts.c.person, contacts.c.method, contacts.c.address, contacts.c.state, contacts.c.position)
    return [Contact(*row) for row in connection.execute(select(*columns).order_by(contacts.c.person))]


def methods(connection: Connection) -> dict[str, dict[str, MethodState]]:
    """The state of each method of each person: the best of its addresses."""
    found: dict[str, dict[str, MethodState]] = {}
    for way in everything(connection):
        mine = found.setdefault(way.person, {})
        if way.method not in mine or _ORDER[way.state] < _ORDER[mine[way.method]]:
            mine[way.method] = way.state
    return found


def address(connection: Connection, person: str, method: str) -> str | None:
    """Where a message by that method goes: a verified address, else a declared one; None when nothing leads there."""
    rows = connection.execute(_ADDRESSES, {"person": person, "method": method}).all()
    best = min(rows, key=lambda row: (_ORDER[row.state], row.position), default=None)
    return None if best is None else str(best.address)


def mark_broken(connection: Connection, person: str, method: str, now: Instant) -> int:
    """The address in use failed for good. How many were marked."""
    used = address(connection, person, method)
    where = (contacts.c.person == person, contacts.c.method == method, contacts.c.address == used)
    return connection.execute(update(contacts).where(*where).values(state="broken", changed_at=now)).rowcount


def find(connection: Connection, person: str) -> PersonRow | None:
    """One person, or None."""
    row = connection.execute(_PERSON, {"id": person}).first()
    return None if row is None else PersonRow(*row)


def names(connection: Connection) -> Mapping[str, str]:
    """Everybody's name by id."""
    return {id_: name or id_ for id_, name in connection.execute(_NAMES)}


def latest_change(connection: Connection) -> tuple[int, ...]:
    """A cheap mark that moves when any contact changes: how many there are in each state, and when one last changed."""
    states = (func.count().filter(contacts.c.state == state) for state in _ORDER)
    row = connection.execute(select(func.coalesce(func.max(contacts.c.changed_at), 0), *states)).one()
    return tuple(int(n) for n in row)
