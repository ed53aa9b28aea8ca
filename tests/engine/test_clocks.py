"""A clock that disagrees with the database's: nothing is claimed, and the process says that it is not ready."""

from collections.abc import Iterator

import httpx
import pytest

from tests.engine.crowd import open_many
from tests.engine.running import rulebook
from tests.engine.virtual import Provider
from tocsin import app, asgi
from tocsin.config import loads
from tocsin.core.instant import MINUTE, SECOND, Duration, Instant
from tocsin.engine.clock import SystemClock, VirtualClock
from tocsin.settings import Settings

RULES = rulebook("1m", "2m", "1h")


class WrongClock(SystemClock):
    """The machine's clock, and how wrong it goes."""

    def __init__(self) -> None:
        self.ahead: Duration = 0

    def now(self) -> Instant:
        return super().now() + self.ahead


class Worker:
    """An engine on PostgreSQL in this process, with due work before it."""

    def __init__(self, url: str) -> None:
        self.clock = WrongClock()
        self.mail = Provider("email", VirtualClock(0))
        open_many(url, 3, RULES, self.clock.now() - MINUTE - SECOND)
        settings = Settings(database=url, secret=b"s" * 32)
        self.parts = app.join(settings, self.clock, {"email": self.mail}, loads({"rules.yaml": RULES}))

    async def work(self) -> tuple[int, int]:
        """How many timers were served, and how many sends began."""
        served = self.parts.timers._step_when_due()
        began = await self.parts.dispatcher.step_in_order()
        return served, began

    async def ready(self) -> httpx.Response:
        """What /ready says."""
        transport = httpx.ASGITransport(asgi.build(self.parts.site))
        async with httpx.AsyncClient(transport=transport, base_url="http://tocsin.example") as client:
            return await client.get("/ready")


@pytest.fixture
def worker(postgres_url: str) -> Iterator[Worker]:
    made = Worker(postgres_url)
    made.parts.site.door.open()
    yield made
    made.parts.site.door.close()
    made.parts.ledger.close()


@pytest.mark.parametrize("ahead", [6 * SECOND, -6 * SECOND])
async def test_a_clock_six_seconds_off_the_databases_claims_nothing_and_is_not_ready(
    worker: Worker, ahead: Duration
) -> None:
    worker.clock.ahead = ahead
    worker.parts.health.look()
    assert await worker.work() == (0, 0)
    answer = await worker.ready()
    assert answer.status_code == 503
    assert f"{ahead / SECOND:+.0f}" in answer.json()["faults"][0]
    assert "nothing is claimed" in answer.json()["faults"][0]


async def test_a_clock_that_is_right_again_goes_on(worker: Worker) -> None:
    worker.clock.ahead = 6 * SECOND
    worker.parts.health.look()
    worker.clock.ahead = 0
    worker.parts.health.look()
    assert await worker.work() == (3, 6)
    assert (await worker.ready()).status_code == 200


async def test_a_jump_between_two_measurements_stops_the_claims_at_once(worker: Worker) -> None:
    worker.parts.health.look()
    worker.clock.ahead = -8 * SECOND
    assert await worker.work() == (0, 0)
    assert (await worker.ready()).status_code == 503


async def test_a_few_seconds_are_tolerated(worker: Worker) -> None:
    worker.clock.ahead = 3 * SECOND
    worker.parts.health.look()
    assert (await worker.work())[0] == 3
