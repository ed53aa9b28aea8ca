"""What responders change day by day: overrides, absences, the state of somebody's ways of being reached."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.people import ContactLadder
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant

Mode = Literal["replace", "add", "remove"]
MethodState = Literal["verified", "declared", "broken"]


class Override(Struct, frozen=True):
    """For `schedule` in [start, end): `person` replaces `of` (or everybody), is added, or is removed.

    `reason` is whatever was said of it, for people alone. The two halves of a swap carry its id.
    """

    id: str
    schedule: ScheduleId
    start: Instant
    end: Instant
    person: PersonId
    mode: Mode = "replace"
    of: PersonId | None = None
    reason: str = ""
    swap: str = ""


class Absence(Struct, frozen=True):
    """`person` is away in [start, end): on no shift, in no target; deputies step in."""

    id: str
    person: PersonId
    start: Instant
    end: Instant


class Facts(Struct, frozen=True):
    """Today's roster facts, appended in the store and never in the rulebook. `version` grows with each change.

    `methods[person][method]` says which ways lead to a person and in what state; the address itself stays in the
    store. `contact` holds a person's own ladder where it differs from the rulebook's.
    """

    version: int = 0
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    methods: dict[str, dict[str, MethodState]] = {}
    contact: dict[str, ContactLadder] = {}
