"""What may leave the building: one message to one person over one method, before it has words or an address."""

from typing import Literal

from msgspec import Struct

from tocsin.core.ids import IncidentId, RequestId
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase

Purpose = Literal[
    "page", "inform", "ask", "decide", "offer", "still_on_it", "over", "taken", "undone", "broken", "finding"
]
"""Why it is sent. `taken`: somebody else has it; `over`: it has ended; `undone`: one of these was taken back;
`broken`: a method of yours failed for good.
"""

Outcome = Literal["sent", "passing", "permanent", "rung_out"]
"""Of one hand-off: accepted by the provider, failed for now, failed for good, or rang without an answer."""

Lane = Literal["last_resort", "urgent_p1", "urgent", "routine"]
LANES: tuple[Lane, ...] = ("last_resort", "urgent_p1", "urgent", "routine")
"""Worst first: a sender empties them in this order, with slots kept for the first ones."""


class Message(Struct, frozen=True, gc=False):
    """A row of the outbox. `id` is the idempotency key: the same event gives the same id, however often it is told.

    `to` is a person's id, or a channel's where `method` is `channel`. `round` is the page round it belongs to, so
    that an acknowledgement can withdraw what is unsent. `due_at` is when it was meant to leave (UTC microseconds).
    `nth` counts from 0 the messages of one event.
    """

    id: str
    incident: IncidentId
    seq: int
    purpose: Purpose
    to: str
    method: str
    lane: Lane
    round: int
    due_at: Instant
    text: Phrase
    request: RequestId = RequestId("")
    options: tuple[str, ...] = ()
    nth: int = 0


def in_order(message: Message) -> tuple[int, str, int, int, str]:
    """To sort by, of one lane's that may leave together: by incident, then as its events sent them."""
    return len(message.incident), message.incident, message.seq, message.nth, message.id
