"""Two workers on one PostgreSQL: every step is entered once, every message handed over once, and both do their part."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.engine.conftest import Report
from tests.engine.crowd import as_user, ask, open_many
from tests.engine.running import Forge, Place, Program, place, rulebook, until
from tests.engine.sink import Sink
from tocsin.channels.email.headers import stable_id
from tocsin.core.instant import HOUR, MINUTE
from tocsin.engine.clock import SystemClock

RULES = rulebook("5m", "10m", "1h")
USERS = ("first", "second")

WHO_WROTE = "alter table {} add column worker text default session_user"
"""The server itself notes which of them wrote a row."""


def pair(forge: Forge, at: Place, only: str) -> list[Program]:
    """Two workers of this part, each as a user of its own, both connected."""
    started = [forge.start(at._replace(database=as_user(at.database, user)), "--only", only) for user in USERS]
    connected = f"select count(distinct usename) from pg_stat_activity where usename in {USERS}"
    until(lambda: ask(at.database, connected) == [(len(USERS),)])
    time.sleep(0.5)
    return started


def shares(url: str, rows: str) -> dict[str, int]:
    """How many of these rows each worker wrote."""
    return dict(ask(url, f"select worker, count(*) from {rows} group by worker"))  # type: ignore[arg-type]


@pytest.mark.timeout(300)
def test_of_ten_thousand_due_incidents_two_workers_enter_each_step_once(
    postgres_url: str, forge: Forge, mails: Sink, tmp_path: Path, report: Report
) -> None:
    count = 10_000
    at = place(tmp_path, postgres_url, mails.port, RULES)
    open_many(postgres_url, count, RULES, SystemClock().now() - 6 * MINUTE)
    ask(postgres_url, WHO_WROTE.format("events"))
    ask(postgres_url, f"update streams set due_at = due_at + {HOUR}")
    workers = pair(forge, at, "engine")
    ask(postgres_url, f"update streams set due_at = due_at - {HOUR}")
    steps = "events where type = 'step_entered' and worker <> 'postgres'"
    until(lambda: ask(postgres_url, f"select count(*) from {steps}") == [(count,)], seconds=120, every=0.5)
    time.sleep(0.5)  # whoever is too late by now would show
    for worker in workers:
        worker.terminate()
    entered = f"select n, count(*) from (select stream, count(*) n from {steps} group by stream) s group by n"
    assert ask(postgres_url, entered) == [(1, count)]
    did = shares(postgres_url, steps)
    (took,) = ask(postgres_url, f"select (max(at) - min(at)) / 1e6 from {steps}")
    report("two workers, 10,000 due incidents", f"{did}", f"{count / float(str(took[0])):.0f} steps/s")
    assert min(did[user] for user in USERS) >= count // 20


def test_two_dispatchers_hand_no_message_over_twice(
    postgres_url: str, forge: Forge, mails: Sink, tmp_path: Path, report: Report
) -> None:
    count = 400
    at = place(tmp_path, postgres_url, mails.port, RULES)
    open_many(postgres_url, count, RULES, SystemClock().now() - MINUTE)
    ask(postgres_url, WHO_WROTE.format("attempts"))
    ask(postgres_url, f"update outbox set next_at = next_at + {HOUR}")
    workers = pair(forge, at, "dispatch")
    ask(postgres_url, f"update outbox set next_at = next_at - {HOUR}")
    until(
        lambda: ask(postgres_url, "select count(*) from outbox where state <> 'sent'") == [(0,)], seconds=60, every=0.2
    )
    for worker in workers:
        worker.terminate()
    ids = [stable_id(f"letter:{id_}", "127.0.0.1") for (id_,) in ask(postgres_url, "select id from outbox")]
    assert mails.copies == Counter(ids)
    did = shares(postgres_url, "attempts")
    report("two dispatchers", f"{did}", f"{len(mails.mails)} mails")
    assert sum(did.values()) == count
    assert min(did[user] for user in USERS) >= count // 20
