"""inform: somebody must know; no answer is needed."""

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId
from tocsin.core.instant import Period
from tocsin.core.steps.contract import Move, Tell, Unless


class Inform(Struct, frozen=True, tag="inform"):
    """Hierarchical. `after` counts from the ladder start, in `hours` where given."""

    targets: tuple[Target, ...]
    after: Period = Period()
    when: str | None = None
    hours: HoursId | None = None
    unless: Unless = "resolved"

    def moves(self) -> tuple[Move, ...]:
        """Tell them."""
        return (Tell(self.targets),)
