"""What could not be parsed becomes a signal all the same: somebody is paged and reads what came."""

from hashlib import sha256

from msgspec.structs import replace

from tocsin.core.signal import Signal
from tocsin.intake.bounds import TEXT_LIMIT, block, line
from tocsin.intake.contract import Arrival


def unreadable(arrival: Arrival, why: str = "") -> Signal:
    """A raw signal with the body as its text, at most 64 KiB; the same body gives the same key."""
    body = arrival.body or repr(sorted(arrival.query.items())).encode("utf-8", "replace")
    name = line(arrival.source, 200) or "an unnamed source"
    kind = line(arrival.content_type, 200)
    return Signal(
        key=f"raw:{sha256(body).hexdigest()}",
        action="trigger",
        title=f"Unreadable signal from {name}",
        text=block(body[:TEXT_LIMIT].decode("utf-8", "replace"), TEXT_LIMIT) or "(an empty body)",
        labels={k: v for k, v in (("content_type", kind), ("unreadable_because", line(why, 300))) if v},
        raw=True,
    )


def unread_rest(arrival: Arrival, left: int) -> Signal:
    """A raw signal for what one request held that is no alert, or is beyond the limit: a rest may hold anything."""
    raw = unreadable(arrival, "a request may hold 1000 alerts, each of them an object")
    name = line(arrival.source, 200) or "an unnamed source"
    return replace(raw, title=f"Not all that {name} sent could be read: {left} left")
