"""What responders change day by day: overrides, swaps, absences, the state of somebody's ways of being reached."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.people import ContactLadder
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant, Span

Mode = Literal["replace", "add", "remove"]
MethodState = Literal["verified", "declared", "broken"]
SwapState = Literal["offered", "accepted", "declined", "withdrawn", "expired"]


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


class Swap(Struct, frozen=True):
    """`person` gives `other` the hours `give` of theirs, and takes `take` of them. Accepted, it is two overrides.

    `state` is as it was last written: an offer that nobody answers ends by itself.
    """

    id: str
    schedule: ScheduleId
    person: PersonId
    other: PersonId
    give: Span
    take: Span
    state: SwapState = "offered"

    @property
    def ends_at(self) -> Instant:
        """Until when it can be accepted: when the first of the two shifts begins."""
        return min(self.give.start, self.take.start)

    def standing(self, now: Instant) -> SwapState:
        """How it stands; an offer that nobody answered ends by itself."""
        return "expired" if self.state == "offered" and now >= self.ends_at else self.state

    def overrides(self) -> tuple[Override, Override]:
        """What becomes of it when it is accepted."""
        return (
            Override(f"{self.id}.1", self.schedule, self.give.start, self.give.end, self.other, "replace", self.person,
                     swap=self.id),
            Override(f"{self.id}.2", self.schedule, self.take.start, self.take.end, self.person, "replace", self.other,
                     swap=self.id),
        )  # fmt: skip


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
    swaps: tuple[Swap, ...] = ()
