"""A sample sent as a source would send it: taken for real, and written down who sent it."""

import asyncio

from tocsin.core.routing.source import Source
from tocsin.engine.site import Site
from tocsin.engine.submission import Answer
from tocsin.intake.contract import Arrival, Refusal
from tocsin.store import audit_log
from tocsin.store.audit_log import Deed


async def send(site: Site, source: Source, arrival: Arrival, by: str, once: str = "") -> list[Answer] | Refusal:
    """What became of each of its signals, or why it is no signal. It pages whom a real one would."""
    now = site.clock.now()
    read = site.receiver.read(source, arrival, now, once)
    if isinstance(read, Refusal):
        return read
    answers = await site.door.submit_all(read.submissions)
    incidents = [answer.incident for answer in answers if answer.incident]
    deed = Deed(by, "source.sampled", source.id, {"incidents": incidents})
    await asyncio.to_thread(site.ledger.transact, lambda tx: audit_log.append(tx.connection, deed, now))
    return answers
