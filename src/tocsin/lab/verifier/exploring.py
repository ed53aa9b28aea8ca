"""All ways in which an opening may go: walked again under each supposition, and kept for all rows that open alike."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.instant import Instant
from tocsin.lab.verifier.opening import MOST, Opening
from tocsin.lab.verifier.reach import Stretch, Way
from tocsin.lab.verifier.supposing import Supposed, Undecided, said
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import Asked, sweep

LINES: tuple[Asked, ...] = ("first", "responder", "management", "last")


class Explored(Struct, frozen=True):
    """One way with what was supposed for it. `cut`: other suppositions were left out for want of room."""

    opening: Opening
    supposed: Supposed
    way: Way
    cut: bool = False


class _Noted(dict[str, bool | str]):
    """Suppositions that note which of them were asked for."""

    def __init__(self, given: Supposed) -> None:
        super().__init__(given)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> bool | str:
        self.used.add(name)
        return super().__getitem__(name)


class Explorer:
    """A ground walked to `end`, and everything that has been found on it."""

    def __init__(self, ground: Ground, end: Instant) -> None:
        self.ground = ground
        self.end = end
        self._ways: dict[object, tuple[Explored, ...]] = {}
        self._lines: dict[tuple[object, Asked], list[tuple[Supposed, tuple[Stretch, ...]]]] = {}

    def ways(self, opening: Opening) -> tuple[Explored, ...]:
        """Every way that such an opening may go."""
        key = (opening.key, tuple(sorted(opening.supposed.items())))
        known = self._ways.get(key)
        if known is None:
            known = self._ways[key] = tuple(self._explored(opening))
        return known

    def _explored(self, opening: Opening) -> Iterator[Explored]:
        waiting: list[Supposed] = [dict(opening.supposed)]
        ways = 0
        while waiting:
            supposed = waiting.pop()
            try:
                lines = [self._line(opening, supposed, asked) for asked in LINES]
            except Undecided as question:
                room = MOST - ways - len(waiting)
                options = question.options if room >= len(question.options) else question.options[-1:]
                waiting += [{**supposed, question.name: option} for option in reversed(options)]
                continue
            ways += 1
            yield Explored(opening, supposed, Way(said(supposed), *lines), cut=ways >= MOST)

    def _line(self, opening: Opening, supposed: Supposed, asked: Asked) -> tuple[Stretch, ...]:
        lines = self._lines.setdefault((opening.key, asked), [])
        for used, line in lines:
            if all(supposed.get(name) == value for name, value in used.items()):
                return line
        noted = _Noted(supposed)
        line = sweep(self.ground, opening.setting, noted, asked, self.end)
        lines.append(({name: supposed[name] for name in noted.used}, line))
        return line
