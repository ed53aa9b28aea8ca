"""What every channel promises: one letter to one address, and an honest word on how it went."""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from tocsin.core.instant import Instant
from tocsin.core.outgoing import Purpose
from tocsin.core.signal import Link

STANDS_IN_FOR = ("email", "sms", "voice", "push", "webhook")
"""The methods that the built-in outbox keeps where no channel is set up."""


class Choice(Struct, frozen=True):
    """One way to answer: what its button says and the signed link behind it, whose GET shows and whose POST acts."""

    label: str
    url: str


class Letter(Struct, frozen=True):
    """Everything a channel may say, in words already, for one person about one incident.

    `id` is the idempotency key: a letter sent twice carries the same one. `thread` is the same for all letters
    of one incident. `sent_at` and `since` are UTC microseconds; `zone` is the IANA zone to show them in.
    `reason` says why this person, `next` what happens if nobody acts, `question` what an ask or decision asks,
    `news` what somebody wrote for those who are informed.
    Every text is data: a channel escapes it for its own medium. `also` are one-line headlines of other incidents
    bundled in, worst first.
    """

    id: str
    incident: str
    purpose: Purpose
    title: str
    thread: str
    sent_at: Instant
    to_name: str = ""
    organisation: str = ""
    urgent: bool = True
    delayed_minutes: int = 0
    text: str = ""
    service: str = ""
    priority: str = ""
    severity: str = ""
    status: str = ""
    owner: str = ""
    since: Instant | None = None
    reason: str = ""
    next: str = ""
    question: str = ""
    news: str = ""
    labels: Mapping[str, str] = {}
    links: tuple[Link, ...] = ()
    also: tuple[str, ...] = ()
    incident_url: str = ""
    act_label: str = ""
    act_url: str = ""
    choices: tuple[Choice, ...] = ()
    zone: str = "UTC"
    language: str = "en"
    test: bool = False


class Outcome(Struct, frozen=True):
    """How a try ended.

    `sent`: the provider took it. `permanent`: this *address* is broken and will stay so; the ladder moves on at once
    and the person is told. `passing`: everything else, a wrong setting of ours included; the address is kept and
    the letter is tried again, not before `retry_after` seconds where the provider named a time. `detail` is for
    people, holds no secret and becomes part of an event; `reference` is the provider's own id, '' when it gave none.
    The built-in outbox gives the letter itself as its reference, which stays with the message alone.
    """

    status: Literal["sent", "passing", "permanent"]
    detail: str = ""
    retry_after: float | None = None
    reference: str = ""


class Traits(Struct, frozen=True):
    """What the medium can do, so that rules need not know its name."""

    carries_links: bool = True
    is_voice: bool = False
    shared: bool = False
    """True where several people read one address (a room, a hook): its replies name no person by themselves."""


class Channel(Protocol):
    """A sender that is ready. Calls may run side by side; `send` never raises for what the far side does."""

    async def send(self, letter: Letter, address: str) -> Outcome:
        """Try once, within the channel's own deadline (connect 3 s, in all 10 s)."""

    async def close(self) -> None:
        """Give back sessions; waits for no letter."""


class Wiring(Struct, frozen=True):
    """What a channel is built from: the settings by the names of their environment variables, and the secret.

    What the `old_secrets` have signed or named is still known to the far side.
    """

    settings: Mapping[str, str]
    secret: bytes
    url: str = "http://localhost:8400"
    old_secrets: tuple[bytes, ...] = ()

    @property
    def host(self) -> str:
        """The host of the public address."""
        return urlsplit(self.url).hostname or ""


class Kind(Struct, frozen=True):
    """One kind of channel that was found. `name` is the method's name in contact ladders and text in the store.

    `address` is the Struct whose fields describe an address (title, description, example): forms, API schema
    and reference derive from it. `check` says what is wrong with an address, '' when nothing is. `build` gives
    a sender, or None when its settings are missing: then `needs` names them.
    """

    name: str
    label: str
    address: type[Struct]
    check: Callable[[str], str]
    build: Callable[[Wiring], Channel | None]
    traits: Traits = Traits()
    needs: tuple[str, ...] = ()
