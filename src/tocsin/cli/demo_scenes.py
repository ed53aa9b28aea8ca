"""What is played in the demonstration: the first incident, scene by scene, and those that follow it."""

import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from tocsin.cli.demo_stage import Stage
from tocsin.cli.output import MistakeError
from tocsin.cli.telling import tell
from tocsin.core.incident import events as ev
from tocsin.core.instant import SECOND, Instant

LOOK_EVERY = 0.2
GIVE_UP = 120.0
"""Seconds after which a scene goes on without what it waited for: somebody at the keyboard may have acted first."""


class Line(Struct, frozen=True, omit_defaults=True):
    """One line of the story: what, when (UTC microseconds), how many seconds into the incident, and how it looks."""

    text: str
    at: Instant = 0
    elapsed: int = 0
    incident: str = ""
    style: str = ""


Print = Callable[[Line], None]
"""Shows a line."""

STYLES: dict[type[ev.Event], str] = {
    ev.Opened: "bold red",
    ev.StepEntered: "bold",
    ev.Acknowledged: "bold green",
    ev.RungFired: "bold magenta",
    ev.Resolved: "bold green",
    ev.Delivery: "dim",
}

QUIET = (ev.Replanned, ev.RungUnmatched)
"""Told in the timeline, but not on the stage."""


ASIDE = "italic cyan"


class Script(Struct, frozen=True):
    """One incident to play: its signal, how many are paged before somebody acknowledges, and when it is over."""

    key: str
    title: str
    service: str
    severity: str = "critical"
    text: str = ""
    pages: int = 1
    waits_for_management: bool = False


FIRST = Script(
    "order-database-down",
    "Order database does not accept connections",
    "order-database",
    text="pg_isready: no response for 60 s. Checkout cannot place orders.",
    pages=2,
    waits_for_management=True,
)

LATER: Sequence[Script] = (
    Script("checkout-errors", "Checkout: 4 % of payments fail", "checkout", "error"),
    Script("core-network-loss", "Core switch 2 loses packets", "core-network", pages=2, waits_for_management=True),
    Script("order-database-lag", "Order database replica is 9 minutes behind", "order-database", "error", pages=2),
    Script("who-owns-this", "Certificate of loyalty.acme.example expires tomorrow", "loyalty", "warning"),
)


class Player:
    """Plays one script, and tells what happens as it happens."""

    def __init__(self, stage: Stage, script: Script, show: Print, *, fast: bool) -> None:
        self._stage = stage
        self._script = script
        self._show = show
        self._pace = 0.25 if fast else 1.0
        self._names = stage.names()
        self._seen = 0
        self._told: list[ev.Event] = []
        self._began: Instant = stage.clock.now()
        self._key = f"{script.key}-{self._began}"  # a new incident each time: the same one again would be flapping
        self.incident = ""

    def play(self) -> None:
        """From the first signal to its end."""
        self._aside(f"{self._script.service} is in trouble: the monitoring posts a signal ({self._script.severity})")
        self.incident = self._stage.post(self._signal("trigger"))
        self._until(lambda: len(self._paged()) >= self._script.pages or self._acknowledged())
        self._rest(5)
        if not self._acknowledged():
            self._acknowledge(self._last_paged())
        if self._script.waits_for_management:
            self._aside("acknowledged is not resolved: management's ladder goes on")
            self._until(lambda: self._has(ev.Informed) or self._has(ev.Resolved))
        self._rest(5)
        self._aside("the service is back: the monitoring posts a resolve")
        self._stage.post(self._signal("resolve"))
        self._until(lambda: self._has(ev.Resolved))
        self._rest(1)

    def _signal(self, action: str) -> dict[str, object]:
        script = self._script
        told = {"key": self._key, "action": action, "title": script.title, "text": script.text}
        return told | {"severity": script.severity, "labels": {"service": script.service, "site": "london-1"}}

    def _paged(self) -> list[str]:
        """Who was paged so far, in order."""
        rounds = [event.round for event in self._told if isinstance(event, ev.Paged)]
        return list(dict.fromkeys(one.person for one in rounds if one.purpose == "page"))

    def _last_paged(self) -> str:
        found = self._paged()
        if not found:
            log = self._stage.folder / "serve.log"
            raise MistakeError("nobody was paged in two minutes: the server has ended, or is very busy", f"see {log}")
        return found[-1]

    def _acknowledged(self) -> bool:
        return self._has(ev.Acknowledged) or self._has(ev.Resolved)

    def _has(self, kind: type[ev.Event]) -> bool:
        return any(isinstance(event, kind) for event in self._told)

    def _acknowledge(self, person: str) -> None:
        self._aside(f"{self._names.get(person, person)} opens the link in the page and presses Acknowledge")
        self._until(lambda: bool(self._stage.link(self.incident, person)))
        self._stage.press(self._stage.link(self.incident, person))
        self._until(self._acknowledged)

    def _until(self, done: Callable[[], bool]) -> None:
        """Tell what happens until that has."""
        for _ in range(int(GIVE_UP / LOOK_EVERY)):
            self._tell()
            if done() or self._stage.ended:
                return
            time.sleep(LOOK_EVERY)

    def _rest(self, seconds: float) -> None:
        """Leave time to read; things go on meanwhile."""
        for _ in range(max(int(seconds * self._pace / LOOK_EVERY), 1)):
            self._tell()
            time.sleep(LOOK_EVERY)

    def _tell(self) -> None:
        for seq, event in self._stage.events(self.incident, self._seen):
            self._seen = seq
            self._told.append(event)
            if not isinstance(event, QUIET):
                self._say(event.at, tell(event, self._names), STYLES.get(type(event), ""))

    def _aside(self, text: str) -> None:
        self._say(self._stage.clock.now(), f"… {text}", ASIDE)

    def _say(self, at: Instant, text: str, style: str) -> None:
        self._show(Line(text, at, max(at - self._began, 0) // SECOND, self.incident, style))
