"""Real mail servers on loopback: one that behaves as told, and one that follows a script of misdeeds."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Received(NamedTuple):
    """One mail as it came in."""

    mail: EmailMessage
    envelope: Envelope
    encrypted: bool
    login: bytes | None


class Handler:
    """Keeps what comes; answers recipients and contents as told."""

    def __init__(self, recipient: str = "250 OK", content: str = "250 queued as 42") -> None:
        self.recipient, self.content = recipient, content
        self.received: list[Received] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.received.append(Received(mail, envelope, session.ssl is not None, session.auth_data))
        return self.content


class Running(NamedTuple):
    """A server that listens: where, what it keeps, and how many connections it has had."""

    port: int
    handler: Handler
    connections: list[int]


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = (data.login, data.password) == (b"ana", b"s3cret word")
    return AuthResult(success=good, handled=False, auth_data=data.login)


@asynccontextmanager
async def mailserver(
    handler: Handler | None = None,
    *,
    starttls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    login: bool = False,
    **options: Any,
) -> AsyncIterator[Running]:
    """A whole SMTP server. `login` demands one; `options` are aiosmtpd's own."""
    kept = handler or Handler()
    connections: list[int] = []

    def protocol() -> SMTP:
        connections.append(len(connections))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a login without TLS is what some tests are about
            return SMTP(
                kept,
                tls_context=starttls,
                authenticator=_login if login else None,
                auth_required=login,
                auth_require_tls=starttls is not None,
                enable_SMTPUTF8=True,
                **options,
            )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    try:
        yield Running(server.sockets[0].getsockname()[1], kept, connections)
    finally:
        server.close()


@asynccontextmanager
async def scripted(*answers: str) -> AsyncIterator[Running]:
    """A server that gives these answers, one for the greeting and each line (a whole letter is one line).

    `drop` cuts the connection, `wait` says nothing more.
    """
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(len(connections))
        content = False
        try:
            for answer in answers:
                if answer == "drop":
                    writer.transport.abort()
                    return
                if answer == "wait":
                    await reader.read()
                    return
                writer.write(f"{answer}\r\n".encode())
                await reader.readuntil(b"\r\n.\r\n" if content else b"\r\n")
                content = answer.startswith("354")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Running(server.sockets[0].getsockname()[1], Handler(), connections)
    finally:
        server.close()
