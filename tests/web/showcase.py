"""Acme on a Thursday at three in the morning: a site full of all that screens have to show, on a clock that stands."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

import tocsin
from tests.engine.ports import free_port
from tocsin import app, asgi
from tocsin.access import accounts
from tocsin.access.links import Link, Links
from tocsin.access.permissions import Role
from tocsin.access.sessions import begin
from tocsin.core.ids import IncidentId, PersonId, ScheduleId
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, parse_instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.engine.clock import VirtualClock
from tocsin.engine.submission import Submission
from tocsin.settings import Settings
from tocsin.store import facts, sessions

T = TypeVar("T")

ACME = Path(tocsin.__file__).parents[2] / "examples" / "acme.yaml"
NIGHT = parse_instant("2026-01-08T03:00:00Z")
"""A Thursday in winter; the story begins the day before."""

READERS: dict[str, Role] = {
    "omar": "admin", "sofia": "manager", "dana": "responder", "eve": "responder", "ana": "responder", "kai": "viewer",
    "lena": "security-audit",
}  # fmt: skip
KEY = "key-of-scripts-0123456789"
SECRET = b"the secret of every showcase"
WORD = "an-unbroken-word-" * 12


class Show:
    """The site behind a real socket; its clock goes on only when it is told to."""

    def __init__(self, parts: app.Parts, clock: VirtualClock, loop: asyncio.AbstractEventLoop) -> None:
        self.parts = parts
        self.clock = clock
        self.url = parts.settings.url
        self.stepper = parts.stepper(clock)
        self._loop = loop
        self._accounts = {name: self._account(name, role) for name, role in READERS.items()}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let it happen where the site lives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def until(self, instant: Instant) -> None:
        """Time passes; whatever is due on the way happens."""
        self.do(self.stepper.advance_to(instant))

    def report(self, key: str, title: str, service: str, severity: str = "critical", **more: Any) -> str:
        """Something goes wrong; the incident's id."""
        labels = {"service": service} | more.pop("labels", {})
        body = {"key": key, "title": title, "severity": severity, "labels": labels} | more
        bearer = {"authorization": f"Bearer {KEY}"}
        answer = httpx.post(f"{self.url}/in/scripts", json=body, headers=bearer, timeout=60)
        assert answer.status_code == 202, answer.text
        self.do(self.stepper.settle())
        incident: str = answer.json()["incidents"][0]["id"]
        return incident

    def act(self, incident: str, *commands: cmd.Command) -> None:
        """Somebody does something."""
        for command in commands:
            number = f"{incident}:{self.clock.now()}:{type(command).__name__}:{id(command)}"
            (answer,) = self.do(self.stepper.put(Submission(number, command, IncidentId(incident))))
            assert answer.refused is None, answer.refused

    def say(self, fact: facts.Fact, by: str) -> None:
        """The roster is changed."""
        self.parts.ledger.transact(lambda tx: facts.append(tx.connection, fact, self.clock.now(), by))
        self.parts.worlds.refresh()

    def link(self, incident: str, person: str) -> str:
        """The address that a page to them carries."""
        made = Link(IncidentId(incident), PersonId(person), "page")
        return Links(SECRET, self.url).address(made, self.clock.now() + HOUR)

    def invitation(self, login: str) -> str:
        """The address by which somebody sets a password."""

        def body(tx: Any) -> str:
            made = accounts.create(tx.connection, login, "responder", login, "omar", self.clock.now())
            return accounts.invite(tx.connection, made, "invite", "omar", self.clock.now())

        return f"{self.url}/setup/{self.parts.ledger.transact(body)}"

    def cookie(self, reader: str) -> dict[str, str]:
        """A session of theirs, as a browser keeps it."""
        text, session = begin(self._accounts[reader], "password", self.clock.now(), trusted=True)
        self.parts.ledger.transact(lambda tx: sessions.add(tx.connection, session))
        return {"name": "tocsin", "value": text, "url": self.url}

    def _account(self, name: str, role: Role) -> Any:
        return self.parts.ledger.transact(
            lambda tx: accounts.create(tx.connection, name, role, name, "setup", self.clock.now())
        )


@contextmanager
def showing(folder: Path) -> Iterator[Show]:
    """An empty site in that folder, at nine in the morning before the night."""
    port, clock = free_port(), VirtualClock(NIGHT - 18 * HOUR)
    environment = {"TOCSIN_KEY_SCRIPTS": KEY, "TOCSIN_KEY_PROMETHEUS": KEY}
    settings = Settings(
        ACME, f"sqlite:///{folder}/tocsin.db", port=port, url=f"http://127.0.0.1:{port}", secret=SECRET,
        environment=environment,
    )  # fmt: skip
    parts = app.join(settings, clock)
    config = uvicorn.Config(
        asgi.build(parts.site), port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined,method-assign]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),), daemon=True)
    with parts.stepper(clock).running():
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield Show(parts, clock, loop)
        loop.call_soon_threadsafe(parts.site.changes.close)
        server.should_exit = True
        thread.join(30)
        loop.close()
    parts.ledger.close()


def night(show: Show) -> dict[str, str]:
    """Plays the day and the night of Acme; incidents by what they are called in the tests."""
    found: dict[str, str] = {}
    start = show.clock.now()

    found["closed"] = show.report("cert", "The certificate of the shop expires in 6 days", "checkout", "warning")
    show.until(start + 20 * MINUTE)
    show.act(found["closed"], cmd.Acknowledge("gita"), cmd.Resolve("gita", "renewed"))
    show.act(found["closed"], cmd.Close("hugo"))

    show.until(start + 5 * HOUR)
    before = "Orders cannot be written: order-database is read-only"
    found["before"] = show.report("readonly", before, "order-database")
    show.until(start + 5 * HOUR + 3 * MINUTE)
    show.act(found["before"], cmd.Acknowledge("dana"))
    show.until(start + 5 * HOUR + 41 * MINUTE)
    show.act(found["before"], cmd.Resolve("dana", "The disk of the log was full; deleted old logs, space for two days"))

    show.until(start + 7 * HOUR)
    found["complaint"] = show.report("parcel", "Parcel 4711 lost twice", "customer-care", "warning", kind="complaint")
    show.act(found["complaint"], cmd.Acknowledge("kai"), cmd.Pend("kai", "waiting-for-customer"))

    _roster(show, start)
    _at_night(show, found)
    return found


def _roster(show: Show, start: Instant) -> None:
    """Finn stands in tomorrow night, Ines is away next week."""
    infra = ScheduleId("infra-primary")
    show.say(
        Override("swap", infra, NIGHT + 15 * HOUR, NIGHT + 29 * HOUR, PersonId("finn"), of=PersonId("dana")), "dana"
    )
    show.say(Absence("away", PersonId("ines"), NIGHT + 4 * DAY, NIGHT + 9 * DAY), "ines")


def _at_night(show: Show, found: dict[str, str]) -> None:
    show.until(NIGHT - 70 * MINUTE)
    found["network"] = show.report("uplink", "Second uplink of the warehouse is down", "core-network", "error")
    show.until(NIGHT - 66 * MINUTE)
    show.act(found["network"], cmd.Acknowledge("eve", NIGHT + 30 * MINUTE))
    show.until(NIGHT - 41 * MINUTE)
    found["breach"] = show.report(
        "breach", "Sign-ins from an unknown country with the account of a director", "identity",
        labels={"category": "security"},
    )  # fmt: skip
    show.act(found["breach"], cmd.Acknowledge("lena"))
    show.until(NIGHT - 26 * MINUTE)
    found["payments"] = show.report("psp", "Card payments are slow: p95 at 9 s", "checkout", "error")
    show.until(NIGHT - 24 * MINUTE)
    show.act(found["payments"], cmd.Acknowledge("gita", NIGHT + 20 * MINUTE))
    show.until(NIGHT - 9 * MINUTE)
    found["unrouted"] = show.report("fan", "Fan 2 of rack 7 runs hot", "rack-monitoring", "warning")
    show.until(NIGHT - 3 * MINUTE)
    found["orders"] = show.report(
        "orders", "Orders cannot be written: order-database is read-only", "order-database",
        text="primary: FATAL: could not write to file: No space left on device\nreplica: lag 0 s, read-only",
        labels={"host": "db-1.acme.example", "cluster": "orders"},
        links=[{"href": "https://graphs.acme.example/d/orders", "text": "Dashboard of the cluster"}],
    )  # fmt: skip
    show.act(found["orders"], cmd.Link("dana", found["before"], "related", "the same disk"))
    show.act(found["orders"], cmd.Link("dana", "https://problems.acme.example/PRB-12", "problem"))
    show.until(NIGHT)


def wide(show: Show) -> str:
    """An incident whose every word is too long for any line."""
    links = [{"href": "https://wiki.acme.example/" + WORD, "text": WORD}]
    for alert in ("a", "b"):
        labels = {WORD: WORD}
        name = show.report("wide", WORD, "nonsense", text=f"{WORD} {WORD}", labels=labels, links=links, alert=alert)
    return name
