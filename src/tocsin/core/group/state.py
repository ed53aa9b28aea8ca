"""The group as a value, what can be put to it, and the facts about it. Its stream is `group:` and its root incident."""

from msgspec import Struct

from tocsin.core.ids import IncidentId
from tocsin.core.instant import MINUTE, Duration, Instant

HOLD: Duration = 30 * MINUTE
"""A child is held back no longer than this, unless that is extended."""


class Child(Struct, frozen=True, array_like=True):
    """An incident under a `parent` of the same group; `held_until` is None where nothing is held back."""

    parent: IncidentId
    held_until: Instant | None = None


class Group(Struct, frozen=True):
    """The decider's value: every child by its id, each under the root or under another child."""

    id: str
    seq: int = 0
    at: Instant = 0
    children: dict[IncidentId, Child] = {}
    ended: bool = False

    @property
    def root(self) -> IncidentId:
        """The incident at the top."""
        return IncidentId(self.id.removeprefix("group:"))


class Join(Struct, frozen=True, tag="join"):
    """Put an incident, with all that is under it, under another one; `hold` keeps its functional ladder back."""

    child: IncidentId
    parent: IncidentId
    hold: bool = False


class Extend(Struct, frozen=True, tag="extend"):
    """Hold a child back for another `HOLD` from now."""

    child: IncidentId


class Leave(Struct, frozen=True, tag="leave"):
    """Take an incident out; what was under it comes under its parent."""

    child: IncidentId


class End(Struct, frozen=True, tag="end"):
    """The root is over."""


class Tick(Struct, frozen=True, tag="tick"):
    """Do what is due."""


Command = Join | Extend | Leave | End | Tick


class Fact(Struct, frozen=True, kw_only=True):
    """`at` is when it happened, UTC microseconds."""

    at: Instant


class Joined(Fact, frozen=True, tag="joined"):
    """An incident is under another one."""

    child: IncidentId
    parent: IncidentId
    held_until: Instant | None = None


class Extended(Fact, frozen=True, tag="extended"):
    """A child is held back for longer."""

    child: IncidentId
    held_until: Instant


class Released(Fact, frozen=True, tag="released"):
    """Children are not held back any more: what still fires is judged again and paged."""

    children: tuple[IncidentId, ...]


class Left(Fact, frozen=True, tag="left"):
    """An incident is on its own again."""

    child: IncidentId


class Ended(Fact, frozen=True, tag="ended"):
    """The root is over: resolving these is proposed, where nothing keeps them firing."""

    proposed: tuple[IncidentId, ...]


Event = Joined | Extended | Released | Left | Ended
