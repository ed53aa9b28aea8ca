"""decide: a question with options; never settled by timeout unless the step names a default."""

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId
from tocsin.core.instant import Period
from tocsin.core.steps.contract import Move, Question, Unless


class Decide(Struct, frozen=True, tag="decide"):
    """Hierarchical. `targets` (`by:` in the rulebook) may choose one of `options`; unanswered, it climbs."""

    question: str
    options: tuple[str, ...]
    targets: tuple[Target, ...]
    after: Period = Period()
    when: str | None = None
    hours: HoursId | None = None
    within: Period | None = None
    default: str | None = None
    unless: Unless = "resolved"

    def moves(self) -> tuple[Move, ...]:
        """Put the question with its options."""
        return (Question(self.targets, self.within, self.hours, self.question, self.options, self.default),)
