"""Breaking the glass: somebody reads a confidential incident that is none of theirs, and its owner hears of it."""

from collections.abc import Iterator

from tocsin.access.permissions import Caller
from tocsin.core.incident.state import Incident
from tocsin.core.instant import HOUR, Duration, Instant
from tocsin.core.outgoing import Message
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.engine.working import queued
from tocsin.store import audit_log, sessions
from tocsin.store.audit_log import Deed
from tocsin.store.contract import Ledger, Tx
from tocsin.store.sessions import Opened

OPEN: Duration = HOUR
"""How long it can be read then."""


def break_glass(ledger: Ledger, world: World, caller: Caller, state: Incident, reason: str, now: Instant) -> Opened:
    """Let the caller's account read it, write down who and why, and tell whoever it belongs to: all or none."""
    opened = Opened(caller.account, state.id, now, now + OPEN, reason)
    messages = [queued(message) for message in _told(world, state, caller, now)]

    def body(tx: Tx) -> None:
        sessions.open_for(tx.connection, opened)
        audit_log.append(tx.connection, Deed(caller.by, "incident.glass-broken", state.id, {"reason": reason}), now)
        tx.queue(messages, now)

    ledger.transact(body)
    return opened


def _told(world: World, state: Incident, caller: Caller, now: Instant) -> Iterator[Message]:
    """The owner, else the lead of the team; by every way that leads to them."""
    team = world.rulebook.teams.get(state.team)
    whom = state.owner or (team.lead if team is not None else None)
    if whom is None or whom == caller.person:
        return
    ways = {way for way, how in world.facts.methods.get(whom, {}).items() if how != "broken"}
    for way in sorted(ways):
        yield Message(
            id=f"glass.{state.id}.{caller.account}.{now}.{way}",
            incident=state.id,
            seq=state.seq,
            purpose="inform",
            to=whom,
            method=way,
            lane="routine",
            round=0,
            due_at=now,
            text=Phrase("glass.broken", {"by": caller.by}),
        )
