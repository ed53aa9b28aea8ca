"""Walks that go again as they went before: found by what they had asked, and told again without being walked.

A walk rests on nothing but the answers that it was given, and on how long these hold. Where the same questions, as long
after another opening, get the same answers for as long, the same comes of it, so much later. Days and weeks are alike,
so that most of a year is found and little of it walked. A run of walks, about a day, is found as one.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.line import Line
from tocsin.lab.verifier.reach import Stretch
from tocsin.lab.verifier.standing import Setting, Standing
from tocsin.lab.verifier.supposing import Supposed
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import Asked, walked

LEAST = HOUR
"""The shortest run that is kept: a microsecond, too, goes again as it went, and all of a year would be told by it."""

MOST = 32
"""Runs that begin with the same answer, as long before it ends, and are kept; the longest first: a week that goes
again is told in one go."""

LOOSE: Duration = -1
"""Stands for when its first answer ends in the index of runs for which that may be later."""


class Rest(Struct, frozen=True, gc=False):
    """An answer that a run rests on: what a timeline says from `start` to `end`, counted from the run's first opening.

    `exact`: it has to end then (None: never); else it may hold longer.
    """

    line: Line[Any]
    start: Duration
    end: Duration | None
    exact: bool
    value: Any


class Run(Struct, frozen=True, gc=False):
    """Stretches one after the other from the opening 0 on, and what they rest on."""

    rests: tuple[Rest, ...]
    stretches: tuple[Stretch, ...]
    length: Duration

    def at(self, opening: Instant) -> bool:
        """Whether it goes the same way from that opening on."""
        for one in self.rests:
            value, end = one.line.look(opening + one.start)
            if value is not one.value and value != one.value:
                return False
            if one.exact:
                if end is None or one.end is None:
                    if end is not one.end:
                        return False
                elif end - opening != one.end:
                    return False
            elif end is not None and one.end is not None and end - opening < one.end:
                return False
        return True


class Walks:
    """All walks of one setting under the same suppositions, over any openings before `end`; `blind`: as `Standing`."""

    def __init__(
        self, ground: Ground, setting: Setting, supposed: Supposed, asked: Asked, end: Instant, blind: bool = False
    ) -> None:
        self.ground = ground
        self.setting = setting
        self.supposed = supposed
        self.asked: Asked = asked
        self.end = end
        self.blind = blind
        self.ranked = self.weighed = False
        self.made = 0
        """How many were walked, and not told again."""
        self._runs: dict[tuple[int | None, Duration | None], list[Run]] = {}
        self._first: tuple[Line[Any], Duration] | None = None

    def over(self, begin: Instant, until: Instant) -> Iterator[Stretch]:
        """The stretches of [begin, until), one after the other; the last may be longer."""
        at = begin
        writing = _Writing(at)
        while at < until:
            run = self._known(at)
            if run is None:
                one = self._walked(at, writing)
                yield one
                at = one.end
            else:
                yield from self._told(run, at, until)
                at += run.length
            if run is not None or at - writing.begin >= DAY:
                self._keep(writing)
                writing = _Writing(at)

    def _told(self, run: Run, opening: Instant, until: Instant) -> Iterator[Stretch]:
        for one in run.stretches:
            start = opening + one.start
            if start >= until:
                return
            end = min(opening + one.end, self.end)
            at = None if one.at is None else opening + one.at
            yield Stretch(start, end, at, one.moves, one.people, one.by, one.any_of)

    def _known(self, at: Instant) -> Run | None:
        if self._first is None:
            return None
        line, after = self._first
        value, end = line.look(at + after)
        mark = _mark(value)
        for left in (None if end is None else end - at, LOOSE):
            for run in self._runs.get((mark, left), ()):
                if run.at(at):
                    return run
        return None

    def _walked(self, at: Instant, writing: "_Writing") -> Stretch:
        front = Front(at, self.end)
        self.made += 1
        self.ground.set_out()
        standing, one = self._walk(front)
        self.ranked |= standing.ranked
        self.weighed |= standing.weighed
        del standing.order  # each holds the other, and would wait for the collector
        writing.add(self.ground, one)
        return one

    def _walk(self, front: Front) -> tuple[Standing, Stretch]:
        standing = Standing(self.ground, self.setting, self.supposed, front, self.blind)
        return standing, walked(standing, self.asked)

    def _keep(self, writing: "_Writing") -> None:
        run = writing.run()
        if run is None or run.length < LEAST:
            return
        first = run.rests[0]
        if self._first is None:
            self._first = first.line, first.start
        if self._first != (first.line, first.start):
            return
        runs = self._runs.setdefault((_mark(first.value), first.end if first.exact else LOOSE), [])
        insort(runs, run, key=_shortness)
        del runs[MOST:]


def _shortness(run: Run) -> Duration:
    return -run.length


def _mark(value: Any) -> int | None:
    """To find runs by how they begin; what has no hash is looked through one by one."""
    try:
        return hash(value)
    except TypeError:
        return None


class Swept(Struct, frozen=True):
    """The stretches of a line. `ranked`: another priority might go another way; `weighed`: one less or more urgent."""

    line: tuple[Stretch, ...]
    ranked: bool
    weighed: bool


def sweep(ground: Ground, setting: Setting, supposed: Supposed, asked: Asked, end: Instant) -> Swept:
    """The stretches of [start of the ground, end). Undecided where something would have to be supposed."""
    return swept(Walks(ground, setting, supposed, asked, end))


def swept(walks: Walks) -> Swept:
    """The stretches of all the time."""
    found: list[Stretch] = []
    for one in walks.over(walks.ground.start, walks.end):
        _add(found, one)
    return Swept(tuple(found), walks.ranked, walks.weighed)


def amended(swept: Swept, walks: Walks, stands: Callable[[Stretch], bool]) -> Swept:
    """The same line, walked otherwise wherever it does not stand."""
    found: list[Stretch] = []
    for one in swept.line:
        if stands(one):
            _add(found, one)
            continue
        for other in walks.over(one.start, one.end):
            _add(found, replace(other, end=min(other.end, one.end)))
    return Swept(tuple(found), swept.ranked or walks.ranked, swept.weighed or walks.weighed)


def _add(found: list[Stretch], one: Stretch) -> None:
    """Put a stretch behind the others, joined to the one before where it goes on in the same way."""
    if found:
        last = found[-1]
        same = (last.moves, last.people, last.by, last.any_of) == (one.moves, one.people, one.by, one.any_of)
        if same and last.reached_at(one.start) == one.at:
            found[-1] = Stretch(last.start, one.end, last.at, last.moves, last.people, last.by, last.any_of)
            return
    found.append(one)


class _Writing:
    """A run in the making."""

    def __init__(self, begin: Instant) -> None:
        self.begin = begin
        self._stretches: list[Stretch] = []
        self._rests: dict[object, Rest] = {}
        self._sound = True

    def add(self, ground: Ground, one: Stretch) -> None:
        """A walk behind the others, with what it has asked."""
        self._stretches.append(one)
        self._sound = self._sound and not ground.singular
        if not self._sound:
            return
        lasts = one.end - one.start
        for place, (line, at, end, value) in enumerate(ground.trail):
            exact = place in ground.exact
            need = end if exact or (end is not None and end < at + lasts) else at + lasts
            key = (line, end)
            known = self._rests.get(key)
            if known is None:
                self._rests[key] = Rest(line, at, need, exact, value)
            elif not known.exact:
                far = need if exact else max(known.end, need)  # type: ignore[type-var]
                self._rests[key] = Rest(line, min(known.start, at), far, exact, value)
            elif at < known.start:
                self._rests[key] = Rest(line, at, known.end, True, value)

    def run(self) -> Run | None:
        """What can be told again; None where it rests on nothing, or on what cannot be told as an answer."""
        if not (self._sound and self._rests and self._stretches):
            return None
        begin = self.begin
        rests = tuple(
            Rest(one.line, one.start - begin, None if one.end is None else one.end - begin, one.exact, one.value)
            for one in self._rests.values()
        )
        stretches = tuple(
            Stretch(
                one.start - begin, one.end - begin, None if one.at is None else one.at - begin,
                one.moves, one.people, one.by, one.any_of,
            )
            for one in self._stretches
        )  # fmt: skip
        return Run(rests, stretches, stretches[-1].end)
