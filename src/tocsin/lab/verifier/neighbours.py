"""Openings of a single moment, where two things meet, told with the windows beside them"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from tocsin.core.instant import SECOND, Instant, Span
from tocsin.lab.verifier.against import Change
from tocsin.lab.verifier.spans import joined

_Lane = tuple[str, frozenset[str]]
"""A rung and what is supposed: an opening is in one window of it at most."""


class Widened(Struct, frozen=True):
    """A change, and its windows as they are told."""

    change: Change
    windows: tuple[Span, ...]


class Beside(Struct, frozen=True):
    """What is left to tell; `moments`: when what opens is told with a neighbour."""

    changes: tuple[Widened, ...]
    moments: frozenset[Instant]


def beside(changes: Iterable[Change]) -> Beside:
    """Windows and gaps that are shorter than a second go to what follows, or else to what comes before.

    A window that is nobody's neighbour stays: it is all that differs there.
    """
    lanes: dict[_Lane, list[Change]] = {}
    for one in changes:
        lanes.setdefault((one.rung, frozenset(map(repr, one.assuming))), []).append(one)
    shown = {lane: _shown(span for one in some for span in one.windows) for lane, some in lanes.items()}
    edges = {lane: set(_edges(lanes[lane], shown[lane])) for lane in lanes}
    left: list[Widened] = []
    moments: set[Instant] = set()
    for (rung, assuming), some in lanes.items():
        at = shown[rung, assuming]
        near = [found for lane, found in edges.items() if lane[0] == rung and lane[1] <= assuming]
        for one in some:
            windows: list[Span] = []
            for span in one.windows:
                told = Span(at[span.start], at[span.end])
                if told.start == told.end and not any({span.start, span.end, told.start} & found for found in near):
                    windows.append(span)
                    continue
                windows += [told] if told.start < told.end else []
                moments |= {at[edge] for edge in (span.start, span.end) if at[edge] != edge}
            left += [Widened(one, joined(windows))] if windows else []
    return Beside(tuple(left), frozenset(moments))


def _shown(spans: Iterable[Span]) -> dict[Instant, Instant]:
    """Where each edge is told to be: at the first of those that are less than a second apart, on the full second."""
    found: dict[Instant, Instant] = {}
    last: Instant | None = None
    for edge in sorted({edge for span in spans for edge in (span.start, span.end)}):
        if last is None or edge - last >= SECOND:
            last = edge - (edge % SECOND == 1)
        found[edge] = last
    return found


def _edges(changes: Iterable[Change], shown: Mapping[Instant, Instant]) -> Iterator[Instant]:
    """Of windows that last, where they are and where they are told to be."""
    for span in (span for one in changes for span in one.windows):
        if shown[span.start] < shown[span.end]:
            yield from (span.start, span.end, shown[span.start], shown[span.end])
