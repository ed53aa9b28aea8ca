"""From the outbox to the channels: attempt written before the call, outcome after it, under one idempotency key."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from tocsin.channels.contract import Channel, Letter
from tocsin.channels.contract import Outcome as Word
from tocsin.core.incident.outgoing import ALL
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.outgoing import Message, in_order
from tocsin.engine.backoff import retry_after
from tocsin.engine.breaker import Breaker
from tocsin.engine.clock import Clock
from tocsin.engine.door import Door
from tocsin.engine.hands import Hands
from tocsin.engine.letters import Built
from tocsin.engine.outages import Outages
from tocsin.engine.settling import Sent, Settling
from tocsin.engine.working import decode_message
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.store import outbox
from tocsin.store.contract import Claimed, Ledger, Outcome, Tx, Withdrawal
from tocsin.store.errors import StoreError
from tocsin.store.queries.due import next_sends

LOT = 8
"""Where more waits than there are slots for, so many are claimed together: a claim costs as much as several sends."""

LEASE: Duration = 30 * SECOND
DEADLINE = 15.0
"""Seconds for one try, whatever a channel thinks; less than the lease, so that nobody else takes what is being sent."""

POLL = 0.25
GIVE_UP_TRIES = 2000
"""News of an end is given up after so many tries. A call never is: what ends it withdraws it, or it goes on."""

CALLED_BACK = Word("passing", "withdrawn before it was handed over")

log = logger("dispatcher")


class Letters(Protocol):
    """Makes messages into words with an address."""

    def all(self, messages: Sequence[Message]) -> dict[str, Built]:
        """The letter of each message by its id, or why there is none."""


class Held(Struct, frozen=True):
    """A message of this sender until its lease ends; with its letter, where that was written already."""

    row: Claimed
    message: Message
    until: Instant
    letter: Built | None


class Dispatcher:
    """Claims, sends side by side, settles. Any number may work on one PostgreSQL."""

    def __init__(
        self,
        ledger: Ledger,
        door: Door,
        channels: dict[str, Channel],
        letters: Letters,
        outages: Outages,
        clock: Clock,
        metrics: Metrics,
        holder: str,
        may_claim: Callable[[], bool],
        chance: random.Random | None = None,
    ) -> None:
        self._ledger = ledger
        self._channels = channels
        self._letters = letters
        self._outages = outages
        self._clock = clock
        self._metrics = metrics
        self._holder = holder
        self._may_claim = may_claim
        self._breakers = {method: Breaker() for method in channels}
        self._hands = Hands()
        self._full = False
        self._open = False
        self._fresh: deque[tuple[Sequence[Claimed], Instant]] = deque()
        self._writer = ThreadPoolExecutor(1, "letters")
        self._loop: asyncio.AbstractEventLoop
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._random = chance or random.Random()  # noqa: S311  spreads retries, guards nothing
        self._settling = Settling(ledger, door, outages, clock, DEADLINE)
        self.beat = 0

    def wake(self) -> None:
        """Something was written that may leave now."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; then what has begun is finished."""
        if self._ledger.url.startswith("sqlite"):
            await asyncio.to_thread(self._ledger.transact, lambda tx: outbox.free(tx.connection, self._clock.now()))
        self._loop, self._open = asyncio.get_running_loop(), True
        while not stop.is_set():
            self._wake.clear()
            try:
                await self.step()
            except Exception:
                log.exception("claim_failed")
            self.beat = self._clock.steady()
            if not stop.is_set():
                await self._rest()
        self._open = False
        with suppress(StoreError):  # whoever claims in their commit has done so then
            await asyncio.to_thread(self._ledger.transact, lambda _: None)
        await self.drain()
        self._writer.shutdown()

    async def drain(self) -> None:
        """Wait for the sends that have begun."""
        while self._hands:
            if self._tasks:
                await asyncio.gather(*self._tasks, return_exceptions=True)
            else:
                await asyncio.sleep(0.01)

    async def step(self) -> int:
        """Claim what may go and begin to send it; how many began."""
        held = await asyncio.to_thread(lambda: self._written(self._claimed()))
        self._start(held)
        return len(held)

    async def step_in_order(self) -> int:
        """As `step`, each written, sent and settled before the next: when stepping, nothing may depend on chance."""
        held = await asyncio.to_thread(self._claimed)
        for one in sorted(held, key=lambda one: (one.row.lane, *in_order(one.message))):
            await self._send(one)
        return len(held)

    def _start(self, held: Sequence[Held]) -> None:
        for one in held:
            task = asyncio.create_task(self._send(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------------------------------------- claiming

    def call_back(self, withdrawals: Sequence[Withdrawal]) -> None:
        """What is in hand and not handed over yet stays here: see `Sender`."""
        self._hands.call_back(withdrawals)

    def claim(self, tx: Tx, now: Instant, lanes: Collection[int]) -> list[Claimed]:
        """For the batch that has just queued something, while this runs: see `Sender`."""
        return self._take(tx, now, lanes) if self._open and self._may_claim() else []

    def begin(self, claimed: Sequence[Claimed], now: Instant) -> None:
        """What was claimed in a batch is written by our own thread, and sent."""
        self._fresh.append((claimed, now + LEASE))
        try:
            self._writer.submit(self._write_fresh)
        except RuntimeError:  # it has ended meanwhile: the next start frees them
            self.let_go(claimed)

    def let_go(self, claimed: Sequence[Claimed]) -> None:
        """They are not in our hands any more."""
        self._hands.let_go(claimed)

    def _write_fresh(self) -> None:
        held = []
        while self._fresh:
            held += self._read(*self._fresh.popleft())
        if held:
            self._loop.call_soon_threadsafe(self._start, self._written(held))

    def _claim(self) -> list[Claimed]:
        """Claim in a transaction of our own what is due now."""
        now, free = self._clock.now(), self._hands.slots()
        with self._ledger.read() as connection:
            due = [lane for lane, at in next_sends(connection).items() if at <= now]
        self._full = not all(free[lane] for lane in due)
        lanes = [lane for lane in due if free[lane]]
        claimed: list[Claimed] = []
        if lanes and self._may_claim():
            try:
                self._ledger.transact(lambda tx: claimed.extend(self._take(tx, now, lanes)))
            except BaseException:
                self.let_go(claimed)
                raise
        return claimed

    def _take(self, tx: Tx, now: Instant, lanes: Collection[int]) -> list[Claimed]:
        """Claim, and write down that the attempts begin, in one commit; what was withdrawn meanwhile does not go."""
        slots = {lane: n for lane, n in self._hands.slots().items() if lane in lanes}
        rows = tx.claim(now, self._holder, slots, LEASE)
        begun = outbox.begin(tx.connection, [(row.id, row.fence) for row in rows], now)
        ours = [row for row in rows if row.id in begun]
        self._hands.take(ours)
        self._full = self._full or not all(self._hands.slots().values())
        return ours

    def _claimed(self) -> list[Held]:
        until = self._clock.now() + LEASE
        return self._read(self._claim(), until)

    def _read(self, claimed: Sequence[Claimed], until: Instant) -> list[Held]:
        """Decoded. What nobody can read stays claimed, and is looked at again when the lease ends."""
        held = []
        for row in claimed:
            try:
                held.append(Held(row, decode_message(row.body), until, None))
            except Exception:
                log.exception("message_unreadable", message=row.id)
                self.let_go([row])
        return held

    def _written(self, held: Sequence[Held]) -> list[Held]:
        """All letters of a lot are written in one go, but for methods that are down: of those few will leave."""
        up = {method for method, breaker in self._breakers.items() if not breaker.open}
        letters = self._letters.all([one.message for one in held if one.row.method in up]) if held else {}
        return [replace(one, letter=letters.get(one.message.id)) for one in held]

    # -------------------------------------------------------------------------------------------- sending

    async def _send(self, held: Held) -> None:
        """One try, and its outcome, within the lease. What was frozen beyond it is another sender's by now."""
        try:
            if self._clock.now() + int(DEADLINE * SECOND) > held.until:
                log.warning("lease_too_short", message=held.row.id)
                return
            word = await self._try(held)
            await self._settling.settle(self._sent(held, word))
        except Exception:
            log.exception("send_failed", message=held.row.id)
        finally:
            self.let_go([held.row])
            if self._full and self._hands.slots()[held.row.lane] >= LOT:
                self._wake.set()

    async def _try(self, held: Held) -> Word:
        """One try: written, sent within the deadline, judged by the method's breaker."""
        method, message = held.row.method, held.message
        channel, breaker = self._channels.get(method), self._breakers.get(method)
        if channel is None or breaker is None:
            return Word("permanent", f"no channel {method} is set up")
        if breaker.ask(self._clock.steady()) == "wait":
            return Word("passing", "provider down")
        built = held.letter or (await asyncio.to_thread(self._letters.all, [message]))[message.id]
        if isinstance(built, Word):
            breaker.not_tried()
            return built
        if self._hands.is_called_back(held.row.id):
            breaker.not_tried()
            return CALLED_BACK
        started = self._clock.steady()
        word = await self._handed_over(channel, *built)
        await self._judge(held, breaker, word, started)
        return word

    async def _handed_over(self, channel: Channel, letter: Letter, address: str) -> Word:
        """What the channel said, in time; what it raises is its own defect, and passing."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await channel.send(letter, address)
        except TimeoutError:
            return Word("passing", f"no answer within {DEADLINE:.0f} s")
        except Exception as problem:
            log.exception("channel_failed", message=letter.id)
            return Word("passing", f"{type(problem).__name__}: {problem}"[:300])

    async def _judge(self, held: Held, breaker: Breaker, word: Word, started: int) -> None:
        """Count, and tell when an outage begins or ends."""
        method, now = held.row.method, self._clock.steady()
        self._metrics.sends.labels(method=method, outcome=word.status).inc()
        self._metrics.send_seconds.labels(method=method).observe((now - started) / SECOND)
        late = max(self._clock.now() - held.message.due_at, 0)
        self._metrics.send_lateness.labels(lane=held.message.lane).observe(late / SECOND)
        if word.status == "passing":
            if breaker.failed(now):
                log.error("provider_down", method=method, detail=word.detail)
                await asyncio.to_thread(self._outages.began, method, word.detail)
                self._wake.set()  # whom it tells is to be told now
        elif breaker.succeeded():
            log.warning("provider_back", method=method)
            self._outages.ended(method)
        self._metrics.breaker.labels(method=method).set(breaker.level)

    def _sent(self, held: Held, word: Word) -> Sent:
        row = held.row
        broken = word.status == "permanent" and row.method in self._channels
        known = word.status == "passing" and row.tried > 0 and not row.unknown
        told = bool(held.message.incident) and not known and word is not CALLED_BACK
        return Sent(row, held.message, word, self._outcome(held, word), held.until, broken, told)

    def _outcome(self, held: Held, word: Word) -> Outcome:
        """The row's next state: a passing failure waits for its next try."""
        row, now = held.row, self._clock.now()
        if word.status == "sent":
            return Outcome(row.id, row.fence, now, "sent", "sent", word.detail or word.reference)
        if word.status == "permanent":
            return Outcome(row.id, row.fence, now, "failed", "permanent", word.detail)
        if row.tried >= GIVE_UP_TRIES and held.message.purpose not in ALL:
            return Outcome(row.id, row.fence, now, "dead", "passing", word.detail)
        wait = retry_after(row.tried + 1, self._random, word.retry_after)
        if self._breakers[row.method].open:
            wait = self._random.uniform(5, 15)
        return Outcome(row.id, row.fence, now, "waiting", "passing", word.detail, now + int(wait * SECOND))

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL):
                await self._wake.wait()
        except TimeoutError:
            return
