"""Under strace: forks children that carry out five commits each, of which the Nth system call is their last.

Speaks over the socket whose number it is given: a line of JSON {"file", "acknowledged", "idle", "last"} in, the exit
status out. strace kills a process at its LIMIT-th write; a child first makes `idle` writes to nowhere, so that the
kill comes where it is wanted, and imports and strace are paid for once.
"""

import gc
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.cast import MONDAY, SourceId, facts, small_rulebook
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import MINUTE, SECOND
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.engine.batch import Batch
from tocsin.engine.submission import Submission
from tocsin.store import outbox
from tocsin.store.contract import Claimed, Outcome, Tx
from tocsin.store.ledger import SqlLedger, open_ledger

WRITES = "pwrite64,pwritev,write,writev,fdatasync,fsync,ftruncate,fallocate,unlink,unlinkat,rename,renameat2"
LIMIT = 300
"""The write at which strace kills; more than a whole run makes."""

WORLD = World(small_rulebook(), compile_all(()), facts())


def signal(key: str, action: str = "trigger", n: int = 1, **more: object) -> Submission:
    """Of the source `scripts`, for the order database."""
    one = Signal(key=key, action=action, title=f"{key} {n}", severity="critical", labels={"service": "order-database"})  # type: ignore[arg-type]
    report = cmd.Report(SourceId("scripts"), "scripts", (one,))
    return Submission(f"{key}:{action}:{n}", report, key=("scripts", key), **more)  # type: ignore[arg-type]


def prepare(file: Path) -> None:
    """A store with one live incident, closed in order."""
    ledger = open_ledger(f"sqlite:///{file}")
    Batch(ledger).carry_out(WORLD, [signal("old")], MONDAY)
    ledger.close()


def commits(ledger: SqlLedger) -> Iterator[Callable[[], object]]:
    """What a life of the program commits: signals, a claim, its outcomes, timers; and the end in order."""
    batch, now = Batch(ledger), MONDAY + MINUTE
    mixed = [
        signal("a"),
        signal("b", once=True),
        signal("old", "resolve"),
        signal("a", n=2),
        signal("c", "acknowledge"),
    ]
    yield lambda: batch.carry_out(WORLD, mixed, now)
    taken: list[Claimed] = []
    yield lambda: taken.extend(claim(ledger, now + SECOND))
    yield lambda: batch.carry_out(WORLD, [outcome(row, now + 2 * SECOND) for row in taken], now + 2 * SECOND)
    yield lambda: batch.tick(WORLD, now + 6 * MINUTE)
    yield ledger.close


def claim(ledger: SqlLedger, now: int) -> list[Claimed]:
    """As the dispatcher claims: taken, and the attempts begun, in one commit."""

    def body(tx: Tx) -> list[Claimed]:
        rows = tx.claim(now, "holder", dict.fromkeys(range(4), 10), 30 * SECOND)
        outbox.begin(tx.connection, [(row.id, row.fence) for row in rows], now)
        return rows

    return ledger.transact(body)


def outcome(row: Claimed, now: int) -> Submission:
    """It was sent, and the incident is told."""
    receipt = cmd.Receipt(row.id, row.round, row.to, row.method, "sent", "250 OK")
    settled = Outcome(row.id, row.fence, now, "sent", "sent", "250 OK")
    return Submission(f"sent:{row.id}", receipt, row.incident, settles=settled)


def live(order: dict[str, object]) -> None:
    """One child's life. A commit is acknowledged by a byte, as soon as it is done and never before."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    acknowledged = os.open(str(order["acknowledged"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for _ in range(int(str(order["idle"]))):
        os.pwrite(nowhere, b"x", 0)
    ledger = open_ledger(f"sqlite:///{order['file']}")
    for n, commit in enumerate(commits(ledger), 1):
        if n > int(str(order["last"])):
            break
        commit()
        os.write(acknowledged, b"%d" % n)


def main() -> None:
    """Fork on demand, report how each ended. Nothing is collected: a child that moves no old object is cheap."""
    warm = open_ledger("sqlite:///:memory:")  # one life without files, so that no child has to import anything
    for commit in commits(warm):
        commit()
    gc.disable()
    with socket.socket(fileno=int(sys.argv[1])) as channel, channel.makefile("rb") as orders:
        for line in orders:
            pid = os.fork()
            if pid == 0:
                live(json.loads(line))
                os._exit(0)
            channel.send(b"%d\n" % os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
