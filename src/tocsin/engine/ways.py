"""The ways to a person: judged, added, taken away, tried, and verified by whoever read the trial. One door for pages
and programs; each change stands in the audit log, and never with an address.
"""

from typing import Literal

from sqlalchemy import Connection

from tocsin.channels.registry import kinds
from tocsin.core.instant import Instant
from tocsin.engine.trial import proves, reference, trial
from tocsin.engine.working import queued
from tocsin.store import audit_log, people
from tocsin.store.audit_log import Deed
from tocsin.store.contract import Tx
from tocsin.store.people import Contact
from tocsin.store.queries import sent
from tocsin.store.queries.sent import Sent

LONGEST = 500
"""Characters of an address."""

LONGEST_OF_DEVICES = 8_000
"""Characters of an address that a browser wrote: what leads to a few devices, with their keys."""

MOST = 20
"""Ways to one person."""

Trouble = Literal["method", "length", "mailbox", "url", "devices", "many", "taken"]


class WayError(Exception):
    """A way that cannot be added; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def way_of(person: str, method: str, address: str, position: int = 0) -> Contact:
    """A way that makes sense. Raises WayError."""
    way = Contact(person, method, address.strip(), position=min(max(position, 0), 99))
    if way.method not in kinds():
        raise WayError("method")
    if not 1 <= len(way.address) <= longest(way.method) or not way.address.isprintable():
        raise WayError("length")
    if way.method == "email" and not _looks_like_mail(way.address):
        raise WayError("mailbox")
    if way.method == "webhook" and not way.address.startswith(("https://", "http://")):
        raise WayError("url")
    if way.method == "push" and kinds()["push"].check(way.address):
        raise WayError("devices")
    return way


def longest(method: str) -> int:
    """Characters that an address of that channel may have."""
    return LONGEST_OF_DEVICES if method == "push" else LONGEST


def _looks_like_mail(address: str) -> bool:
    name, _, host = address.rpartition("@")
    return bool(name and host) and not set(address) & set(' ,;<>()[]"') and not host.startswith(".")


def add(connection: Connection, way: Contact, by: str, now: Instant) -> None:
    """It counts from now on. Raises WayError for one too many, and for one that is there already."""
    known = people.of(connection, way.person)
    if len(known) >= MOST:
        raise WayError("many")
    if any((one.method, one.address) == (way.method, way.address) for one in known):
        raise WayError("taken")
    people.put(connection, way, now)
    _write(connection, by, "contact.added", way, now)


def find(connection: Connection, person: str, ref: str) -> Contact | None:
    """The way of that reference, if it is theirs."""
    return next((way for way in people.of(connection, person) if reference(way) == ref), None)


def remove(connection: Connection, way: Contact, by: str, now: Instant) -> None:
    """Nothing goes there any more."""
    people.drop(connection, way)
    _write(connection, by, "contact.removed", way, now)


def exchange(connection: Connection, before: Contact | None, after: Contact | None, by: str, now: Instant) -> None:
    """One way in place of another, None for none; it is no further one, so that it is never one too many."""
    if before is not None:
        remove(connection, before, by, now)
    if after is not None:
        people.put(connection, after, now)
        _write(connection, by, "contact.added", after, now)


def send_trial(tx: Tx, way: Contact, now: Instant, secret: bytes) -> str:
    """Send one there; its id."""
    message = trial(way, now, secret)
    tx.queue([queued(message)], now)
    return message.id


def latest_trial(connection: Connection, ref: str) -> Sent | None:
    """What came of the latest trial of the way of that reference; None where it was never tried."""
    return sent.latest(connection, f"trial.{ref}.")


def verify(connection: Connection, way: Contact, shown: str, by: str, now: Instant, *keys: bytes) -> Contact | None:
    """The way as it is from now on, if `shown` is the code that its trial brought; else None."""
    if not proves(way, shown.strip(), now, *keys):
        return None
    good = Contact(way.person, way.method, way.address, "verified", way.position)
    people.put(connection, good, now)
    _write(connection, by, "contact.verified", good, now)
    return good


def _write(connection: Connection, by: str, what: str, way: Contact, now: Instant) -> None:
    details = {"method": way.method, "contact": reference(way)}  # never the address
    audit_log.append(connection, Deed(by, what, way.person, details), now)
