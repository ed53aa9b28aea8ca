"""The whole live engine in one process on a virtual clock, with channels that fail when they are told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from tests import cast
from tocsin import app
from tocsin.channels.contract import Letter, Outcome
from tocsin.config import loads
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant, format_instant
from tocsin.core.signal import Signal
from tocsin.engine.clock import VirtualClock
from tocsin.engine.stepper import Stepper
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.working import decode_event, decode_state
from tocsin.settings import Settings
from tocsin.store.queries.states import events_of, state_of

ACME = (Path(__file__).parents[2] / "examples" / "acme.yaml").read_text()


class Sent(Struct, frozen=True):
    """One letter that a provider took."""

    at: Instant
    method: str
    address: str
    letter: Letter

    @property
    def who(self) -> str:
        """The person behind the address, as the cast writes it."""
        return self.address.partition("@")[0]


class Provider:
    """A channel under test: up, down for now, or refusing certain addresses for good."""

    def __init__(self, method: str, clock: VirtualClock) -> None:
        self.method, self.clock = method, clock
        self.down = False
        self.broken: set[str] = set()
        self.sent: list[Sent] = []
        self.tries = 0

    async def send(self, letter: Letter, address: str) -> Outcome:
        """Take it, or fail as told."""
        self.tries += 1
        if self.down:
            return Outcome("passing", "connection refused")
        if address in self.broken:
            return Outcome("permanent", "no such address")
        self.sent.append(Sent(self.clock.now(), self.method, address, letter))
        return Outcome("sent")

    async def close(self) -> None:
        """Nothing is held."""


class Virtual:
    """An engine to be put signals and commands to, and asked what it did."""

    def __init__(self, parts: app.Parts, stepper: Stepper, clock: VirtualClock, mail: Provider) -> None:
        self.parts, self.stepper, self.clock, self.mail = parts, stepper, clock, mail
        self._n = 0

    async def signal(self, key: str = "k", action: str = "trigger", **fields: object) -> Answer:
        """A signal of the source `scripts`."""
        plain = {"key": key, "action": action, "title": f"{key} is broken", "severity": "critical"}
        signal = Signal(**(plain | fields))  # type: ignore[arg-type]
        report = cmd.Report(cast.SourceId("scripts"), "scripts", (signal,))
        return await self.put(report, key=("scripts", key))

    async def put(self, command: cmd.Command, incident: str = "", key: tuple[str, str] | None = None) -> Answer:
        """Any command."""
        self._n += 1
        (answer,) = await self.stepper.put(Submission(f"test:{self._n}", command, incident, key))
        return answer

    async def run(self, duration: int) -> None:
        """Let time pass."""
        await self.stepper.advance_to(self.clock.now() + duration)

    def state(self, incident: str = "INC-1") -> Incident:
        """The incident as it is stored."""
        with self.parts.ledger.read() as connection:
            body = state_of(connection, incident)
        assert body is not None, f"there is no {incident}"
        return decode_state(body)

    def events(self, incident: str = "INC-1") -> list[str]:
        """Its events as `02:14:00 paged`."""
        with self.parts.ledger.read() as connection:
            kept = [decode_event(one.body) for one in events_of(connection, incident)]
        return [f"{format_instant(one.at)[11:19]} {one.__struct_config__.tag}" for one in kept]

    def paged(self) -> list[str]:
        """Who got a page, in order."""
        return [one.who for one in self.mail.sent if one.letter.purpose == "page"]


@asynccontextmanager
async def virtual(text: str = ACME, start: Instant = cast.MONDAY) -> AsyncIterator[Virtual]:
    """An engine over memory, under this rulebook, everybody reachable by mail."""
    clock = VirtualClock(start)
    mail = Provider("email", clock)
    settings = Settings(database="sqlite:///:memory:", secret=b"s" * 32)
    parts = app.join(settings, clock, {"email": mail}, loads({"rulebook.yaml": text}))
    stepper = parts.stepper(clock)
    with stepper.running():
        yield Virtual(parts, stepper, clock, mail)
    parts.ledger.close()
