"""All policies: which services each is for, how long its ladders are, and what is to be said against it."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import Step
from tocsin.web.parts.words import Names, whom


class Line(Struct, frozen=True):
    """One policy. `first` is whom its first step calls; `otherwise` says that it is for what names no service."""

    id: str
    services: tuple[str, ...]
    otherwise: bool
    criteria: tuple[str, ...]
    working: int
    telling: int
    laps: int
    first: str

    @property
    def used(self) -> bool:
        """Whether anything comes to it at all."""
        return bool(self.services or self.criteria or self.otherwise)


def listing(book: Rulebook, names: Names) -> tuple[Line, ...]:
    """Those that most services are under first."""
    lines = [_line(one, book, names) for one in book.policies.values()]
    return tuple(sorted(lines, key=lambda one: (-len(one.services), not one.used, one.id)))


def _line(policy: Policy, book: Rulebook, names: Names) -> Line:
    return Line(
        id=policy.id,
        services=services_of(policy.id, book),
        otherwise=book.unrouted.policy == policy.id,
        criteria=tuple(one.name for one in book.criteria if one.then.policy == policy.id),
        working=len(policy.functional),
        telling=len(policy.hierarchical),
        laps=policy.repeat + 1,
        first=", ".join(_calls(policy.functional[:1], names)),
    )


def services_of(policy: str, book: Rulebook) -> tuple[str, ...]:
    """The services that are under it."""
    return tuple(sorted(one.id for one in book.services.values() if one.policy == policy))


def _calls(steps: Iterable[Step], names: Names) -> Iterator[str]:
    return (whom(step.targets, names) for step in steps)
