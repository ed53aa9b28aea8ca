"""Who may send for a source: whoever shows one of its keys, from the environment or the store, kept only as hashes.

An unknown source and a wrong key look alike, to the caller and to a stopwatch. A source that has no key anywhere admits
nobody.
"""

import hmac
from collections.abc import Mapping

from sqlalchemy import Connection

from tocsin.core.instant import Instant
from tocsin.core.routing.source import Source
from tocsin.lib.secrets import digest, mint
from tocsin.store import audit_log
from tocsin.store.audit_log import Deed
from tocsin.store.queries import source_keys as store
from tocsin.store.queries.source_keys import Key, live_keys

_NOBODY = (bytes(32),)
"""What the key for an unknown source is compared with: the SHA-256 of nothing that anybody knows."""


class SourceKeys:
    """The keys as they were when last loaded. `environment` holds the variables that the rulebook's sources name."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {name: bytes.fromhex(digest(value)) for name, value in environment.items() if value}
        self._stored: Mapping[str, tuple[bytes, ...]] = {}
        self.loaded = False

    def load(self, connection: Connection) -> None:
        """Take over what the store has now."""
        self._stored = live_keys(connection)
        self.loaded = True

    def of(self, source: Source | None) -> tuple[bytes, ...]:
        """The hashes that are good for a source; none for one that does not exist or was given no key."""
        if source is None:
            return ()
        given = self._environment.get(source.key)
        return (*((given,) if given else ()), *self._stored.get(source.id, ()))

    def admits(self, source: Source | None, key: str) -> bool:
        """Whether `key` opens the door of `source`; every candidate is compared, and at least one."""
        shown = bytes.fromhex(digest(key))
        good = self.of(source)
        found = [hmac.compare_digest(shown, kept) for kept in good or _NOBODY]
        return any(found) and bool(good) and bool(key)


# ------------------------------------------------------------------------------------- changing them

LIVE = 2
"""Keys of one source that are good at once: the old one until every sender has the new one, and no more."""


class TwoLiveError(Exception):
    """The source has two keys already: revoke one first."""


def make(connection: Connection, source: str, by: str, now: Instant) -> tuple[str, Key]:
    """A new key of a source: its text, to be shown once, and what is kept. Raises TwoLiveError."""
    audit_log.in_turn(connection)
    if len(live_keys(connection).get(source, ())) >= LIVE:
        raise TwoLiveError
    made = mint()
    key = Key(source, made.id, f"toc_{made.id}", bytes.fromhex(made.digest), "live", now)
    store.add(connection, key)
    audit_log.append(connection, Deed(by, "source.key-made", source, {"key": key.id}), now)
    return made.text, key


def revoke(connection: Connection, source: str, id_: str, by: str, now: Instant) -> bool:
    """End a key for good; whether there was one to end."""
    ended = store.revoke(connection, source, id_)
    if ended:
        audit_log.append(connection, Deed(by, "source.key-revoked", source, {"key": id_}), now)
    return ended
