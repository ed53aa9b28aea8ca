"""Conversations with a mail server, kept open while there is something to say.

Deadlines are the client's own: 3 s to connect, 10 s in all. Whatever goes wrong comes back as one of two errors that
say how far the conversation got; judging what it means is the caller's part.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable
from ipaddress import ip_address
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPResponse
from msgspec import Struct

from tocsin.lib.smtp import Server

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
IDLE_SECONDS = 20.0
KEPT = 4
LETTERS_A_SESSION = 100

Stage = Literal["connect", "login", "sender", "recipient", "data"]


class RefusedError(Exception):
    """The server answered with an SMTP error: at which `stage`, which `code`, with which `text`."""

    def __init__(self, stage: Stage, code: int, text: str) -> None:
        super().__init__(f"{stage}: {code} {text}")
        self.stage, self.code, self.text = stage, code, text


class UnreachableError(Exception):
    """No answer, or none that can be used. `ambiguous`: the whole letter was out, so it may have been taken."""

    def __init__(self, text: str, *, ambiguous: bool = False) -> None:
        super().__init__(text)
        self.text, self.ambiguous = text, ambiguous


class Envelope(Struct, frozen=True):
    """One letter as the server sees it; `international` where an address needs SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    international: bool = False


class Sessions:
    """Hands letters to one server. A few sessions are kept for 20 s: a storm does not log in for each letter."""

    def __init__(self, server: Server, helo: str = "localhost", total: float = TOTAL_SECONDS) -> None:
        self.server = server
        self._helo = helo
        self._total = total
        self._idle: list[_Session] = []
        self._trust: ssl.SSLContext | None = None
        self._sweep: asyncio.TimerHandle | None = None

    async def send(self, envelope: Envelope) -> str:
        """Hand one letter over; the server's last words. RefusedError or UnreachableError otherwise."""
        try:
            async with asyncio.timeout(self._total):
                return await self._send(envelope)
        except TimeoutError:
            raise UnreachableError(f"no answer from the mail server within {self._total:g} s") from None

    async def _send(self, envelope: Envelope) -> str:
        while self._idle:
            try:
                return await self._over(self._idle.pop(), envelope)
            except UnreachableError as error:
                if error.ambiguous:
                    raise
        return await self._over(await self._open(), envelope)

    async def _over(self, session: "_Session", envelope: Envelope) -> str:
        try:
            reply = await session.hand_over(envelope)
        except BaseException:
            session.drop()
            raise
        if len(self._idle) < KEPT and session.used < LETTERS_A_SESSION:
            self._keep(session)
        else:
            await session.end()
        return reply

    def _keep(self, session: "_Session") -> None:
        self._idle.append(session)
        if self._sweep is not None:
            self._sweep.cancel()
        self._sweep = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop_idle)

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().drop()

    async def _open(self) -> "_Session":
        server = self.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._helo,
            timeout=CONNECT_SECONDS,
            use_tls=server.tls == "implicit",
            start_tls={"auto": None, "always": True}.get(server.tls, False),
            tls_context=self._trusted(),
        )
        session = _Session(client)
        try:
            await _said("connect", client.connect())
            client.timeout = TOTAL_SECONDS
            if server.username:
                await self._login(client)
        except BaseException:
            session.drop()
            raise
        return session

    def _trusted(self) -> ssl.SSLContext:
        """Certificates are always checked; a private authority is named, never waved through."""
        if self._trust is None:
            try:
                self._trust = ssl.create_default_context(cafile=self.server.ca or None)
            except OSError as error:
                raise UnreachableError(f"the authority's file {self.server.ca!r} cannot be read: {error}") from error
        return self._trust

    async def _login(self, client: aiosmtplib.SMTP) -> None:
        encrypted = client.get_transport_info("sslcontext") is not None
        if self.server.tls == "auto" and not encrypted and not _is_loopback(self.server.host):
            text = "no STARTTLS is offered, and a password is not sent in the clear; ?starttls=never would allow it"
            raise UnreachableError(text)
        await _said("login", client.login(self.server.username, self.server.password))

    async def close(self) -> None:
        """Say goodbye on every kept session."""
        if self._sweep is not None:
            self._sweep.cancel()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.end() for session in idle))


class _Session:
    """One connection, and how many letters went over it."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.used = 0

    async def hand_over(self, envelope: Envelope) -> str:
        """Say MAIL, RCPT, DATA; the server's last words, often its queue id."""
        self.used += 1
        international = envelope.international
        if international and not self.client.supports_extension("smtputf8"):
            raise RefusedError("recipient", 553, "5.6.7 the mail server takes no international addresses")
        options, encoding = (["SMTPUTF8"], "utf-8") if international else ([], "ascii")
        await _said("sender", self.client.mail(envelope.sender, options=options, encoding=encoding))
        await _said("recipient", self.client.rcpt(envelope.recipient, encoding=encoding))
        try:
            reply = await _said("data", self.client.data(envelope.content))
        except UnreachableError as error:
            raise UnreachableError(f"{error.text}, after the letter was out", ambiguous=True) from error
        return reply.message

    async def end(self) -> None:
        """Say goodbye where the server still listens, and close."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self.client.quit()
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self.client.close()


async def _said(stage: Stage, command: Awaitable[SMTPResponse]) -> SMTPResponse:
    """One exchange; what the library raises becomes one of the two errors."""
    try:
        return await command
    except aiosmtplib.SMTPResponseException as error:
        raise RefusedError(stage, error.code, error.message) from error
    except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise UnreachableError(f"{stage}: {str(error) or type(error).__name__}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
