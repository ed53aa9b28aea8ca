"""Putting a rulebook in force: a new version, and its seeds for whoever is not known yet, in one transaction."""

from tocsin.config import Complaint, Loaded
from tocsin.core.instant import Instant
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


def apply(
    ledger: Ledger, loaded: Loaded, now: Instant, by: str = "", note: str = "", expected: int | None = None
) -> int:
    """The number of the version that is in force now. With `expected`, only where that one was before."""
    if loaded.rulebook is None:
        raise UnusableRulebookError(loaded.errors)
    digest, texts = loaded.rulebook.digest, dict(loaded.texts)
    persons, ways = contacts_of(loaded.seeds)

    def body(tx: Tx) -> int:
        before = rulebooks.number(tx.connection)
        if expected is not None and before != expected:
            raise SupersededError(before)
        people.seed(tx.connection, persons, ways, now)
        version = rulebooks.apply(tx.connection, digest, texts, now, by, note)
        if version != before:
            deed = Deed(by, "rulebook.applied", str(version), {"digest": digest, "note": note})
            audit_log.append(tx.connection, deed, now)
        return version

    return ledger.transact(body)
