"""What the events of a stream make, as the bytes of a snapshot: the law that `tocsin doctor` holds memory to."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tocsin.core.decider import Decider
from tocsin.core.desk.decide import DESK
from tocsin.core.desk.state import Desk
from tocsin.core.desk.state import Event as DeskEvent
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import evolve, initial
from tocsin.engine.working import decode_event, decode_state
from tocsin.store.codec import decoder, encode

Kind = tuple[Decider[Any, Any], Callable[[bytes], Any], Callable[[bytes], Any]]

KINDS: dict[str, Kind] = {
    "incident": (Decider(initial, evolve, due), decode_event, decode_state),
    "desk": (DESK, decoder(DeskEvent), decoder(Desk)),
}
"""The decider, the reader of events and the reader of snapshots, by the kind of the stream."""


def fold(kind: str, stream: str, told: Sequence[tuple[str, bytes]]) -> bytes | None:
    """The snapshot that these events (type, body) make; None for a kind that nobody here knows.

    Events that nobody can read make nothing, which is never what was stored.
    """
    if kind not in KINDS:
        return None
    decider, decode, _ = KINDS[kind]
    try:
        return encode(decider.fold(stream, (decode(body) for _, body in told)))
    except msgspec.MsgspecError:
        return b""


def anew(kind: str, state: bytes) -> bytes:
    """A snapshot that an older version wrote, as it would be written today; one that nobody can read as it is."""
    if kind not in KINDS:
        return state
    try:
        return encode(KINDS[kind][2](state))
    except msgspec.MsgspecError:
        return state
