"""Many incidents at once: opened through the real batch at a moment of the past, so that all of them are due now."""

from collections.abc import Sequence

import psycopg

from tocsin.config import loads
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.engine.batch import Batch
from tocsin.engine.submission import Submission
from tocsin.store.ledger import open_ledger

PEOPLE = ("carla", "dana", "eve", "finn", "frank")


def world(rules: str) -> World:
    """The world of this rulebook, everybody reachable by mail."""
    book = loads({"rules.yaml": rules}).rulebook
    assert book is not None
    return World(book, compile_all(()), Facts(version=1, methods={person: {"email": "declared"} for person in PEOPLE}))


def signal(n: int, severity: str = "critical") -> Submission:
    """The trigger of incident `k<n>`."""
    labels = {"service": "order-database"}
    one = Signal(key=f"k{n}", action="trigger", title=f"{n} is broken", severity=severity, labels=labels)  # type: ignore[arg-type]
    return Submission(f"open:{n}", cmd.Report(SourceId("scripts"), "scripts", (one,)), key=("scripts", f"k{n}"))


def open_many(url: str, count: int, rules: str, at: Instant) -> None:
    """Incidents 1 to `count`, opened at `at`; closes the store."""
    ledger, told = open_ledger(url), world(rules)
    batch = Batch(ledger)
    for first in range(1, count + 1, 500):
        batch.carry_out(told, [signal(n) for n in range(first, min(first + 500, count + 1))], at)
    ledger.close()


def as_user(url: str, name: str) -> str:
    """The same database for a user of its own, so that the server can tell who wrote what."""
    if not ask(url, f"select 1 from pg_roles where rolname = '{name}'"):
        ask(url, f"create role {name} login superuser")
    return url.replace("postgres@", f"{name}@").replace("://postgres:", f"://{name}:")


def ask(url: str, sql: str) -> Sequence[tuple[object, ...]]:
    """Straight from PostgreSQL."""
    with psycopg.connect(url, autocommit=True) as server:
        cursor = server.execute(sql)
        return cursor.fetchall() if cursor.description else []
