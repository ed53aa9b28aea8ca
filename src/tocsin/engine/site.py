"""The joined parts of a running tocsin, as the doors see them."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field

from tocsin.core.instant import Duration, Instant
from tocsin.core.world import World
from tocsin.engine.changes import Changes
from tocsin.engine.clock import Clock
from tocsin.engine.door import Door
from tocsin.engine.receive import Receiver
from tocsin.engine.refusals import Refusals
from tocsin.engine.verifying import Verdicts
from tocsin.lib.metrics import Metrics
from tocsin.store.contract import Ledger


class Worlds(Protocol):
    """Where the world of a decision comes from: today's rulebook and roster facts."""

    def world(self) -> World:
        """The world as it is now; cheap, the same value until something changed."""

    def refresh(self) -> World:
        """Look at the store now: something was applied, overridden or found broken."""

    def at(self, instant: Instant) -> World:
        """For questions about the past: the rules that were in force then, and what had been entered by then."""


class Site(Struct, frozen=True):
    """What API and web pages work with. `secret` signs links; `url` is the public address; `ready` says what is wrong.
    `changes` tells what changed to whoever watches. What `old_secrets` signed is still believed. `carriers` says for
    each method which kind of channel really carries it; `refusals` what sources were refused lately.

    Reads go through `ledger.read()` and `store/queries`; every change of an incident through `door.submit`.
    """

    ledger: Ledger
    door: Door
    worlds: Worlds
    receiver: Receiver
    clock: Clock
    metrics: Metrics
    secret: bytes
    url: str
    environment: dict[str, str]
    ready: "Ready"
    changes: Changes
    demo: bool = False
    old_secrets: tuple[bytes, ...] = ()
    carriers: Mapping[str, str] = {}
    refusals: Refusals = field(default_factory=Refusals)
    verdicts: Verdicts = field(default_factory=Verdicts)


class Ready(Protocol):
    """Whether this process can do its work."""

    def faults(self) -> list[str]:
        """What is wrong now, in words; empty when all is well."""

    def loops(self) -> dict[str, Duration]:
        """How long ago each loop of this process came round."""
