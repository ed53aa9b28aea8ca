"""The fact that an act was taken back, and how its incident stands without it."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from tocsin.core.ids import PersonId, RequestId, TeamId
from tocsin.core.incident.fact import Fact
from tocsin.core.incident.state import Alert, Cursor, Flap, Incident, Lease, Pending, Request, Round, Rung, Status
from tocsin.core.instant import Instant
from tocsin.core.outgoing import Message

Kind = Literal["acknowledge", "resolve", "reassign", "snooze", "pend"]
"""The acts that can be taken back."""


class Restored(Struct, frozen=True, gc=False):
    """The parts of an incident that an undo sets; what is not named stays as it is."""

    status: Status | UnsetType = UNSET
    alerts: dict[str, Alert] | UnsetType = UNSET
    owner: PersonId | UnsetType | None = UNSET
    lease: Lease | UnsetType | None = UNSET
    acknowledged_by: tuple[PersonId, ...] | UnsetType = UNSET
    suspended_until: Instant | UnsetType | None = UNSET
    snoozed_until: Instant | UnsetType | None = UNSET
    pending: Pending | UnsetType | None = UNSET
    functional: Cursor | UnsetType = UNSET
    hierarchical: tuple[Rung, ...] | UnsetType = UNSET
    ladder_start: Instant | UnsetType = UNSET
    rounds: tuple[Round, ...] | UnsetType = UNSET
    requests: tuple[Request, ...] | UnsetType = UNSET
    team: TeamId | UnsetType = UNSET
    transfers: tuple[tuple[TeamId, TeamId], ...] | UnsetType = UNSET
    flap: Flap | UnsetType = UNSET
    reopened: int | UnsetType = UNSET
    resolved_at: Instant | UnsetType | None = UNSET
    close_at: Instant | UnsetType | None = UNSET
    held_until: Instant | UnsetType | None = UNSET


class Undone(Fact, frozen=True, tag="undone"):
    """An act of `by`, the facts `first` to `last`, was taken back; `before` is how the incident stands without it.

    `called` and `requests` are those whom it called and what it asked: withdrawn where unsent. `told` heard of the act
    and hear of this. `again` was called back and is wanted, besides what the incident itself counts on. `left`
    is the team from which it goes back.
    """

    by: str
    act: Kind
    first: int
    last: int
    before: Restored
    called: tuple[PersonId, ...] = ()
    requests: tuple[RequestId, ...] = ()
    told: tuple[PersonId, ...] = ()
    again: tuple[Message, ...] = ()
    left: TeamId | None = None


def difference(now: Incident, then: Incident) -> Restored:
    """What makes `now` stand as `then`. Raises ValueError where they differ in something that no act changes."""
    parts = {name: getattr(then, name) for name in _PARTS if getattr(then, name) != getattr(now, name)}
    restored = Restored(**parts)
    if applied(now, restored) != then:
        raise ValueError(f"an undo of {now.id} would change what no act changes")
    return restored


def applied(state: Incident, restored: Restored) -> Incident:
    """`state` with what is restored."""
    parts = {name: value for name in _PARTS if (value := getattr(restored, name)) is not UNSET}
    return replace(state, **parts)


_PARTS = Restored.__struct_fields__
