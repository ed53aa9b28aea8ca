"""What every intake format promises: bytes in, signals out, nothing lost and nothing raised."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec import Struct

from tocsin.core.signal import Signal


class Arrival(Struct, frozen=True, gc=False):
    """One request as it came in. `source` is the source's id, used only in words.

    `query` is without the credential (`?key=` is taken out by the door, so a query can carry a signal's own
    key only as `dedup`). Header names are lower case.
    """

    source: str
    body: bytes
    content_type: str = ""
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


class Refusal(Struct, frozen=True):
    """An answer for input that only its sender can mend: an HTTP status, what is wrong and what to do."""

    status: int
    text: str
    hint: str = ""


Reading: TypeAlias = tuple[Signal, ...] | Refusal
"""The signals in the order the sender gave them; what could not be read is among them as a raw one."""

Read: TypeAlias = Callable[[Arrival], Reading]
"""A format's reader: pure, reads no clock, knows no store."""


class Intake(Struct, frozen=True):
    """One format that was found: its name in `POST /in/<source>`'s settings, its reader, how to wire it (Markdown)."""

    name: str
    read: Read
    guide: str = ""
