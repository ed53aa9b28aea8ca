"""Sets of instants as spans in order."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import attrgetter

from tocsin.core.instant import Span


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same instants in as few spans as there can be, in order."""
    found: list[Span] = []
    for one in sorted(spans, key=lambda span: span.start):
        if found and one.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return tuple(found)


def without(whole: Span, spans: Iterable[Span]) -> Iterator[Span]:
    """What of the whole is in none of these, which are in order."""
    at = whole.start
    for one in spans:
        if at < one.start:
            yield Span(at, min(one.start, whole.end))
        at = max(at, one.end)
    if at < whole.end:
        yield Span(at, whole.end)


def common(some: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """What is in both; each is in order."""
    rest = list(others)
    i = 0
    for one in some:
        while i < len(rest) and rest[i].end <= one.start:
            i += 1
        for other in rest[i:]:
            if other.start >= one.end:
                break
            yield Span(max(one.start, other.start), min(one.end, other.end))


def beyond(some: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """What is in the first and in none of the others; each is in order."""
    rest = list(others)
    i = 0
    for one in some:
        while i < len(rest) and rest[i].end <= one.start:
            i += 1
        yield from without(one, rest[i : bisect_left(rest, one.end, lo=i, key=attrgetter("start"))])
