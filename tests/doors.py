"""A whole tocsin behind its doors, for tests of API and web pages: real store, real door, a clock that can be moved."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from msgspec.structs import replace

from tests.cast import MONDAY, facts, small_rulebook
from tocsin import asgi
from tocsin.core.ids import SourceId
from tocsin.core.incident.due import due
from tocsin.core.instant import Instant
from tocsin.core.routing.criteria import compile_all
from tocsin.core.routing.source import Source
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.engine.batch import Batch
from tocsin.engine.changes import Changes
from tocsin.engine.clock import VirtualClock
from tocsin.engine.door import Door
from tocsin.engine.receive import Receiver
from tocsin.engine.site import Site
from tocsin.intake.registry import intakes
from tocsin.lib.metrics import Metrics
from tocsin.store.ledger import open_ledger

URL = "https://tocsin.acme.example"
KEY = "canary-key-of-scripts"
ENVIRONMENT = {"KEY_SCRIPTS": KEY, "KEY_PROMETHEUS": "canary-key-of-prometheus"}
SECRET = b"the secret of all tests of doors"


def sources() -> dict[str, Source]:
    """Two that have keys, one whose variable is unset, one that was given none."""
    return {
        name: Source(SourceId(name), intake, name, "label:service", key=key)
        for name, intake, key in (
            ("scripts", "generic", "KEY_SCRIPTS"),
            ("prometheus", "alertmanager", "KEY_PROMETHEUS"),
            ("keyless", "generic", "KEY_UNSET"),
            ("open", "generic", ""),
        )
    }


class Faults:
    """What is wrong with this process, as the test says."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def faults(self) -> list[str]:
        return self.texts

    def loops(self) -> dict[str, int]:
        return {}


class FixedWorlds:
    """The world of one rulebook with everybody reachable."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._world = World(rulebook, compile_all(rulebook.conditions), facts())

    def world(self) -> World:
        return self._world

    def refresh(self) -> World:
        return self._world

    def at(self, _: Instant) -> World:
        return self._world


class Running:
    """A site with its clock and an HTTP client in front of it."""

    def __init__(self, site: Site, clock: VirtualClock, *, local: bool = False) -> None:
        self.site = site
        self.clock = clock
        self.site.verdicts.patience = 300.0  # tests wait for a proof, however busy the machine is
        transport = httpx.ASGITransport(asgi.build(site, local=local))
        self.client = httpx.AsyncClient(transport=transport, base_url=URL)

    def tick_until(self, instant: Instant) -> None:
        """Let time pass: whatever comes due on the way is served when it is due."""
        batch = Batch(self.site.ledger)
        while (at := batch.next_due()) is not None and at <= instant:
            self.clock.advance_to(at)
            batch.tick(self.site.worlds.world(), self.clock.now())
        self.clock.advance_to(instant)

    async def post(self, **fields: Any) -> str:
        """Report something by the generic source; the incident's id."""
        body = {"title": "Orders fail", "severity": "critical", "labels": {"service": "order-database"}} | fields
        answer = await self.client.post("/in/scripts", json=body, headers={"authorization": f"Bearer {KEY}"})
        assert answer.status_code == 202, answer.text
        incident: str = answer.json()["incidents"][0]["id"]
        return incident


@contextmanager
def running(
    url: str,
    *,
    rulebook: Rulebook | None = None,
    faults: tuple[str, ...] = (),
    environment: Mapping[str, str] = ENVIRONMENT,
    local: bool = False,
    demo: bool = False,
) -> Iterator[Running]:
    """Everything joined over the database at `url`, closed in order afterwards."""
    ledger = open_ledger(url)
    clock = VirtualClock(MONDAY)
    worlds = FixedWorlds(replace(rulebook or small_rulebook(), sources=sources()))
    metrics = Metrics(process=False)
    door = Door(Batch(ledger), worlds.world, clock, metrics)
    receiver = Receiver(intakes())
    site = Site(
        ledger, door, worlds, receiver, clock, metrics, SECRET, URL, dict(environment), Faults(*faults),
        Changes(ledger, worlds.world, clock), demo, carriers={"email": "email", "sms": "outbox", "outbox": "outbox"},
    )  # fmt: skip
    door.open()
    try:
        yield Running(site, clock, local=local)
    finally:
        door.close()
        ledger.close()


__all__ = ["ENVIRONMENT", "KEY", "SECRET", "URL", "Running", "due", "running"]
