"""notify: page responders and wait for an acknowledgement; ownership stays where it is."""

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId
from tocsin.core.instant import Period
from tocsin.core.steps.contract import Hold, Move, Page, Unless, Urgency


class Notify(Struct, frozen=True, tag="notify"):
    """Functional. `wait` runs from the moment the step is entered; `need` acknowledgements end the ladder."""

    targets: tuple[Target, ...]
    wait: Period
    when: str | None = None
    hours: HoursId | None = None
    need: int = 1
    urgency: Urgency = None
    skills: tuple[str, ...] = ()
    unless: Unless = "acknowledged"

    def moves(self) -> tuple[Move, ...]:
        """Page the targets, then wait."""
        return (Page(self.targets, self.need, self.urgency, self.skills), Hold(self.wait, self.hours))
