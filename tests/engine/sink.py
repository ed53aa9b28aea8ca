"""A real mail server in a thread of the tests: it outlives what it is sent from, and can keep a sender waiting."""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from typing import Any, NamedTuple

from tests.contracts.mailserver import Handler, mailserver


class Mail(NamedTuple):
    """One mail that was accepted: when (seconds, monotonic), under which Message-ID, for whom, about what."""

    at: float
    id: str
    to: str
    subject: str


class Sink(Handler):
    """Notes every mail before it says that it has it."""

    def __init__(self, slowness: float = 0.0) -> None:
        super().__init__()
        self.port = 0
        self.mails: list[Mail] = []
        self.begun = 0
        self._slowness = slowness
        self._open = threading.Event()
        self._open.set()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.begun += 1
        while not self._open.is_set():  # noqa: ASYNC110  set by the tests' own thread
            await asyncio.sleep(0.01)
        head = BytesHeaderParser().parsebytes(envelope.content)
        self.mails.append(Mail(time.monotonic(), head["Message-ID"], envelope.rcpt_tos[0], head["Subject"]))
        await asyncio.sleep(self._slowness)  # time for a kill between our note and the sender's
        return self.content

    def hold(self) -> None:
        """Take mails, but answer none until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Answer all that wait."""
        self._open.set()

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(mail.id for mail in self.mails)


@contextmanager
def sink(slowness: float = 0.0) -> Iterator[Sink]:
    """Listens on loopback until the end, and says nothing of each line it hears."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    kept, started, ended = Sink(slowness), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with mailserver(kept) as server:
            kept.port = server.port
            started.set()
            await ended.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    loop = asyncio.new_event_loop()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, name="sink")
    thread.start()
    try:
        assert started.wait(10)
        yield kept
    finally:
        kept.release()
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
