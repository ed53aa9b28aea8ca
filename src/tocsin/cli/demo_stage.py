"""The stage of the demonstration: a folder, a server in a process of its own, its intake, and a look at its store."""

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection

from tocsin.cli.output import MistakeError, note
from tocsin.cli.reading import opened
from tocsin.cli.remote import Remote
from tocsin.cli.serve import must_be_free
from tocsin.core.incident import events as ev
from tocsin.engine.clock import SystemClock
from tocsin.engine.working import decode_event
from tocsin.store import people
from tocsin.store.ledger import SqlLedger
from tocsin.store.queries.sent import of_incident
from tocsin.store.queries.states import events_of

STARTING = 90.0
"""Seconds that a server is given to answer; a slow machine needs some."""

FASTER = 4

LINK = re.compile(r"/l/tsl_[\w.-]+")
FORM = "application/x-www-form-urlencoded"


def rulebook(*, fast: bool) -> str:
    """The rulebook of the demonstration, its waits of seconds made shorter still where it has to be fast."""
    text = (files("tocsin.cli") / "demo.yaml").read_text("utf-8")
    if not fast:
        return text
    return re.sub(r"\b(\d+)s\b", lambda wait: f"{max(int(wait[1]) // FASTER, 1)}s", text)


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one on which nothing listens."""
    for port in range(wanted, min(wanted + 50, 65_536)):
        try:
            must_be_free(host, port)
        except MistakeError:
            continue
        if port != wanted:
            note(f"port {wanted} is in use; taking {port}")
        return port
    raise MistakeError(f"no free port from {wanted} on", "give another with --port")


class Stage:
    """A server of its own, from `with` to the end of it."""

    def __init__(self, folder: Path, host: str, port: int, *, fast: bool) -> None:
        self.folder = folder
        self.file = folder / "tocsin.db"
        self.url = f"http://{host}:{port}"
        self.key = secrets.token_urlsafe(12)
        self.clock = SystemClock()
        self._public = Remote(port=port)
        self._host, self._port, self._fast = host, port, fast
        self._server: subprocess.Popen[bytes] | None = None
        self._ledger: SqlLedger | None = None
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> "Stage":
        """Start the server, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rules = self.folder / "demo.yaml"
        rules.write_text(rulebook(fast=self._fast), "utf-8")
        line = [sys.executable, "-m", "tocsin", "serve", "--demo", "--leash", "--rulebook", str(rules)]
        line += ["--database", f"sqlite:///{self.file}", "--host", self._host, "--port", str(self._port)]
        log = self._closing.enter_context((self.folder / "serve.log").open("ab"))
        self._server = subprocess.Popen(
            line, env=self._environment(), stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )  # its input is a leash: it ends with us, also where we are killed
        assert self._server.stdin is not None
        self._closing.enter_context(self._server.stdin)
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let the server finish what has begun."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM)
            try:
                self._server.wait(30)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._closing.close()

    def _environment(self) -> dict[str, str]:
        """Ours, without settings that would lead out of the demonstration."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        keys = {"TOCSIN_KEY_SCRIPTS": self.key, "TOCSIN_KEY_PROMETHEUS": self.key}
        return plain | keys | {"TOCSIN_URL": self.url}

    def _wait(self) -> None:
        for _ in range(int(STARTING / 0.1)):
            if self._server is None or self._server.poll() is not None:
                break
            if self._public.alive():
                self._ledger = self._closing.enter_context(opened(f"sqlite:///{self.file}"))
                return
            time.sleep(0.1)
        log = (self.folder / "serve.log").read_text("utf-8", "replace").strip().splitlines()[-3:]
        raise MistakeError(f"the server did not start: {' | '.join(log)}", f"see {self.folder / 'serve.log'}")

    @property
    def ended(self) -> bool:
        """Whether the server is gone."""
        return self._server is None or self._server.poll() is not None

    def post(self, signal_: dict[str, object]) -> str:
        """Send a signal through the intake, as a script would; the id of its incident."""
        answer = self._public.ask("POST", "/in/scripts", signal_, Authorization=f"Bearer {self.key}")
        incidents = answer.checked()["incidents"]
        return str(incidents[0]["id"]) if incidents else ""

    def link(self, incident: str, person: str) -> str:
        """The link in the page that this person got, '' as long as there is none in the outbox."""
        with self.looking() as connection:
            pages = [sent for sent in of_incident(connection, incident) if sent.purpose == "page"]
        letters = (LINK.search(sent.detail) for sent in pages if sent.person == person)
        return next((match[0] for match in letters if match is not None), "")

    def press(self, link: str) -> None:
        """What a person does with it: look, then press the button."""
        self._public.ask("GET", link).checked()
        self._public.ask("POST", link, b"action=acknowledge", Content_Type=FORM).checked()

    @contextlib.contextmanager
    def looking(self) -> Iterator[Connection]:
        """Into the store, as it stands now."""
        assert self._ledger is not None
        with self._ledger.read() as connection:
            yield connection

    def events(self, incident: str, after: int) -> list[tuple[int, ev.Event]]:
        """What has happened since."""
        with self.looking() as connection:
            return [(one.seq, decode_event(one.body)) for one in events_of(connection, incident, after)]

    def names(self) -> dict[str, str]:
        """Everybody's name."""
        with self.looking() as connection:
            return dict(people.names(connection))
