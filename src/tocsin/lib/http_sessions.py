"""Conversations with web servers: a request at a time, kept open for the next one while both sides care to.

Of an answer only the status and Retry-After are kept; what else is sent is counted, and cut off when it is too much.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import httptools
from msgspec import Struct

IDLE_SECONDS = 15.0
AT_ONCE = 20
"""Requests to one place at the same time; others wait for their turn."""

READ_LIMIT = 64 << 10
"""Bytes of one answer that are read to keep the conversation; what says more has said enough."""

BODY_SECONDS = 1.0
"""How long the rest of an answer is waited for once its status is known: only to keep the conversation."""


class Reply(Struct, frozen=True):
    """What is kept of an answer."""

    status: int
    retry_after: str = ""


class HungUpError(ConnectionError):
    """The far side closed the connection without a word."""


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.used_lately = True
        self.open = True
        self._parser = httptools.HttpResponseParser(self)
        self._answered: asyncio.Future[Reply] | None = None
        self._reply: Reply | None = None
        self._retry_after = ""
        self._read = 0
        self._rest: asyncio.TimerHandle | None = None

    async def ask(self, request: bytes) -> Reply:
        """The answer to one request. HungUpError where none came; HttpParserError where it was not HTTP."""
        if not self.open:
            raise HungUpError("the server closed the connection")
        self._answered = asyncio.get_running_loop().create_future()
        self._reply, self._retry_after, self._read, self.used_lately = None, "", 0, True
        self._transport.write(request)
        try:
            return await self._answered
        finally:
            self._answered = None
            if self._rest is not None:
                self._rest.cancel()
                self._rest = None

    def drop(self) -> None:
        """Close without a word."""
        self.open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Some of the answer. What nobody has asked for ends the conversation."""
        self._read += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end()
        except httptools.HttpParserError as problem:
            self._end(problem)
        if self._read > READ_LIMIT:
            self._end(ValueError("the answer does not end"))
        elif self._answered is None:
            self._end()
        elif self._reply is not None and not self._answered.done() and self._rest is None:
            self._rest = asyncio.get_running_loop().call_later(BODY_SECONDS, self._end)

    def connection_lost(self, problem: Exception | None) -> None:
        """The far side has closed, or the network has failed."""
        self.open = False
        self._end(problem if self._read else HungUpError(str(problem or "the server closed the connection")))

    def on_message_begin(self) -> None:
        """An answer that nobody has asked for must not be taken for the next one."""
        if self._answered is None or self._answered.done():
            self.drop()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header of the answer."""
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The status is known; that of an interim answer (1xx) is not the answer."""
        status = self._parser.get_status_code()
        self._reply = Reply(status, self._retry_after) if status >= 200 or status == 101 else None
        self._retry_after = ""

    def on_message_complete(self) -> None:
        """All of it was read."""
        if self._reply is None:
            return
        if not self._parser.should_keep_alive():
            self._end()
        elif self._answered is not None and not self._answered.done():
            self._answered.set_result(self._reply)

    def _end(self, problem: Exception | None = None) -> None:
        """The conversation is over: what was understood until now counts."""
        if self.open:
            self.drop()
        if self._answered is None or self._answered.done():
            return
        if self._reply is not None:
            self._answered.set_result(self._reply)
        else:
            self._answered.set_exception(problem or HungUpError("the server closed the connection early"))


class Sessions:
    """The conversations with one place. `connect` begins one."""

    def __init__(self, connect: Callable[[], Awaitable[Session]]) -> None:
        self._connect = connect
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Session] = []
        self._sweep: asyncio.TimerHandle | None = None

    async def ask(self, request: bytes) -> Reply:
        """Over a kept connection, or else a new one: that a kept one was closed meanwhile is nobody's failure."""
        async with self._turns:
            while self._idle:
                with suppress(HungUpError):
                    return await self._over(self._idle.pop(), request)
            return await self._over(await self._connect(), request)

    async def _over(self, session: Session, request: bytes) -> Reply:
        try:
            reply = await session.ask(request)
        except BaseException:
            session.drop()
            raise
        if session.open:
            self._keep(session)
        return reply

    def _keep(self, session: Session) -> None:
        self._idle.append(session)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop_idle)

    def _drop_idle(self) -> None:
        """Close what nobody used since the last time."""
        for session in self._idle:
            if not session.used_lately:
                session.drop()
            session.used_lately = False
        self._idle = [session for session in self._idle if session.open]
        again = bool(self._idle)
        self._sweep = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop_idle) if again else None

    def close(self) -> None:
        """Close every kept connection."""
        if self._sweep is not None:
            self._sweep.cancel()
        while self._idle:
            self._idle.pop().drop()
