"""Incidents put into a store through the real engine, at instants that the benchmark chooses, sends already settled."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.alerts import labels
from bench.progress import say
from bench.servers import ENVIRONMENT
from tocsin import app
from tocsin.channels.outbox.send import Outbox
from tocsin.core.ids import SourceId
from tocsin.core.incident.commands import Report
from tocsin.core.instant import Instant
from tocsin.core.signal import Signal
from tocsin.engine.clock import Clock
from tocsin.engine.submission import Submission
from tocsin.settings import Settings
from tocsin.store.contract import Tx

SOURCE = SourceId("scripts")
TOGETHER = 512
SETTLED = """update outbox set state = 'sent', next_at = null, sent_at = created_at, outcome = 'sent'
    where next_at is not null"""


@contextmanager
def engine(url: str, rulebook: Path | None, clock: Clock | None = None) -> Iterator[app.Parts]:
    """All parts joined in this process, nothing running."""
    settings = Settings(rulebook=rulebook, database=url, secret=b"s" * 32, environment=ENVIRONMENT)
    parts = app.join(settings, clock, senders={"email": Outbox()})
    try:
        yield parts
    finally:
        parts.ledger.close()


def seed(parts: app.Parts, service: str, opened: Sequence[Instant], first: int = 0) -> None:
    """One incident of `service` for each instant at which it is to have been opened, in that order."""
    world = parts.site.worlds.world()
    for at in range(0, len(opened), TOGETHER):
        some = opened[at : at + TOGETHER]
        for instant in sorted(set(some)):
            numbers = [first + at + n for n, one in enumerate(some) if one == instant]
            parts.batch.carry_out(world, [report(service, number) for number in numbers], instant)
        if at and at % (TOGETHER * 40) == 0:
            say(f"seeded {at:,} of {len(opened):,} incidents")
    settle(parts)


def settle(parts: app.Parts) -> None:
    """Take what is to be sent as sent."""

    def body(tx: Tx) -> None:
        tx.connection.exec_driver_sql(SETTLED)

    parts.ledger.transact(body)


def forget(parts: app.Parts, since: Instant) -> None:
    """Take out the incidents that changed since then, so that the store is as large as it was."""
    ours = f"(select id from streams where updated_at >= {since})"

    def body(tx: Tx) -> None:
        for table, column in (("outbox", "incident"), ("tally", "incident"), ("events", "stream"), ("live", "stream")):
            tx.connection.exec_driver_sql(f"delete from {table} where {column} in {ours}")
        tx.connection.exec_driver_sql(f"delete from streams where id in {ours} and kind = 'incident'")

    parts.ledger.transact(body)


def report(service: str, number: int, again: int = 0) -> Submission:
    """What the intake makes of one alert; `again` counts its repeats."""
    key = f"{service}-bench-{number}-"
    text = f"The replica is {again} seconds behind. Reads of orders may be stale; fail over if it grows."
    signal = Signal(
        key, "trigger", f"bench-{number}- lags behind its primary", text=text, severity="critical", service=service,
        labels=labels(str(number), service),
    )  # fmt: skip
    report_ = Report(SOURCE, "scripts", (signal,), (f"text-{key}{again}",))
    return Submission(f"seed:{key}:{again}", report_, key=("scripts", key))
