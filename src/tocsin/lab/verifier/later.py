"""Whom the steps after the first call, where two rulebooks are compared: no rung of reach tells what these change"""

import sys
from collections.abc import Iterable

from msgspec.structs import replace

from tocsin.core.ids import PolicyId
from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.opening import Opening

EXHAUSTED = "exhausted"
"""The rounds that come when no step is left: the team and its lead, then the last resort."""


def asked_of(policies: Iterable[Policy]) -> tuple[str, ...]:
    """What is asked of the later steps of any of these: `functional:2` and so on, counted from 1, and `exhausted`."""
    some = tuple(policies)
    functional = max((len(one.functional) for one in some), default=0)
    hierarchical = max((len(one.hierarchical) for one in some), default=0)
    return (
        *(f"functional:{number}" for number in range(2, functional + 1)),
        *(f"hierarchical:{number}" for number in range(2, hierarchical + 1)),
        EXHAUSTED,
    )


def comes_before(rung: str, other: str) -> bool:
    """Whether a rung of reach, or a step, comes before that other step of the same ladder."""
    managing = [one.startswith(("management", "hierarchical")) for one in (rung, other)]
    return managing[0] == managing[1] and _place(rung) < _place(other)


def _place(rung: str) -> int:
    return sys.maxsize if rung == EXHAUSTED else int(rung.partition(":")[2] or 1)


def policies_of(opening: Opening) -> frozenset[PolicyId]:
    """Those under which such an opening may run: its own, and those that criteria give in time."""
    given = (criterion.then.policy for _, criterion, _ in opening.setting.criteria)
    return frozenset((opening.setting.policy.id, *(one for one in given if one is not None)))


def differing(old: Rulebook, new: Rulebook) -> frozenset[PolicyId] | None:
    """The policies in which both differ; None where they differ in more."""
    if _but_policies(old) != _but_policies(new):
        return None
    both = (*old.policies, *new.policies)
    return frozenset(PolicyId(one) for one in both if old.policies.get(one) != new.policies.get(one))


def _but_policies(book: Rulebook) -> Rulebook:
    """What else anybody's reach may hang on."""
    return replace(book, policies={}, slas={}, expect=(), allow=(), digest="")
