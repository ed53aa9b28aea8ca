"""hand_over: ownership moves to the target's team, whose responder is paged."""

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId
from tocsin.core.instant import Period
from tocsin.core.steps.contract import Hold, Move, Page, Transfer, Unless, Urgency


class HandOver(Struct, frozen=True, tag="hand_over"):
    """Functional. Where a person already owns the incident it is an offer that must be accepted."""

    targets: tuple[Target, ...]
    wait: Period
    when: str | None = None
    hours: HoursId | None = None
    need: int = 1
    urgency: Urgency = None
    skills: tuple[str, ...] = ()
    unless: Unless = "acknowledged"

    def moves(self) -> tuple[Move, ...]:
        """Move to the first target's team, page there, then wait."""
        page = Page(self.targets, self.need, self.urgency, self.skills)
        return (Transfer(self.targets[0]), page, Hold(self.wait, self.hours))
