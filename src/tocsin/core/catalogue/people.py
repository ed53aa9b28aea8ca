"""People, the order in which each is contacted, teams and roles, by id alone: names and addresses live in the store."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ALWAYS, HoursId, PersonId, RoleId, ScheduleId, TeamId
from tocsin.core.instant import Duration

Assign = Literal["everyone", "round_robin", "least_loaded", "skilled"]


class Person(Struct, frozen=True):
    """Somebody who can be paged. `manager` is the next one up; the chain has no cycles."""

    id: PersonId
    manager: PersonId | None = None
    skills: tuple[str, ...] = ()
    cleared: bool = False


class Entry(Struct, frozen=True):
    """One rung of a contact ladder: a method (`email`, `sms`, `voice`, `push`) and its delay from the round's start."""

    method: str
    after: Duration = 0


class ContactLadder(Struct, frozen=True):
    """How one person is reached, urgently and routinely; equal delays go together."""

    urgent: tuple[Entry, ...] = (Entry("email"),)
    routine: tuple[Entry, ...] = (Entry("email"),)


class Team(Struct, frozen=True):
    """A group that owns work. Without a schedule (`on_call`) its members are called as `assign` says."""

    id: TeamId
    members: tuple[PersonId, ...]
    lead: PersonId | None = None
    tier: int = 1
    hours: HoursId = ALWAYS
    on_call: ScheduleId | None = None
    assign: Assign = "everyone"


class Role(Struct, frozen=True):
    """A duty. The first holder who can be reached has it; the rest are deputies, in order."""

    id: RoleId
    holders: tuple[Target, ...]
