"""A SQLite store with so many live incidents, made once for all measures that need it."""

from pathlib import Path

from msgspec import Struct

from bench.progress import say
from bench.rules import rulebook
from bench.seeding import TOGETHER, engine, seed
from tocsin.core.instant import SECOND
from tocsin.engine.clock import SystemClock


class LiveStore(Struct, frozen=True):
    """`size` incidents that wait for a month, in the file that `url` names."""

    url: str
    size: int
    events: int
    megabytes: float

    @classmethod
    def of(cls, folder: Path, size: int) -> "LiveStore":
        """The store of that size; made when it is first asked for."""
        file = folder / f"live-{size}.db"
        if not file.exists():
            say(f"making a store of {size:,} live incidents")
            now = SystemClock().now()
            with engine(f"sqlite:///{file}", rulebook(folder)) as parts:
                seed(parts, "patient", [now - SECOND + n // TOGETHER for n in range(size)])
        with engine(f"sqlite:///{file}", None) as parts, parts.ledger.read() as connection:
            events = connection.exec_driver_sql("select count(*) from events").scalar_one()
        return cls(f"sqlite:///{file}", size, int(events), file.stat().st_size / 1e6)
