"""Where a story is played: in the simulator or in the live engine on a virtual clock, by the same door."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Duration, Instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.outgoing import Message
from tocsin.core.signal import Signal
from tocsin.lab.simulator import Simulation
from tocsin.lab.story.story import Story, StoryError

Reads = Callable[[str, str, bytes], Sequence[Signal]]
"""What a source's body says: of the intake's name, the source's id and the body; StoryError where it is refused."""


class Delivered(Struct, frozen=True):
    """A message that was handed over, and when."""

    message: Message
    at: Instant

    @property
    def late(self) -> Duration:
        """How long after its planned instant, microseconds."""
        return self.at - self.message.due_at


class Stage(Protocol):
    """What a story needs of either. Incidents are named by the order in which they opened, 1 for the first."""

    def deliver(self, source: str, body: bytes) -> None:
        """A source posts this now."""

    def put(self, incident: int, command: cmd.Command) -> str:
        """Put a command now; '' or the code of the refusal."""

    def change(self, fact: Absence | Override) -> None:
        """Somebody is away, or a shift is covered, as is entered now."""

    def run(self, until: Instant) -> None:
        """Go on, and do all that is due up to and at that instant."""

    def incidents(self) -> int:
        """How many there are."""

    def state(self, incident: int) -> Incident:
        """How it stands."""

    def events(self, incident: int) -> Sequence[ev.Event]:
        """All its facts, in order."""

    def delivered(self) -> Sequence[Delivered]:
        """All messages that were handed over so far, of all incidents."""


class Simulated:
    """A story in the simulator."""

    def __init__(self, story: Story, reads: Reads) -> None:
        self._reads = reads
        self.simulation = Simulation(story.world, story.behaviour, story.start)

    def deliver(self, source: str, body: bytes) -> None:
        known = self.simulation.world.rulebook.sources.get(source)
        if known is None:
            raise StoryError(f"{source} is no source of the rulebook")
        self.simulation.report(SourceId(source), self._reads(known.intake, source, body))

    def put(self, incident: int, command: cmd.Command) -> str:
        refused = self.simulation.put(self._id(incident), command)
        return refused.code if refused is not None else ""

    def change(self, fact: Absence | Override) -> None:
        self.simulation.change(fact)

    def run(self, until: Instant) -> None:
        self.simulation.run(until)

    def incidents(self) -> int:
        return len(self.simulation.incidents)

    def state(self, incident: int) -> Incident:
        state = self.simulation.incidents.get(self._id(incident))
        if state is None:
            raise StoryError(f"there is no incident {incident} yet; there are {len(self.simulation.incidents)}")
        return state

    def events(self, incident: int) -> Sequence[ev.Event]:
        return self.simulation.transcript().events(self._id(incident))

    def delivered(self) -> Sequence[Delivered]:
        return [Delivered(one.message, one.at) for one in self.simulation.tried if one.outcome == "sent"]

    def _id(self, incident: int) -> str:
        return f"INC-{incident}"


def body_of(body: object) -> bytes:
    """The request's body."""
    return msgspec.json.encode(body)
