"""Many commands in one transaction: carried out together, settled after a doubt, ticked in lots, put aside alone."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from tocsin.core.incident import commands as cmd
from tocsin.core.incident.due import precedence
from tocsin.core.instant import Instant
from tocsin.core.outgoing import LANES
from tocsin.core.world import World
from tocsin.engine.carried import Carried
from tocsin.engine.submission import Aftermath, Answer, Submission
from tocsin.lib.logs import logger
from tocsin.store.codec import decoder, encode
from tocsin.store.contract import Answer as Kept
from tocsin.store.contract import Claimed, Ledger, Tx, Withdrawal
from tocsin.store.errors import Refused as RefusedRow
from tocsin.store.errors import StoreError
from tocsin.store.queries.due import next_due

T = TypeVar("T")

log = logger("batch")


class Sender(Protocol):
    """Who sends what a batch queues. Called by whichever thread commits."""

    def call_back(self, withdrawals: Sequence[Withdrawal]) -> None:
        """These are withdrawn by a transaction that is about to be committed: what is in hand must not leave."""

    def claim(self, tx: Tx, now: Instant, lanes: frozenset[int]) -> Sequence[Claimed]:
        """Take what may be sent of these lanes, in the very transaction that queued it: its attempts begin with it."""

    def begin(self, claimed: Sequence[Claimed], now: Instant) -> None:
        """It is committed: go on."""

    def let_go(self, claimed: Sequence[Claimed]) -> None:
        """It is not, and nothing was claimed."""


class _NotThereError(Exception):
    """A doubtful commit did not happen; raised to roll back the look for it."""


class Batch:
    """The one writer of incidents. Synchronous: the door runs it in its own thread, tests run it as it is."""

    def __init__(self, ledger: Ledger, prefix: str = "INC-") -> None:
        self.ledger = ledger
        self._prefix = prefix
        self._ambiguous = ledger.url.startswith("postgres")
        self.sender: Sender | None = None
        self.committed: Callable[[Aftermath], object] = lambda _: None

    def carry_out(self, world: World, submissions: Sequence[Submission], now: Instant, mark: str = "") -> list[Answer]:
        """Decide and commit all of them in one transaction, in order; an answer for each. Raises the store's errors.

        Under `mark`, of this batch alone, its answers are kept where a commit can be ambiguous.
        """

        def body(tx: Tx, carried: Carried) -> list[Answer]:
            answers = carried.all(submissions)
            if mark and self._ambiguous:
                tx.record_answers([Kept(mark, encode(answers), now)])
            return answers

        return self._commit(world, now, body)

    def _commit(self, world: World, now: Instant, body: Callable[[Tx, Carried], T]) -> T:
        """One transaction. After it, whoever waits for what it made due or sendable hears of that.

        Where no commit can be in doubt, what it queues is claimed in it: that saves a transaction for each send.
        """
        sender, claimed = self.sender, list[Claimed]()

        def within(tx: Tx) -> tuple[T, Aftermath]:
            carried = Carried(tx, world, now, self._prefix)
            result, aftermath = body(tx, carried), carried.aftermath
            if sender is not None and aftermath.withdrawals:
                sender.call_back(aftermath.withdrawals)
            if sender is not None and aftermath.lanes and not self._ambiguous:
                claimed.extend(sender.claim(tx, now, aftermath.lanes))
            return result, aftermath

        try:
            result, aftermath = self.ledger.transact(within)
        except BaseException:
            if sender is not None:
                sender.let_go(claimed)
            raise
        if sender is not None and claimed:
            sender.begin(claimed, now)
            aftermath = replace(aftermath, lanes=frozenset())
        self.committed(aftermath)
        return result

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
            answers = self.ledger.transact(body)
        except _NotThereError:
            return None
        self.committed(Aftermath(0, frozenset(range(len(LANES)))))  # nobody remembers what it was
        return answers

    def put_aside(self, world: World, submission: Submission, problem: Exception, now: Instant) -> Answer:
        """Keep a command that cannot be written even alone, and open a raw incident about it."""
        log.error("put_aside", command=submission.id, stream=submission.stream, error=repr(problem))
        return self._commit(world, now, lambda _, carried: carried.put_aside(submission, problem))

    def tick(self, world: World, now: Instant, limit: int = 200) -> list[Answer]:
        """Serve the incidents that are due, worst and oldest first; an answer for each that was."""

        def body(tx: Tx, carried: Carried) -> list[Answer]:
            found = sorted(tx.due(now, limit), key=lambda one: precedence(one.rank, one.due_at or now, one.id))
            carried.adopt({stream.id: stream for stream in found}, due=True)
            return carried.serve([Submission(f"tick:{one.id}:{one.seq}", cmd.Tick(), one.id) for one in found])

        try:
            return self._commit(world, now, body)
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
