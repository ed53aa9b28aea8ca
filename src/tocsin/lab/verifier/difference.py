"""Who is reached differently under another rulebook, and for which openings: the difference of reach, not of text."""

from collections.abc import Iterator

from tocsin.lab.verifier.reach import RUNGS, Difference, Proof, Row, Rung, Stretch, Way


def difference(old: Proof, new: Proof) -> tuple[Difference, ...]:
    """Of each service and priority that both have, the openings that reach others, or at another time.

    Kinds that go the same way are told once, by the first of them. Ways are compared that rest on the same
    suppositions; where a way has no counterpart, with the first way of the other.
    """
    known = {(row.service, row.priority, row.kind): row for row in old.rows}
    told: set[object] = set()
    found: list[Difference] = []
    for row in new.rows:
        before = known.get((row.service, row.priority, row.kind))
        mark = (row.service, row.priority, id(before.ways) if before is not None else 0, id(row.ways))
        if before is not None and mark not in told:
            told.add(mark)
            found += _of_row(before, row)
    return tuple(found)


def _of_row(old: Row, new: Row) -> Iterator[Difference]:
    for way in new.ways:
        before = next((one for one in old.ways if one.assuming == way.assuming), old.ways[0])
        for rung in RUNGS:
            yield from _of_line(new, rung, before, way)


def _of_line(row: Row, rung: Rung, old: Way, new: Way) -> Iterator[Difference]:
    """Both lines side by side, cut at the ends of both; neighbours that differ alike are told as one."""
    held: Difference | None = None
    for before, after in _side_by_side(old.line(rung), new.line(rung)):
        if _same(before, after):
            continue
        one = Difference(row.service, row.priority, row.kind, rung, after.start, after.end, before, after)
        if held is not None and _goes_on(held, one):
            held = _joined(held, one)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def _side_by_side(old: tuple[Stretch, ...], new: tuple[Stretch, ...]) -> Iterator[tuple[Stretch, Stretch]]:
    at = max(old[0].start, new[0].start)
    end = min(old[-1].end, new[-1].end)
    i = j = 0
    while at < end:
        while old[i].end <= at:
            i += 1
        while new[j].end <= at:
            j += 1
        until = min(old[i].end, new[j].end, end)
        yield _cut(old[i], at, until), _cut(new[j], at, until)
        at = until


def _cut(one: Stretch, start: int, end: int) -> Stretch:
    return Stretch(start, end, one.reached_at(start), one.moves, one.people, one.by, one.any_of)


def _same(one: Stretch, other: Stretch) -> bool:
    """The same people at the same time; one microsecond is no time to move in."""
    moves = one.moves == other.moves or one.end - one.start == 1
    return one.at == other.at and moves and _people(one) == _people(other)


def _people(one: Stretch) -> frozenset[str]:
    return frozenset(one.any_of or one.people)


def _goes_on(held: Difference, one: Difference) -> bool:
    sides = ((held.before, one.before), (held.after, one.after))
    return held.end == one.start and all(
        first.moves == then.moves
        and _people(first) == _people(then)
        and first.by == then.by
        and first.reached_at(then.start) == then.at
        for first, then in sides
    )


def _joined(held: Difference, one: Difference) -> Difference:
    before, after = _cut(held.before, held.start, one.end), _cut(held.after, held.start, one.end)
    return Difference(held.service, held.priority, held.kind, held.rung, held.start, one.end, before, after)
