"""How tries ended is written down: in the commit that tells the incident, those that end together in one go."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from tocsin.channels.contract import Outcome as Word
from tocsin.core.incident.commands import Receipt
from tocsin.core.instant import Instant
from tocsin.core.outgoing import Message
from tocsin.engine.clock import Clock
from tocsin.engine.door import Door, OverloadedError
from tocsin.engine.outages import Outages
from tocsin.engine.submission import Answer, Submission
from tocsin.lib.logs import logger
from tocsin.lib.together import Together
from tocsin.store import outbox
from tocsin.store.contract import Claimed, Ledger, Outcome
from tocsin.store.errors import StoreError

AGAIN = 0.25
"""Seconds until a word that could not be written is written again."""

log = logger("settling")


class Sent(Struct, frozen=True):
    """One try, how it went, and what that makes of the outbox's row.

    `until` is the end of the lease; `broken`: the address failed for good; `told`: the incident must hear of it.
    """

    row: Claimed
    message: Message
    word: Word
    outcome: Outcome
    until: Instant
    broken: bool
    told: bool


class Settling:
    """Tells the incident what it must act on, and the outbox everything."""

    def __init__(self, ledger: Ledger, door: Door, outages: Outages, clock: Clock, patience: float) -> None:
        self._ledger = ledger
        self._door = door
        self._outages = outages
        self._clock = clock
        self._patience = patience
        self._told: Together[Submission, Answer] = Together(self._tell)
        self._noted: Together[Outcome, None] = Together(self._note)

    async def settle(self, sent: Sent) -> None:
        """Write down how it went, again and again until the lease ends: then it counts as unheard."""
        while True:
            try:
                if await self._written(sent):
                    return
            except (StoreError, OverloadedError) as problem:
                log.warning("outcome_not_written", message=sent.row.id, error=str(problem))
            if self._clock.now() >= sent.until:
                log.error("outcome_lost", message=sent.row.id, outcome=sent.outcome.outcome)
                return
            await asyncio.sleep(AGAIN)

    async def _written(self, sent: Sent) -> bool:
        if sent.broken:
            await asyncio.to_thread(self._outages.broken, sent.message, sent.word.detail)
        if not sent.told:
            await self._noted.put(sent.outcome)
            return True
        row, word = sent.row, sent.word
        receipt = Receipt(row.id, row.round, row.to, row.method, word.status, word.detail)
        told = Submission(f"sent:{row.id}:{row.fence}", receipt, row.incident, settles=sent.outcome)
        answer = await self._told.put(told)
        if answer.refused is not None and answer.refused.code == "stale":
            log.warning("lease_lost", message=row.id)
        return answer.refused is None or answer.refused.code != "busy"

    async def _tell(self, receipts: list[Submission]) -> Sequence[Answer]:
        return await self._door.submit_all(receipts, patience=self._patience)

    async def _note(self, outcomes: list[Outcome]) -> Sequence[None]:
        await asyncio.to_thread(self._ledger.transact, lambda tx: outbox.finish(tx.connection, outcomes))
        return [None] * len(outcomes)
