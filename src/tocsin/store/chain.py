"""The chain that makes tampering show: each event's hash covers the one before it and every stored byte of its own."""

from hashlib import sha256

from tocsin.core.instant import Instant

GENESIS = bytes(32)
"""What the first event of every stream is chained to; the stream's id is in the hash."""


def link(
    head: bytes, stream: str, seq: int, at: Instant, due_at: Instant | None, kind: str, actor: str, versions: str,
    body: bytes,
) -> bytes:  # fmt: skip
    """The hash (SHA-256, 32 bytes) of the event at `seq`, chained to `head`, the hash of the one before it."""
    columns = f"{stream}\0{seq}\0{at}\0{due_at}\0{kind}\0{actor}\0{versions}\0"
    return sha256(head + columns.encode() + body).digest()
