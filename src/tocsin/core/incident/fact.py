"""What every fact carries."""

from msgspec import Struct

from tocsin.core.instant import Instant


class Fact(Struct, frozen=True, gc=False, kw_only=True):
    """`at` is when it happened, `due_at` when it was planned to (None: not planned), both UTC microseconds."""

    at: Instant
    due_at: Instant | None = None
