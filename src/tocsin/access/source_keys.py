"""Who may send for a source: whoever shows its key, from the environment or the store, kept only as a hash.

An unknown source and a wrong key look alike, to the caller and to a stopwatch. A source that has no key anywhere admits
nobody.
"""

import hmac
from collections.abc import Mapping

from sqlalchemy import Connection

from tocsin.core.routing.source import Source
from tocsin.lib.secrets import digest
from tocsin.store.queries.source_keys import live_keys

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
