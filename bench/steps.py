"""What became of steps and messages, read from a store by somebody who only looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.store.ledger import open_ledger

STEPS = "select stream, at, due_at from events where type = 'step_entered' order by stream, seq"
SENT = "select sent_at, due_at from outbox where sent_at is not null and outcome = 'sent'"
WAITING = "select count(*) from outbox where next_at is not null"
STEPS_DUE = """select stream, at, due_at from events where type = 'step_entered' and due_at >= {} and due_at < {}
    and stream in (select id from streams where updated_at >= {})"""
DUE = "select count(*) from streams where kind = 'incident' and due_at >= {} and due_at <= {}"


class Step(Struct, frozen=True):
    """One step of an incident, numbered from 0; microseconds."""

    incident: str
    n: int
    at: int
    due_at: int | None

    @property
    def late(self) -> float:
        """Milliseconds between due and decided."""
        return 0.0 if self.due_at is None else (self.at - self.due_at) / 1000


class Looker:
    """Looks at a store that another process writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self) -> int:
        """Messages that are still to be sent."""
        return self._count(WAITING)

    def due_between(self, since: int, until: int) -> int:
        """Incidents that wait for an instant in this time."""
        return self._count(DUE.format(since, until))

    def steps_due(self, since: int, until: int) -> list[Step]:
        """Steps that were entered and had been due in this time; `n` says nothing."""
        rows = self._connection.exec_driver_sql(STEPS_DUE.format(since, until, since))
        return [Step(stream, 0, at, due_at) for stream, at, due_at in rows]

    def steps(self) -> list[Step]:
        """All steps that were entered."""
        found: list[Step] = []
        for stream, at, due_at in self._connection.exec_driver_sql(STEPS):
            n = found[-1].n + 1 if found and found[-1].incident == stream else 0
            found.append(Step(stream, n, at, due_at))
        return found

    def sent(self) -> list[tuple[int, float]]:
        """Of each message that was handed over: when, in microseconds, and how late, in milliseconds."""
        rows = self._connection.exec_driver_sql(SENT)
        return [(sent_at, (sent_at - due_at) / 1000) for sent_at, due_at in rows]

    def _count(self, sql: str) -> int:
        return int(self._connection.exec_driver_sql(sql).scalar_one())


@contextmanager
def looking(url: str) -> Iterator[Looker]:
    """One look; every look sees the store as it is then."""
    ledger = open_ledger(url, write=False)
    try:
        with ledger.read() as connection:
            yield Looker(connection)
    finally:
        ledger.close()
