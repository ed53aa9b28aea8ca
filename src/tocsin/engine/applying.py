"""Putting a rulebook in force: a new version, and its seeds for whoever is not known yet, in one transaction."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.config import Complaint, Loaded, Seed, loads
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.engine.worlds import contacts_of
from tocsin.store import audit_log, people, rulebooks
from tocsin.store.audit_log import Deed
from tocsin.store.contract import Ledger, Tx


class UnusableRulebookError(Exception):
    """The rulebook has complaints that prevent its use; all of them are in `complaints`."""

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        super().__init__(f"the rulebook cannot be used: {len(complaints)} complaints")
        self.complaints = complaints


class SupersededError(Exception):
    """Another version than the expected one is in force: `version`."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} is in force")
        self.version = version


class Moved(Struct, frozen=True):
    """The file itself gives somebody another name (`method` '') or another address than before; `new` '' is none."""

    person: str
    method: str
    old: str
    new: str


def apply(
    ledger: Ledger,
    loaded: Loaded,
    now: Instant,
    by: str = "",
    note: str = "",
    expected: int | None = None,
    *,
    despite: Sequence[str] = (),
) -> int:
    """The number of the version that is in force now. With `expected`, only where that one was before.

    `despite` is what it makes worse and somebody wants all the same: it is written into the log with the note.
    """
    if loaded.rulebook is None:
        raise UnusableRulebookError(loaded.errors)
    digest, texts = loaded.rulebook.digest, dict(loaded.texts)
    persons, ways = contacts_of(loaded.seeds)
    seen, changed = _changed_since(ledger, loaded, texts)

    def body(tx: Tx) -> int:
        before = rulebooks.number(tx.connection)
        if expected is not None and before != expected:
            raise SupersededError(before)
        for one in changed if before == seen else ():
            _correct(tx.connection, one, now)
        people.seed(tx.connection, persons, ways, now)
        version = rulebooks.apply(tx.connection, digest, texts, now, by, note)
        if version != before:
            deed = Deed(by, "rulebook.applied", str(version), {"digest": digest, "note": note})
            audit_log.append(tx.connection, deed, now)
            if despite:
                forced = {"reason": note, "worse": list(despite)}
                audit_log.append(tx.connection, Deed(by, "rulebook.forced", str(version), forced), now)
        return version

    return ledger.transact(body)


def _changed_since(ledger: Ledger, loaded: Loaded, texts: Mapping[str, str]) -> tuple[int, tuple[Moved, ...]]:
    """The number of the version in force, and whom the new one gives another name or address."""
    with ledger.read() as connection:
        latest = rulebooks.latest(connection)
    if latest is None:
        return 0, ()
    same = dict(latest.texts) == texts
    return latest.version, () if same else tuple(moved(loads(latest.texts).seeds, loaded.seeds))


def moved(before: Iterable[Seed], after: Iterable[Seed]) -> Iterator[Moved]:
    """What two versions say differently of people who are in both. What a person changed since is not the file's."""
    (old_names, old), (new_names, new) = _said(before), _said(after)
    for person in old_names.keys() & new_names.keys():
        if old_names[person] != new_names[person]:
            yield Moved(person, "", old_names[person], new_names[person])
    for (person, method), address in old.items():
        if person in new_names and new.get((person, method), "") != address:
            yield Moved(person, method, address, new.get((person, method), ""))


def roster_after(today: Facts, before: Loaded | None, loaded: Loaded, channels: Container[str]) -> Facts:
    """Today's roster as applying would leave it: new people have the ways of their seeds, moved ways are declared."""
    ways = {person: dict(mine) for person, mine in today.methods.items()}
    known = {one.person for one in before.seeds} if before is not None else set()
    for one in contacts_of(loaded.seeds)[1]:
        if one.person not in known and one.person not in today.methods and one.method in channels:
            ways.setdefault(one.person, {})[one.method] = "declared"
    for change in moved(before.seeds, loaded.seeds) if before is not None else ():
        mine = ways.setdefault(change.person, {})
        if not change.method or mine.get(change.method) == "verified" or change.method not in channels:
            continue
        if change.new:
            mine[change.method] = "declared"
        else:
            mine.pop(change.method, None)
    found = {person: mine for person, mine in ways.items() if mine or person in today.methods}
    return today if found == today.methods else replace(today, methods=found)


def _said(seeds: Iterable[Seed]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    persons, ways = contacts_of(seeds)
    return {one.id: one.name for one in persons}, {(way.person, way.method): way.address for way in ways}


def _correct(connection: Connection, one: Moved, now: Instant) -> None:
    if one.method:
        people.move(connection, people.Contact(one.person, one.method, one.old), one.new, now)
    else:
        people.rename(connection, one.person, one.old, one.new, now)
