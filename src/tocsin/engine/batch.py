"""Many commands in one transaction: carried out together, settled after a doubt, ticked in lots, put aside alone."""

from collections.abc import Callable, Sequence

from tocsin.core.incident import commands as cmd
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.carried import Carried
from tocsin.engine.submission import Answer, Submission
from tocsin.lib.logs import logger
from tocsin.store.codec import decoder, encode
from tocsin.store.contract import Answer as Kept
from tocsin.store.contract import Ledger, Tx
from tocsin.store.errors import Refused as RefusedRow
from tocsin.store.errors import StoreError
from tocsin.store.queries.due import next_due

log = logger("batch")


class _NotThereError(Exception):
    """A doubtful commit did not happen; raised to roll back the look for it."""


class Batch:
    """The one writer of incidents. Synchronous: the door runs it in its own thread, tests run it as it is."""

    def __init__(self, ledger: Ledger, prefix: str = "INC-") -> None:
        self.ledger = ledger
        self._prefix = prefix
        self._ambiguous = ledger.url.startswith("postgres")

    def carry_out(self, world: World, submissions: Sequence[Submission], now: Instant, mark: str = "") -> list[Answer]:
        """Decide and commit all of them in one transaction, in order; an answer for each. Raises the store's errors.

        Under `mark`, of this batch alone, its answers are kept where a commit can be ambiguous.
        """

        def body(tx: Tx) -> list[Answer]:
            answers = Carried(tx, world, now, self._prefix).all(submissions)
            if mark and self._ambiguous:
                tx.record_answers([Kept(mark, encode(answers), now)])
            return answers

        return self.ledger.transact(body)

    def next_due(self) -> Instant | None:
        """When the next incident is due; a cheap read that waits for no writer."""
        with self.ledger.read() as connection:
            return next_due(connection)

    def settle(self, mark: str) -> list[Answer] | None:
        """After a connection was lost during a commit: the answers if it was committed, None if it never will be.

        Where it is still under way, writing the same mark waits for its end. Raises StoreBusy when that takes long.
        """

        def body(tx: Tx) -> list[Answer]:
            found = tx.answers([mark])
            if found:
                return _decode_all(found[mark])
            tx.record_answers([Kept(mark, b"", 0)])
            raise _NotThereError

        try:
            return self.ledger.transact(body)
        except _NotThereError:
            return None

    def put_aside(self, world: World, submission: Submission, problem: Exception, now: Instant) -> Answer:
        """Keep a command that cannot be written even alone, and open a raw incident about it."""
        log.error("put_aside", command=submission.id, stream=submission.stream, error=repr(problem))
        return self.ledger.transact(lambda tx: Carried(tx, world, now, self._prefix).put_aside(submission, problem))

    def tick(self, world: World, now: Instant, limit: int = 200) -> list[Answer]:
        """Serve the incidents that are due, worst and oldest first; an answer for each that was."""

        def body(tx: Tx) -> list[Answer]:
            found = tx.due(now, limit)
            carried = Carried(tx, world, now, self._prefix)
            carried.adopt({stream.id: stream for stream in found}, due=True)
            return carried.serve([Submission(f"tick:{one.id}:{one.seq}", cmd.Tick(), one.id) for one in found])

        try:
            return self.ledger.transact(body)
        except Exception as problem:
            if not is_somebodys(problem):
                raise
            log.exception("tick_failed_together")
            found = self.ledger.transact(lambda tx: [one.id for one in tx.due(now, limit)])
            return [self._tick_alone(world, id_, now) for id_ in found]

    def _tick_alone(self, world: World, stream: str, now: Instant) -> Answer:
        """One of a lot that failed together: served, or put aside so that the others are."""
        submission = Submission(f"tick:{stream}:{now}", cmd.Tick(), stream)
        try:
            return self.carry_out(world, [submission], now)[0]
        except Exception as problem:
            if not is_somebodys(problem):
                raise
            return self.put_aside(world, submission, problem, now)


def is_somebodys(problem: Exception) -> bool:
    """Whether one command may be to blame, so that the others succeed without it; a failing store is nobody's fault."""
    return isinstance(problem, RefusedRow) or not isinstance(problem, StoreError)


_decode_all: Callable[[bytes], list[Answer]] = decoder(list[Answer])
