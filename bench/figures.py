"""Figures and how they are told: the median of several runs with its spread, beside the anchor, beside the target."""

import math
from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct


class Series(Struct, frozen=True):
    """One figure, measured several times; `unit` is printed behind it: `/s`, `us`, ` ms`, ` MB`, ` x`."""

    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return median(self.values)

    def __str__(self) -> str:
        """The median, and in brackets the lowest and the highest."""
        shown = f"{_number(self.median)}{self.unit}"
        if len(self.values) == 1:
            return shown
        return f"{shown} ({_number(min(self.values))} to {_number(max(self.values))})"


class Target(Struct, frozen=True):
    """What a figure is to reach: at least, or at most, `limit`."""

    limit: float
    unit: str = ""
    most: bool = False

    def told(self, reached: float) -> str:
        """In words, with the verdict."""
        sign, met = ("<=", reached <= self.limit) if self.most else (">=", reached >= self.limit)
        return f"{sign} {_number(self.limit)}{self.unit}: {'reached' if met else 'not reached'}"


class Row(Struct, frozen=True):
    """One line of a table. `ratio` is against the anchor, round by round; the target is for it where there is one."""

    work: str
    system: str
    result: Series
    cpu: Series | None = None
    ratio: Series | None = None
    target: Target | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """The target and whether it was reached, or nothing."""
        if self.target is None:
            return ""
        return self.target.told((self.ratio or self.result).median)


class Measured(Struct, frozen=True):
    """All that one measure found, and the commands that did the work."""

    title: str
    rows: tuple[Row, ...]
    commands: tuple[str, ...]
    runs: str = ""


def series(unit: str, values: Iterable[float]) -> Series:
    """Several measurements of one thing."""
    return Series(unit, tuple(values))


def ratio(ours: Series, theirs: Series | None) -> Series | None:
    """Ours against theirs, round by round: what was measured side by side is compared, and nothing else."""
    if theirs is None:
        return None
    return series(" x", (a / b for a, b in zip(ours.values, theirs.values, strict=True) if b))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` percent of all do not exceed; NaN of nothing."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share / 100 * len(ordered)) - 1, 0)] if ordered else math.nan


def _number(value: float) -> str:
    if math.isnan(value):
        return "none"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
