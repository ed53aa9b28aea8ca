"""The sender of signed POSTs: the letter as JSON, its links included, so that a program can act as a person would."""

from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from tocsin.channels import wording
from tocsin.channels.contract import Channel, Kind, Letter, Outcome, Traits, Wiring
from tocsin.channels.posting import Posting
from tocsin.channels.webhook.signature import sign
from tocsin.lib.http import GuardedClient
from tocsin.lib.secrets import derive

POSTING = Posting("TOCSIN_WEBHOOK_ALLOW", moved=": redirects are not followed, give the final URL")

_encode = msgspec.json.Encoder().encode


class Address(Struct, frozen=True):
    """Where the POST goes."""

    url: Annotated[
        str,
        Meta(
            title="URL",
            description="http or https; on a private network only where TOCSIN_WEBHOOK_ALLOW opens it.",
            examples=["https://hooks.acme.example/tocsin"],
        ),
    ]


class Webhook:
    """A channel that posts. `key` signs; it is shown to whoever sets up the receiving side."""

    def __init__(self, client: GuardedClient, key: bytes) -> None:
        self._client = client
        self._key = key

    async def send(self, letter: Letter, address: str) -> Outcome:
        """Post once."""
        wrong = complaint(address)
        if wrong:
            return Outcome("permanent", wrong)
        body = payload(letter)
        return await POSTING.post(self._client, address, body, self._headers(letter, body))

    def _headers(self, letter: Letter, body: bytes) -> dict[str, str]:
        seconds = letter.sent_at // 1_000_000
        return {
            "Content-Type": "application/json",
            "User-Agent": "tocsin",
            "Idempotency-Key": letter.id.encode("ascii", "backslashreplace").decode(),
            "X-Tocsin-Timestamp": str(seconds),
            "X-Tocsin-Signature": sign(self._key, seconds, body),
        }

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.close()


def payload(letter: Letter) -> bytes:
    """The body: its words for programs that only pass them on, and every field of the letter, as one JSON object."""
    words = {"version": 1, "subject": wording.subject(letter), "plain": wording.plain(letter)}
    return _encode(words)[:-1] + b"," + _encode(letter)[1:]


@lru_cache(maxsize=1024)
def complaint(address: str) -> str:
    """What is wrong with a URL, '' when nothing is."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        return f"the URL cannot be read: {error}"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "write a whole URL such as https://hooks.acme.example/tocsin"
    if any(ord(character) <= 32 or character == "\\" for character in address):
        return "the URL has a space, a control character or a backslash in it"
    return ""


def signing_key(wiring: Wiring) -> bytes:
    """TOCSIN_WEBHOOK_SECRET where one is set, else a key derived from the instance's secret, as hex text."""
    own = wiring.settings.get("TOCSIN_WEBHOOK_SECRET", "")
    return own.encode() if own else derive(wiring.secret, "webhook").hex().encode()


def build(wiring: Wiring) -> Channel:
    """Needs nothing; TOCSIN_WEBHOOK_ALLOW opens private networks: `10.1.0.0/16, 192.168.7.9`."""
    return Webhook(POSTING.client(wiring), signing_key(wiring))


KIND = Kind(
    name="webhook",
    label="Webhook",
    address=Address,
    check=complaint,
    build=build,
    traits=Traits(shared=True),
)
