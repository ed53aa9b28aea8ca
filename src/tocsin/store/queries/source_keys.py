"""The keys of sources that are kept beside those of the environment, so that one can be changed without a gap."""

from sqlalchemy import Connection, text

_LIVE = text("select source, hash from source_keys where state = 'live' order by source, created_at")


def live_keys(connection: Connection) -> dict[str, tuple[bytes, ...]]:
    """SHA-256 of every key that is good now, by source."""
    found: dict[str, tuple[bytes, ...]] = {}
    for row in connection.execute(_LIVE):
        found[row.source] = (*found.get(row.source, ()), bytes(row.hash))
    return found
