"""Names and addresses, apart from all events: who a person is, and what leads to them."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from sqlalchemy import Connection, bindparam, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.core.instant import Instant
from tocsin.core.oncall.override import MethodState
from tocsin.store.rows import each
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

Way = tuple[str, str]
"""A person and a method."""

_ADDRESSES = """select c.person, c.method, c.address, c.state, c.position from r
    join contacts c on c.person = r.person and c.method = r.method where c.state <> 'broken'"""
_WAYS = select(contacts.c.person, contacts.c.method, contacts.c.address, contacts.c.state, contacts.c.position)
_PERSONS = select(people.c.id, people.c.name, people.c.zone, people.c.language)
_PERSON = _PERSONS.where(people.c.id == bindparam("id"))
_NAMES = select(people.c.id, people.c.name)
_LATEST = text(
    "select * from (select coalesce(max(changed_at), 0), count(*) from people) p, "
    "(select coalesce(max(changed_at), 0)"
    + "".join(f", count(*) filter (where state = '{state}')" for state in _ORDER)
    + " from contacts) c"
)


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


def settle(connection: Connection, person: str, language: str, zone: str, now: Instant) -> None:
    """The language and the zone that somebody chose for themselves; '' is none of their own.

    No rulebook knows of either, so that nothing that is applied later takes them away.
    """
    chosen = {"language": language, "zone": zone, "changed_at": now}
    if not connection.execute(update(people).where(people.c.id == person).values(chosen)).rowcount:
        connection.execute(people.insert().values({"id": person, "name": "", **chosen}))


def everything(connection: Connection) -> list[Contact]:
    """All ways to all people."""
    return [Contact(*row) for row in connection.execute(_WAYS.order_by(contacts.c.person, contacts.c.method))]


def of(connection: Connection, person: str) -> list[Contact]:
    """All ways to one person, the best of each method first."""
    mine = (Contact(*row) for row in connection.execute(_WAYS.where(contacts.c.person == person)))
    return sorted(mine, key=lambda way: (way.method, _ORDER[way.state], way.position, way.address))


def drop(connection: Connection, way: Contact) -> None:
    """Take one way away."""
    same = (contacts.c.person == way.person, contacts.c.method == way.method, contacts.c.address == way.address)
    connection.execute(delete(contacts).where(*same))


def methods(connection: Connection) -> dict[str, dict[str, MethodState]]:
    """The state of each method of each person: the best of its addresses."""
    found: dict[str, dict[str, MethodState]] = {}
    for way in everything(connection):
        mine = found.setdefault(way.person, {})
        if way.method not in mine or _ORDER[way.state] < _ORDER[mine[way.method]]:
            mine[way.method] = way.state
    return found


def addresses(connection: Connection, ways: Collection[Way]) -> dict[Way, str]:
    """Where messages go: a verified address, else a declared one; a way that leads nowhere is not there."""
    found = each(connection, _ADDRESSES, {"person": "text", "method": "text"}, sorted(set(ways)))
    best: dict[Way, tuple[int, int, str]] = {}
    for person, method, address_, state, position in found:
        this = (_ORDER[state], position, address_)
        best[person, method] = min(best.get((person, method), this), this, key=lambda one: one[:2])
    return {way: address_ for way, (_, _, address_) in best.items()}


def address(connection: Connection, person: str, method: str) -> str | None:
    """Where one message by that method goes; None when nothing leads there."""
    return addresses(connection, [(person, method)]).get((person, method))


def mark_broken(connection: Connection, person: str, method: str, now: Instant) -> int:
    """The address in use failed for good. How many were marked."""
    used = address(connection, person, method)
    where = (contacts.c.person == person, contacts.c.method == method, contacts.c.address == used)
    return connection.execute(update(contacts).where(*where).values(state="broken", changed_at=now)).rowcount


def find(connection: Connection, person: str) -> PersonRow | None:
    """One person, or None."""
    row = connection.execute(_PERSON, {"id": person}).first()
    return None if row is None else PersonRow(*row)


def persons(connection: Connection) -> dict[str, PersonRow]:
    """Everybody by id."""
    return {row.id: PersonRow(*row) for row in connection.execute(_PERSONS)}


def names(connection: Connection) -> Mapping[str, str]:
    """Everybody's name by id."""
    return {id_: name or id_ for id_, name in connection.execute(_NAMES)}


def latest_change(connection: Connection) -> tuple[int, ...]:
    """A cheap mark that moves when any person or contact changes: how many there are, and when one last changed."""
    return tuple(int(n) for n in connection.execute(_LATEST).one())
