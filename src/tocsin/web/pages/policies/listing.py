"""All policies: which services each is for, how long its ladders are, and what is to be said against it."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import Step
from tocsin.engine.verifying import Verdict
from tocsin.lab.verifier.reach import Proof
from tocsin.web.parts.proving import Wait, wait_of
from tocsin.web.parts.words import Names, whom


class Line(Struct, frozen=True):
    """One policy. `first` is whom its first step calls; `otherwise` says that it is for what names no service.

    `errors` and `warnings` are findings in it. `worst` is the longest wait for a first human of its services, None
    where that is not proved; in it `after` None is for ever.
    """

    id: str
    services: tuple[str, ...]
    otherwise: bool
    criteria: tuple[str, ...]
    working: int
    telling: int
    laps: int
    first: str
    errors: int = 0
    warnings: int = 0
    worst: Wait | None = None

    @property
    def care(self) -> tuple[int, int, float]:
        """How much it needs care: errors, then warnings, then how long somebody may wait."""
        wait = 0.0 if self.worst is None else float("inf") if self.worst.after is None else float(self.worst.after)
        return -self.errors, -self.warnings, -wait

    @property
    def used(self) -> bool:
        """Whether anything comes to it at all."""
        return bool(self.services or self.criteria or self.otherwise)


def listing(book: Rulebook, verdict: Verdict, names: Names) -> tuple[Line, ...]:
    """What needs care first, then those that most services are under."""
    lines = [_line(one, book, verdict, names) for one in book.policies.values()]
    return tuple(sorted(lines, key=lambda one: (one.care, -len(one.services), not one.used, one.id)))


def _line(policy: Policy, book: Rulebook, verdict: Verdict, names: Names) -> Line:
    services = services_of(policy.id, book)
    lost = ("",) if book.unrouted.policy == policy.id else ()
    severities = [one.severity for one in verdict.findings if one.where[:2] == ("policies", policy.id)]
    return Line(
        id=policy.id,
        services=services,
        otherwise=book.unrouted.policy == policy.id,
        criteria=tuple(one.name for one in book.criteria if one.then.policy == policy.id),
        working=len(policy.functional),
        telling=len(policy.hierarchical),
        laps=policy.repeat + 1,
        first=", ".join(_calls(policy.functional[:1], names)),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        worst=None if verdict.proof is None else _worst(verdict.proof, frozenset((*services, *lost)), names),
    )


def _worst(proof: Proof, services: frozenset[str], names: Names) -> Wait | None:
    found = [one.first for one in proof.every if one.service in services]
    return wait_of(max(found, key=lambda one: (one.delay is None, one.delay or 0)), names) if found else None


def services_of(policy: str, book: Rulebook) -> tuple[str, ...]:
    """The services that are under it."""
    return tuple(sorted(one.id for one in book.services.values() if one.policy == policy))


def _calls(steps: Iterable[Step], names: Names) -> Iterator[str]:
    return (whom(step.targets, names) for step in steps)
