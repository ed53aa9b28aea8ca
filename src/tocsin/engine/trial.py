"""A trial of one way to one person: sent like every message, with a code that proves who read it"""

from hashlib import sha256

from uuid_utils import uuid7

from tocsin.core.ids import IncidentId, RequestId
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.outgoing import Message
from tocsin.core.phrase import Phrase
from tocsin.lib import secrets
from tocsin.store.people import Contact

GOOD: Duration = 15 * MINUTE
"""A code is good for so long at least, and for twice as long at most."""

_TRIAL = "trial:"
_PURPOSE = "contact"


def reference(way: Contact) -> str:
    """A name for one way that does not say where it leads; it stands in addresses and logs."""
    return sha256("\0".join((way.person, way.method, way.address)).encode()).hexdigest()[:16]


def trial(way: Contact, now: Instant, secret: bytes) -> Message:
    """The message that tries it. It goes to exactly that address, though another may be preferred."""
    return Message(
        id=f"trial.{reference(way)}.{uuid7()}",
        incident=IncidentId(""),
        seq=0,
        purpose="finding",
        to=way.person,
        method=way.method,
        lane="urgent",
        round=0,
        due_at=now,
        text=Phrase("contact.trial", {"code": code(way, now, secret)}),
        request=RequestId(f"{_TRIAL}{reference(way)}"),
    )


def tried(message: Message) -> str:
    """The reference of the way that a message tries, '' for every other message."""
    return message.request.removeprefix(_TRIAL) if message.request.startswith(_TRIAL) else ""


def code(way: Contact, now: Instant, secret: bytes) -> str:
    """Six figures that only we can know, of a way and a quarter of an hour."""
    mark = secrets.mark(_PURPOSE, f"{reference(way)}:{now // GOOD}", secret)
    return f"{int.from_bytes(sha256(mark.encode()).digest()[:8]) % 1_000_000:06}"


def proves(way: Contact, shown: str, now: Instant, *keys: bytes) -> bool:
    """Whether `shown` is what was sent there in this quarter of an hour or the one before."""
    return shown in {code(way, now - back * GOOD, key) for key in keys for back in (0, 1)}
