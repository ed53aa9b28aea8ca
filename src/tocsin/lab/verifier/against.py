"""Who is reached differently, told for a reader: services, priorities and kinds that differ alike are one group."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, PolicyId, ServiceId
from tocsin.core.instant import MINUTE, Duration, Span
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.difference import Apart, apart
from tocsin.lab.verifier.exploring import Explorer
from tocsin.lab.verifier.joint import Joint
from tocsin.lab.verifier.later import asked_of, comes_before, differing, policies_of
from tocsin.lab.verifier.opening import Openings, openings_of
from tocsin.lab.verifier.reach import Row, Stretch
from tocsin.lab.verifier.spans import beyond, joined
from tocsin.lab.verifier.supposing import said
from tocsin.lab.verifier.timeline import Ground

Mark = Literal["sooner", "later", "reached", "lost", "others", "mixed"]
"""From nobody to somebody is `reached`, back is `lost`; `others`: at the same time; `mixed`: sooner and later."""


class Reached(Struct, frozen=True):
    """Who is reached and how long it takes at most; None: never. `steady`: it takes as long for every opening.

    `any_of`: one of them, whoever's turn it is.
    """

    people: tuple[PersonId, ...]
    any_of: bool
    wait: Duration | None
    steady: bool


class Change(Struct, frozen=True):
    """All openings that go from one way to the same other: `windows` do not touch one another and are in order.

    `rung` is one of reach, or what `later` asks of later steps (`functional:2`), counted from 1.
    """

    rung: str
    mark: Mark
    before: Reached
    after: Reached
    windows: tuple[Span, ...]
    assuming: tuple[Phrase, ...] = ()


class Alike(Struct, frozen=True):
    """What differs of a service, the same for each of these priorities and kinds; '' is what names none that there is.

    `cut`: not everything that may be supposed of signals and turns was looked at.
    """

    service: ServiceId
    rows: tuple[tuple[Priority, Kind], ...]
    changes: tuple[Change, ...]
    cut: bool = False

    @property
    def minutes(self) -> int:
        """Minutes in which an opening goes another way, whichever; what is begun counts."""
        return minutes(span for change in self.changes for span in change.windows)


class Against(Struct, frozen=True):
    """All that differs over the openings of `proved`, and services that only one of both has."""

    proved: Span
    groups: tuple[Alike, ...]
    added: tuple[ServiceId, ...]
    removed: tuple[ServiceId, ...]

    @property
    def services(self) -> tuple[ServiceId, ...]:
        """Whose reach differs."""
        return tuple(dict.fromkeys(one.service for one in self.groups if one.service))

    @property
    def nowhere(self) -> bool:
        """Whether that of reports differs that name no service that there is."""
        return any(not one.service for one in self.groups)


def against(old: Case, new: Case) -> Against:
    """The exact difference of what is proved of both, over the time that both prove; of no known service first."""
    comparing = _Comparing(old, new)
    known = {(row.service, row.priority, row.kind): row for row in old.proof.every}
    alike: dict[tuple[ServiceId, str], tuple[list[tuple[Priority, Kind]], Compared]] = {}
    for row in (*new.proof.nowhere, *new.proof.rows):
        before = known.get((row.service, row.priority, row.kind))
        compared = NOTHING if before is None else comparing.of(before, row)
        if compared.changes:
            same = alike.setdefault((row.service, repr(compared)), ([], compared))
            same[0].append((row.priority, row.kind))
    had, has = (dict.fromkeys(row.service for row in one.proof.rows) for one in (old, new))
    return Against(
        Span(max(old.start, new.start), min(old.end, new.end)),
        tuple(Alike(name, tuple(rows), found.changes, found.cut) for (name, _), (rows, found) in alike.items()),
        tuple(one for one in has if one not in had),
        tuple(one for one in had if one not in has),
    )


def minutes(spans: Iterable[Span]) -> int:
    """How many minutes they cover together; what is begun counts."""
    return -(-sum(one.end - one.start for one in joined(spans)) // MINUTE)


class Compared(Struct, frozen=True):
    """What differs of two rows; `cut`: not everything that may be supposed was looked at."""

    changes: tuple[Change, ...]
    cut: bool = False


NOTHING = Compared(())


class _Comparing:
    """Rows that go the same ways are compared once, and so are lines that ways share."""

    def __init__(self, old: Case, new: Case) -> None:
        self.cases = old, new
        self._grounds = tuple(Ground(one.world, one.start) for one in (old, new))
        self._explorers = tuple(map(Explorer, self._grounds, (old.end, new.end)))
        self._differing = differing(old.rulebook, new.rulebook) if old.facts == new.facts else None
        self._known: dict[tuple[int, int, str], Compared] = {}
        self._steps: dict[tuple[int, int], Compared] = {}
        self._lines: dict[tuple[int, int], tuple[Change, ...]] = {}

    def of(self, old: Row, new: Row) -> Compared:
        sides = [self._openings(number, row) for number, row in enumerate((old, new))]
        supposed = [[(one.supposed, one.alike) for one in side.all] for side in sides]
        key = (id(old.ways), id(new.ways), repr(supposed) if len(old.ways) + len(new.ways) > 2 else "")
        if key not in self._known:
            self._known[key] = self._compared(old, new, *sides)
        return _both(self._known[key], self._later(old, new))

    def _later(self, old: Row, new: Row) -> Compared:
        """What differs of later steps; rows that share their ways share that, too."""
        key = (id(old.ways), id(new.ways))
        if key not in self._steps:
            sides = [
                openings_of(self._grounds[n], row.service, row.priority, row.kind) for n, row in enumerate((old, new))
            ]
            runs = frozenset(one for side in sides for opening in side.all for one in policies_of(opening))
            alike = self._differing is not None and not self._differing & runs
            self._steps[key] = NOTHING if alike else self._stepped((old, new), sides, runs)
        return self._steps[key]

    def _stepped(self, rows: tuple[Row, Row], sides: list[Openings], policies: frozenset[PolicyId]) -> Compared:
        books = [case.rulebook.policies for case in self.cases]
        asked = asked_of(book[one] for book in books for one in policies if one in book)
        made = []
        for explorer, row, side in zip(self._explorers, rows, sides, strict=True):
            explored = [one for opening in side.all for one in explorer.later(opening, asked)]
            cut = (Phrase("lab.proof.cut"),) if any(one.cut for one in explored) else ()
            made.append(replace(row, ways=tuple(one.way for one in explored), assuming=cut))
        return self._compared(made[0], made[1], *sides)

    def _openings(self, number: int, row: Row) -> Openings:
        if len(row.ways) == 1:
            return Openings((), cut=False)
        return openings_of(self._grounds[number], row.service, row.priority, row.kind)

    def _compared(self, old: Row, new: Row, before: Openings, after: Openings) -> Compared:
        """Of every pair of ways that go together; each change with what must be supposed for it, and no more."""
        joint = Joint(old, new, before, after)
        found: dict[Change, list[int]] = {}
        for number, pair in enumerate(joint.pairs):
            after_of = pair.after.lines
            for rung, line in pair.before.lines.items():
                for change in self._of_lines(rung, line, after_of[rung]):
                    found.setdefault(change, []).append(number)
        changes = (
            replace(change, assuming=said(supposed))
            for change, numbers in found.items()
            for supposed in joint.under(numbers)
        )
        return Compared(tuple(changes), joint.cut)

    def _of_lines(self, rung: str, old: tuple[Stretch, ...], new: tuple[Stretch, ...]) -> tuple[Change, ...]:
        key = (id(old), id(new))
        if key not in self._lines:
            self._lines[key] = tuple(_changes(rung, old, new)) if old != new else ()
        return tuple(replace(change, rung=rung) for change in self._lines[key])


def _both(first: Compared, later: Compared) -> Compared:
    """What differs at any rung; of later steps what does not follow from what differs before."""
    told = first.changes + tuple(_by_itself(later.changes, first.changes))
    return Compared(told, first.cut or later.cut)


def _by_itself(later: tuple[Change, ...], first: tuple[Change, ...]) -> Iterator[Change]:
    """What a later step changes: others than before, wherever that is; only the time, where nothing before differs.

    For who comes later at one step comes later at all that follow.
    """
    known = [(one, _whom(one), frozenset(map(repr, one.assuming))) for one in (*first, *later)]
    covers: dict[object, tuple[Span, ...]] = {}
    for one, whom, supposed in known[len(first) :]:
        others = whom if whom[0] != whom[1] else None
        covered = covers.get((one.rung, others, supposed))
        if covered is None:
            covered = covers[one.rung, others, supposed] = joined(
                span
                for each, theirs, less in known
                if comes_before(each.rung, one.rung) and others in (None, theirs) and less <= supposed
                for span in each.windows
            )
        windows = tuple(beyond(one.windows, covered))
        if windows:
            yield replace(one, windows=windows)


def _whom(one: Change) -> tuple[object, object]:
    """Who is reached, before and after."""
    before, after = ((frozenset(side.people), side.any_of) for side in (one.before, one.after))
    return before, after


def _changes(rung: str, old: tuple[Stretch, ...], new: tuple[Stretch, ...]) -> Iterator[Change]:
    alike: dict[tuple[Mark, object, object], list[Apart]] = {}
    for one in apart(old, new):
        alike.setdefault((_mark(one), _told(one.before), _told(one.after)), []).append(one)
    for (mark, *_), same in alike.items():
        windows = joined(Span(one.start, one.end) for one in same)
        yield Change(rung, mark, _reached([one.before for one in same]), _reached([one.after for one in same]), windows)


def _told(one: Stretch) -> object:
    steady = one.at is None or one.moves
    return frozenset(one.any_of or one.people), bool(one.any_of), steady, one.delay if steady else None


def _reached(all_: list[Stretch]) -> Reached:
    one = all_[0]
    waits = [each.delay for each in all_ if each.delay is not None]
    people = () if one.at is None else tuple(one.any_of or one.people)
    return Reached(people, bool(one.any_of), max(waits, default=None), one.at is None or one.moves)


def _mark(one: Apart) -> Mark:
    if one.before.at is None or one.after.at is None:
        return "others" if one.before.at is one.after.at else "reached" if one.before.at is None else "lost"
    gained = {_gain(one, at) for at in (one.start, one.end - 1)}
    if gained == {0}:
        return "others"
    return "mixed" if {-1, 1} <= gained else "later" if -1 in gained else "sooner"


def _gain(one: Apart, opening: int) -> int:
    """1 where somebody hears of it sooner than before, -1 later, 0 at the same time."""
    before, after = one.before.reached_at(opening), one.after.reached_at(opening)
    if before is None or after is None:
        return 0
    return (before > after) - (before < after)
