"""Putting a rulebook in force: a new version, and what its files give to people, in one transaction."""

from collections.abc import Container, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.config import Complaint, Loaded, Seed, loads
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.store import audit_log, people, rulebooks
from tocsin.store.audit_log import Deed
from tocsin.store.contract import Ledger, Tx
from tocsin.store.people import Contact, PersonRow


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
    persons = [PersonRow(one.person, one.name) for one in loaded.seeds]
    seeds = _seeds_since(ledger, loaded)

    def body(tx: Tx) -> int:
        before = rulebooks.number(tx.connection)
        if expected is not None and before != expected:
            raise SupersededError(before)
        for one in seeds.moved if before == seeds.seen else ():
            _correct(tx.connection, one, now)
        people.seed(tx.connection, persons, seeds.fresh, now)
        version = rulebooks.apply(tx.connection, digest, texts, now, by, note)
        if version != before:
            deed = Deed(by, "rulebook.applied", str(version), {"digest": digest, "note": note})
            audit_log.append(tx.connection, deed, now)
            if despite:
                forced = {"reason": note, "worse": list(despite)}
                audit_log.append(tx.connection, Deed(by, "rulebook.forced", str(version), forced), now)
        return version

    return ledger.transact(body)


class _Seeds(Struct, frozen=True):
    """What the files give to people that version `seen` did not: new ways, and others in place of those it gave."""

    seen: int
    fresh: tuple[Contact, ...]
    moved: tuple[Moved, ...]


def _seeds_since(ledger: Ledger, loaded: Loaded) -> _Seeds:
    with ledger.read() as connection:
        latest = rulebooks.latest(connection)
    if latest is None:
        return _Seeds(0, tuple(_fresh((), loaded.seeds)), ())
    same = dict(latest.texts) == dict(loaded.texts)
    before = loaded.seeds if same else loads(latest.texts).seeds
    return _Seeds(latest.version, tuple(_fresh(before, loaded.seeds)), tuple(moved(before, loaded.seeds)))


def _fresh(before: Iterable[Seed], after: Iterable[Seed]) -> Iterator[Contact]:
    """Ways that the version before gave nobody: a way that it gave and that its person took away stays away."""
    old = {(one.person, method) for one in before for method in one.ways}
    for one in after:
        yield from (Contact(one.person, *way) for way in one.ways.items() if (one.person, way[0]) not in old)


def moved(before: Iterable[Seed], after: Iterable[Seed]) -> Iterator[Moved]:
    """What two versions say differently of people who are in both. What a person changed since is not the file's."""
    old = {one.person: one for one in before}
    for one in after:
        was = old.get(one.person)
        if was is None:
            continue
        if was.name != one.name:
            yield Moved(one.person, "", was.name, one.name)
        for method, address in was.ways.items():
            if one.ways.get(method, "") != address:
                yield Moved(one.person, method, address, one.ways.get(method, ""))


def roster_after(today: Facts, before: Loaded | None, loaded: Loaded, channels: Container[str]) -> Facts:
    """Today's roster as applying would leave it: what the files give anew or otherwise is declared."""
    seeds = () if before is None else before.seeds
    ways = {person: dict(mine) for person, mine in today.methods.items()}
    for change in moved(seeds, loaded.seeds):
        mine = ways.get(change.person, {})
        if mine.get(change.method, "verified") == "verified":
            continue
        if change.new:
            mine[change.method] = "declared"
        else:
            mine.pop(change.method)
    for one in _fresh(seeds, loaded.seeds):
        if one.method in channels:
            ways.setdefault(one.person, {}).setdefault(one.method, "declared")
    found = {person: mine for person, mine in ways.items() if mine or not today.methods.get(person, True)}
    return today if found == today.methods else replace(today, methods=found)


def _correct(connection: Connection, one: Moved, now: Instant) -> None:
    if one.method:
        people.move(connection, Contact(one.person, one.method, one.old), one.new, now)
    else:
        people.rename(connection, one.person, one.old, one.new, now)
