"""A line to PostgreSQL that can be cut at the worst moment: just before, or just after, the commit arrives."""

import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Literal

from sqlalchemy.engine import make_url

COMMIT = b"COMMIT\0"
Cut = Literal["no", "before", "after"]


class Line:
    """Listens on loopback and passes everything to the server's socket, until `cut` says otherwise."""

    def __init__(self, server: str) -> None:
        self.cut: Cut = "no"
        self.url = ""
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = Event()
        self._threads = [Thread(target=self._accept)]

    def _accept(self) -> None:
        self._listener.settimeout(0.05)
        while not self._over.is_set():
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{self._server}/.s.PGSQL.5432")
                thread = Thread(target=self._pass, args=(client, server))
                self._threads.append(thread)
                thread.start()

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._over.is_set():
                for key, _ in ready.select(0.05):
                    source: socket.socket = key.fileobj  # type: ignore[assignment]
                    data = source.recv(1 << 16)
                    committing = self.cut != "no" and source is client and COMMIT in data
                    if not data or (committing and self.cut == "before"):
                        return
                    key.data.sendall(data)
                    if committing:
                        server.recv(1)  # it has answered: the commit is done, and nobody will hear of it
                        return

    @contextmanager
    def open(self) -> Iterator["Line"]:
        self._threads[0].start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()
            self._listener.close()


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A line to the database at `url`, whose own `url` is on loopback."""
    address = make_url(url)
    line = Line(str(address.query["host"]))
    port = line._listener.getsockname()[1]
    over = address.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
    line.url = over.render_as_string(hide_password=False)
    with line.open():
        yield line
