"""The sender of mails: one letter to one address, over sessions that are kept while there are more."""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.channels.contract import Channel, Kind, Letter, Outcome, Wiring
from tocsin.channels.email.compose import Sender, compose, message_id
from tocsin.channels.email.headers import complaint, routable
from tocsin.channels.email.verdict import judge
from tocsin.lib.smtp import parse_url
from tocsin.lib.smtp_sessions import Envelope, RefusedError, Sessions, UnreachableError


class Address(Struct, frozen=True):
    """Where mails go."""

    address: Annotated[
        str,
        Meta(title="E-mail address", description="One person's own address.", examples=["ana@acme.example"]),
    ]


class Email:
    """A channel over one mail server."""

    def __init__(self, sessions: Sessions, sender: Sender) -> None:
        self._sessions = sessions
        self._sender = sender

    async def send(self, letter: Letter, address: str) -> Outcome:
        """Hand the mail to the server. The same letter has the same Message-ID however often it is tried."""
        wrong = complaint(address)
        if wrong:
            return Outcome("permanent", f"not an e-mail address: {wrong}")
        recipient = routable(address)
        envelope = Envelope(
            sender=self._sender.address,
            recipient=recipient,
            content=compose(letter, recipient, self._sender),
            international=not recipient.isascii(),
        )
        try:
            said = await self._sessions.send(envelope)
        except RefusedError as error:
            return judge(error)
        except UnreachableError as error:
            return Outcome("passing", error.text[:300])
        return Outcome("sent", " ".join(said.split())[:200], reference=message_id(letter, self._sender))

    async def close(self) -> None:
        """Say goodbye to the server."""
        await self._sessions.close()


def build(wiring: Wiring) -> Channel | None:
    """From TOCSIN_SMTP and TOCSIN_MAIL_FROM (default: tocsin at the public address's host); None without a server."""
    url = wiring.settings.get("TOCSIN_SMTP", "")
    if not url:
        return None
    server = parse_url(url)
    host = wiring.host or "localhost"
    sender = Sender(wiring.settings.get("TOCSIN_MAIL_FROM", "") or f"tocsin@{host}")
    wrong = complaint(sender.address)
    if wrong:
        raise ValueError(f"TOCSIN_MAIL_FROM: {wrong}")
    return Email(Sessions(server, helo=host), Sender(routable(sender.address)))


KIND = Kind(
    name="email",
    label="E-mail",
    address=Address,
    check=complaint,
    build=build,
    needs=("TOCSIN_SMTP",),
)
