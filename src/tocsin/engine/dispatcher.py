"""From the outbox to the channels: attempt written before the call, outcome after it, under one idempotency key."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Protocol

from msgspec import Struct

from tocsin.channels.contract import Channel, Letter
from tocsin.channels.contract import Outcome as Word
from tocsin.core.incident.commands import Receipt
from tocsin.core.incident.outgoing import ALL
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.outgoing import LANES, Message
from tocsin.engine.backoff import retry_after
from tocsin.engine.breaker import Breaker
from tocsin.engine.clock import Clock
from tocsin.engine.door import Door, OverloadedError
from tocsin.engine.outages import Outages
from tocsin.engine.submission import Submission
from tocsin.engine.working import decode_message
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.store import outbox
from tocsin.store.contract import Claimed, Ledger, Outcome, Slots, Tx
from tocsin.store.errors import StoreError
from tocsin.store.queries.due import next_send

SENDS_AT_ONCE = 64
RESERVED = {0: 8, 1: 16, 2: 8}
"""Slots that lower lanes may not take: last resort, urgent P1, urgent."""

LEASE: Duration = 30 * SECOND
DEADLINE = 15.0
"""Seconds for one try, whatever a channel thinks; less than the lease, so that nobody else takes what is being sent."""

POLL = 0.25
GIVE_UP_TRIES = 2000
"""News of an end is given up after so many tries. A call never is: what ends it withdraws it, or it goes on."""

log = logger("dispatcher")


class Letters(Protocol):
    """Makes a message into words with an address."""

    def letter(self, message: Message, row: Claimed) -> tuple[Letter, str] | None:
        """The letter and where it goes; None when nothing leads there any more."""


class Sent(Struct, frozen=True):
    """One try and how it went."""

    row: Claimed
    message: Message
    word: Word


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
        self._door = door
        self._channels = channels
        self._letters = letters
        self._outages = outages
        self._clock = clock
        self._metrics = metrics
        self._holder = holder
        self._may_claim = may_claim
        self._breakers = {method: Breaker() for method in channels}
        self._busy: dict[int, int] = dict.fromkeys(range(len(LANES)), 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._random = chance or random.Random()  # noqa: S311  spreads retries, guards nothing
        self.beat = 0

    def wake(self) -> None:
        """Something was written that may leave now."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; then what has begun is finished."""
        if self._ledger.url.startswith("sqlite"):
            await asyncio.to_thread(self._ledger.transact, lambda tx: outbox.free(tx.connection, self._clock.now()))
        while not stop.is_set():
            try:
                began = await self.step()
            except Exception:
                log.exception("claim_failed")
                began = 0
            self.beat = self._clock.steady()
            if not began and not stop.is_set():
                await self._rest()
        await self.drain()

    async def drain(self) -> None:
        """Wait for the sends that have begun."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def step(self) -> int:
        """Claim what may go and begin to send it; how many began."""
        sends = await self._begun()
        for send in sends:
            task = asyncio.create_task(send)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(sends)

    async def step_in_order(self) -> int:
        """As `step`, each sent and settled before the next: for stepping, where nothing may depend on chance."""
        sends = await self._begun()
        for send in sends:
            await send
        return len(sends)

    async def _begun(self) -> list[Coroutine[None, None, None]]:
        """What was claimed, to be sent."""
        slots = self._slots()
        if not any(slots.values()):
            return []
        until = self._clock.now() + LEASE
        claimed = await asyncio.to_thread(self._claim, slots)
        for row in claimed:
            self._busy[row.lane] += 1
        return [self._send(row, until) for row in claimed]

    def _slots(self) -> Slots:
        """Free slots by lane: a lane may use all that is free but what is reserved for those above it."""
        free = SENDS_AT_ONCE - sum(self._busy.values())
        slots = {}
        for lane in self._busy:
            kept = sum(max(n - self._busy[above], 0) for above, n in RESERVED.items() if above < lane)
            slots[lane] = max(free - kept, 0)
        return slots

    def _claim(self, slots: Slots) -> list[Claimed]:
        """Claim, and write down that the attempts begin, in one commit; what was withdrawn meanwhile does not go."""
        now = self._clock.now()
        with self._ledger.read() as connection:
            first = next_send(connection)
        if first is None or first > now or not self._may_claim():
            return []

        def body(tx: Tx) -> list[Claimed]:
            rows = tx.claim(now, self._holder, slots, LEASE)
            begun = outbox.begin(tx.connection, [(row.id, row.fence) for row in rows], now)
            return [row for row in rows if row.id in begun]

        return self._ledger.transact(body)

    async def _send(self, row: Claimed, until: Instant) -> None:
        """One try, and its outcome, within the lease. What was frozen beyond it is another sender's by now."""
        try:
            message = decode_message(row.body)
            if self._clock.now() + int(DEADLINE * SECOND) > until:
                log.warning("lease_too_short", message=row.id)
                return
            word = await self._try(message, row)
            await self._settle(Sent(row, message, word), until)
        except Exception:
            log.exception("send_failed", message=row.id)
        finally:
            self._busy[row.lane] -= 1
            self._wake.set()

    async def _try(self, message: Message, row: Claimed) -> Word:
        """One try: built, sent within the deadline, judged by the method's breaker."""
        channel, breaker = self._channels.get(row.method), self._breakers.get(row.method)
        if channel is None or breaker is None:
            return Word("permanent", f"no channel {row.method} is set up")
        if breaker.ask(self._clock.steady()) == "wait":
            return Word("passing", "provider down")
        try:
            built = await asyncio.to_thread(self._letters.letter, message, row)
        except Exception as problem:
            log.exception("letter_failed", message=row.id)
            breaker.not_tried()
            return Word("passing", f"no letter: {type(problem).__name__}: {problem}"[:300])
        if built is None:
            breaker.not_tried()
            return Word("permanent", f"no {row.method} address")
        started = self._clock.steady()
        word = await self._handed_over(channel, *built)
        await self._judge(row, message, breaker, word, started)
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

    async def _judge(self, row: Claimed, message: Message, breaker: Breaker, word: Word, started: int) -> None:
        """Count, and tell when an outage begins or ends."""
        now = self._clock.steady()
        self._metrics.sends.labels(method=row.method, outcome=word.status).inc()
        self._metrics.send_seconds.labels(method=row.method).observe((now - started) / SECOND)
        late = max(self._clock.now() - message.due_at, 0)
        self._metrics.send_lateness.labels(lane=message.lane).observe(late / SECOND)
        if word.status == "passing":
            if breaker.failed(now):
                log.error("provider_down", method=row.method, detail=word.detail)
                await asyncio.to_thread(self._outages.began, row.method, word.detail)
        elif breaker.succeeded():
            log.warning("provider_back", method=row.method)
            self._outages.ended(row.method)
        self._metrics.breaker.labels(method=row.method).set(breaker.level)

    async def _settle(self, sent: Sent, until: Instant) -> None:
        """Write down how it went, again and again until the lease ends: then it counts as unheard."""
        outcome = self._outcome(sent)
        while True:
            try:
                if await self._written(sent, outcome):
                    return
            except (StoreError, OverloadedError) as problem:
                log.warning("outcome_not_written", message=sent.row.id, error=str(problem))
            if self._clock.now() >= until:
                log.error("outcome_lost", message=sent.row.id, outcome=outcome.outcome)
                return
            await asyncio.sleep(POLL)

    async def _written(self, sent: Sent, outcome: Outcome) -> bool:
        """The incident is told of what it must act on, in the same commit."""
        if sent.word.status == "permanent" and sent.row.method in self._channels:
            await asyncio.to_thread(self._outages.broken, sent.message, sent.word.detail)
        known = sent.word.status == "passing" and sent.row.tried > 0 and not sent.row.unknown
        if not sent.message.incident or known:
            await asyncio.to_thread(self._ledger.transact, lambda tx: outbox.finish(tx.connection, [outcome]))
            return True
        id_ = f"sent:{sent.row.id}:{sent.row.fence}"
        submission = Submission(id_, self._receipt(sent), sent.row.incident, settles=outcome)
        answer = await self._door.submit(submission, patience=DEADLINE)
        if answer.refused is not None and answer.refused.code == "stale":
            log.warning("lease_lost", message=sent.row.id)
        return answer.refused is None or answer.refused.code != "busy"

    def _receipt(self, sent: Sent) -> Receipt:
        row, word = sent.row, sent.word
        return Receipt(row.id, row.round, row.to, row.method, word.status, word.detail)

    def _outcome(self, sent: Sent) -> Outcome:
        """The row's next state: a passing failure waits for its next try."""
        row, word, now = sent.row, sent.word, self._clock.now()
        if word.status == "sent":
            return Outcome(row.id, row.fence, now, "sent", "sent", word.detail or word.reference)
        if word.status == "permanent":
            return Outcome(row.id, row.fence, now, "failed", "permanent", word.detail)
        if row.tried >= GIVE_UP_TRIES and sent.message.purpose not in ALL:
            return Outcome(row.id, row.fence, now, "dead", "passing", word.detail)
        wait = retry_after(row.tried + 1, self._random, word.retry_after)
        if self._breakers[row.method].open:
            wait = self._random.uniform(5, 15)
        return Outcome(row.id, row.fence, now, "waiting", "passing", word.detail, now + int(wait * SECOND))

    async def _rest(self) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(POLL):
                await self._wake.wait()
        except TimeoutError:
            return
