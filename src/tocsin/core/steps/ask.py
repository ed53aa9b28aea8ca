"""ask: somebody must answer that they have seen it; unanswered, it climbs to whoever is above them."""

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId
from tocsin.core.instant import Period
from tocsin.core.steps.contract import Move, Question, Unless


class Ask(Struct, frozen=True, tag="ask"):
    """Hierarchical. `within` is the time to answer, by default that of the priority."""

    targets: tuple[Target, ...]
    after: Period = Period()
    when: str | None = None
    hours: HoursId | None = None
    within: Period | None = None
    unless: Unless = "resolved"

    def moves(self) -> tuple[Move, ...]:
        """Put the question."""
        return (Question(self.targets, self.within, self.hours),)
