"""Ways of two rulebooks that one signal may go: what is supposed is the same for both, so that it never contradicts.

What is supposed is written as bits, one for each value of a name: two suppositions go together where they have no name
in common with other values.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from msgspec import Struct

from tocsin.lab.verifier.opening import Openings
from tocsin.lab.verifier.reach import Row, Way
from tocsin.lab.verifier.supposing import Supposed

MOST = 256
"""Suppositions of both together that are looked at for one row; what is left out is named."""

_Cube = tuple[int, int]
"""The names that are supposed of, and their values."""


class Pair(Struct, frozen=True):
    """A way of before, and one of after that may go with it."""

    before: Way
    after: Way


class Joint:
    """All pairs of ways of a row; `cut`: not all."""

    def __init__(self, old: Row, new: Row, before: Openings, after: Openings) -> None:
        self._bits: dict[tuple[str, bool | str], int] = {}
        self._masks: dict[str, int] = {}
        sides = [list(_supposed(old, before)), list(_supposed(new, after))]
        for supposed in (one for side in sides for _, one in side):
            for literal in supposed.items():
                self._learn(literal)
        cubes = [[(way, self._cube(one)) for way, one in side] for side in sides]
        self.pairs: list[Pair] = []
        self._of: list[tuple[int, _Cube]] = []
        known: dict[tuple[int, int], int] = {}
        self.cut = before.cut or after.cut or bool(old.assuming or new.assuming)
        for (way, mine), (other, theirs) in product(*cubes):
            if not _together(mine, theirs):
                continue
            if len(self._of) == MOST:
                self.cut = True
                break
            if (id(way), id(other)) not in known:
                known[id(way), id(other)] = len(self.pairs)
                self.pairs.append(Pair(way, other))
            self._of.append((known[id(way), id(other)], (mine[0] | theirs[0], mine[1] | theirs[1])))

    def under(self, chosen: Iterable[int]) -> Iterator[Supposed]:
        """What must be supposed for one of these pairs, and no other, to be the way: as little as says it."""
        wanted = frozenset(chosen)
        said: list[_Cube] = []
        for number, cube in self._of:
            if number in wanted and not any(_within(cube, known) for known in said):
                said.append(self._least(cube, wanted))
        yield from map(self._told, said)

    def _least(self, cube: _Cube, wanted: frozenset[int]) -> _Cube:
        for mask in self._masks.values():
            less = cube[0] & ~mask, cube[1] & ~mask
            if less != cube and all(number in wanted for number, one in self._of if _together(one, less)):
                cube = less
        return cube

    def _learn(self, literal: tuple[str, bool | str]) -> None:
        if literal not in self._bits:
            bit = self._bits[literal] = 1 << len(self._bits)
            self._masks[literal[0]] = self._masks.get(literal[0], 0) | bit

    def _cube(self, supposed: Supposed) -> _Cube:
        masks, values = 0, 0
        for name, value in supposed.items():
            masks |= self._masks[name]
            values |= self._bits[name, value]
        return masks, values

    def _told(self, cube: _Cube) -> Supposed:
        return {name: value for (name, value), bit in self._bits.items() if cube[1] & bit}


def _supposed(row: Row, openings: Openings) -> Iterator[tuple[Way, Supposed]]:
    """Everything under which each way is the one: what criteria are supposed to say may be several for the same."""
    if len(row.ways) == 1:
        yield row.ways[0], {}
        return
    for way in row.ways:
        mine = dict(way.supposed)
        for one in openings.all:
            if one.supposed.items() <= mine.items():
                yield from ((way, {**mine, **alike}) for alike in one.alike)


def _together(one: _Cube, other: _Cube) -> bool:
    return not (one[1] ^ other[1]) & one[0] & other[0]


def _within(cube: _Cube, wider: _Cube) -> bool:
    """Whether all that is under the first is under the other."""
    return not wider[1] & ~cube[1]
