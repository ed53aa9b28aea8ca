"""What the store's tests write into it: small streams with everything on, and ways to look at the rows."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text

from tocsin.store.contract import Listed, Queued, Recorded, Stream, Tx, Versions, Written
from tocsin.store.ledger import SqlLedger

T = TypeVar("T")

NOON = 1_790_000_000_000_000
MINUTE = 60_000_000
VERSIONS = Versions(policy="p" * 64, roster=3, zones="2026b")


def message(incident: str, n: int = 1, **changes: Any) -> Queued:
    """A page to ana by e-mail, due at noon, in lane 2."""
    page = Queued(f"{incident}:{n}:ana:email", incident, n, 2, "ana", "email", "page", b'{"text":"page"}', NOON)
    return msgspec.structs.replace(page, **changes)


def opened(stream: str, **changes: Any) -> Written:
    """The first decision of an incident: open, due in five minutes, of rank 1."""
    event = Recorded("opened", NOON, b'{"type":"opened"}', actor="alertmanager")
    listed = Listed("disk full on db3", "P2", "payments", "dba", "", NOON, False, "page", "ben")
    written = Written(
        stream=stream, kind="incident", seq=0, state=b'{"n":1}', versions=VERSIONS, events=(event,), status="open",
        due_at=NOON + 5 * MINUTE, rank=1, listed=listed,
    )  # fmt: skip
    return msgspec.structs.replace(written, **changes)


def went_on(before: Stream, **changes: Any) -> Written:
    """A later decision, one event more, due ten minutes after noon."""
    event = Recorded("went_on", NOON + before.seq, b'{"type":"went_on"}', NOON)
    state = b'{"n":%d}' % (before.seq + 1)
    base = opened(before.id, seq=before.seq, events=(event,), state=state, due_at=NOON + 10 * MINUTE)
    return msgspec.structs.replace(base, kind=before.kind, **changes)


def write(ledger: SqlLedger, *batch: Written) -> None:
    """Commit decisions of streams that are new."""
    ledger.transact(lambda tx: tx.write(batch))


def advance(ledger: SqlLedger, stream: str, **changes: Any) -> None:
    """Load, decide, commit."""

    def body(tx: Tx) -> None:
        tx.write([went_on(tx.load([stream])[stream], **changes)])

    ledger.transact(body)


def run(ledger: SqlLedger, act: Callable[..., T], *arguments: Any) -> T:
    """Call one of the small modules' functions inside a transaction."""
    return ledger.transact(lambda tx: act(tx.connection, *arguments))


def rows(ledger: SqlLedger, query: str) -> Sequence[Any]:
    """What a reader sees."""
    with ledger.read() as connection:
        return connection.execute(text(query)).fetchall()


def number(n: int) -> str:
    """How incidents are called."""
    return f"INC-{n}"
