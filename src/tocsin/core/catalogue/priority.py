"""Priority: impact x urgency, P1 (worst) to P5; and what a tool's severity is worth until both are known."""

from typing import Literal, TypeVar

from msgspec import Struct, field

Priority = Literal["P1", "P2", "P3", "P4", "P5"]
PRIORITIES: tuple[Priority, ...] = ("P1", "P2", "P3", "P4", "P5")

T = TypeVar("T")

ByPriority = dict[str, T]
"""A value for each priority that has one; `else` is written out when the rulebook is loaded."""


class PriorityRules(Struct, frozen=True):
    """`matrix[impact][i]` is the priority at `urgency[i]`; `severity` maps a sender's word, `else` all others."""

    urgent: tuple[Priority, ...] = ("P1", "P2")
    severity: dict[str, Priority] = field(default_factory=lambda: {"else": "P2"})
    urgency: tuple[str, ...] = ()
    matrix: dict[str, tuple[Priority, ...]] = {}

    def of_severity(self, severity: str) -> Priority:
        """The priority of a sender's claim; an unknown or missing one is `else`."""
        return self.severity.get(severity, self.severity["else"])

    def of_impact(self, impact: str, urgency: str) -> Priority | None:
        """The cell of the matrix, or None when either word is not in it."""
        row = self.matrix.get(impact)
        if row is None or urgency not in self.urgency:
            return None
        return row[self.urgency.index(urgency)]


def at_least(priority: Priority, floor: Priority) -> bool:
    """Whether `priority` is as bad as `floor` or worse: P1 is at least P2."""
    return priority <= floor


def worst(*priorities: Priority) -> Priority:
    """The worst of them; at least one must be given."""
    return min(priorities)
