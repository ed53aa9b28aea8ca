"""What is found of one rulebook and not of another: what a change brings, and what it does away with."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tocsin.lab.verifier.finding import Finding


def newly(old: Iterable[Finding], new: Iterable[Finding]) -> Iterator[Finding]:
    """Those of the new ones that the old do not have. One that has only moved within its definition is none of them."""
    known = Counter(map(_mark, old))
    for one in new:
        mark = _mark(one)
        known[mark] -= 1
        if known[mark] < 0:
            yield one


def _mark(one: Finding) -> tuple[object, ...]:
    case = one.counterexample
    return (one.code, one.where[:2], None if case is None else (case.service, case.priority))
