"""Whether a story would happen again: the same facts in the same order at the same times, or where it differs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import unified_diff
from itertools import takewhile

from msgspec import Struct

from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import tell
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.lab.story.expectations import tag
from tocsin.lab.story.performance import perform
from tocsin.lab.story.stage import Reads, Simulated, Stage
from tocsin.lab.story.story import Story

TOLERANCE: Duration = 5 * SECOND
"""A running installation is late by moments that the simulator is not."""

UNTOLD = frozenset({"alert", "reason", "incident"})
"""Values that are words of people, or depend on what else there was."""

Record = dict[str, tuple[str, ...]]
"""The facts of each incident, by `INC-1` and so on in the order in which they opened, a line each."""


class Again(Struct, frozen=True):
    """`broken` are expectations that did not hold, `differences` lines of a readable difference; none: it would."""

    name: str
    title: str
    broken: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether it would happen again."""
        return not self.broken and not self.differences


def again(story: Story, reads: Reads, before: Story | None = None) -> Again:
    """Play it, and compare. `before` is the same story under the rules that it happened by, where they are others."""
    stage = Simulated(story, reads)
    broken = perform(story, stage)
    happened = story.happened
    if before is not None:
        broken = []  # what was expected was expected of other rules: facts alone are compared
        happened = happened or _played(before, reads)
    differences = compared(happened, recorded(stage, story.start)) if happened else ()
    return Again(story.name, story.title, tuple(broken), differences)


def _played(story: Story, reads: Reads) -> Record:
    stage = Simulated(story, reads)
    perform(story, stage)
    return recorded(stage, story.start)


def recorded(stage: Stage, start: Instant) -> Record:
    """What was told on a stage, in words that need no names."""
    return {f"INC-{n}": record(stage.events(n), start) for n in range(1, stage.incidents() + 1)}


Renames = Callable[[str, str], str]
"""What stands for a value of a fact, by the value's name."""


def record(events: Iterable[ev.Event], start: Instant, renames: Renames = lambda _, value: value) -> tuple[str, ...]:
    """Each fact as `+300 step_entered people=eve step=2`: seconds from the start, its name, and what it says."""
    return tuple(f"+{_seconds(event.at - start)} {_words(event, renames)}" for event in events)


def _seconds(length: Duration) -> str:
    whole, rest = divmod(length, SECOND)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


def _words(event: ev.Event, renames: Renames) -> str:
    values = tell(event).what.values
    said = (f"{name}={renames(name, value)}" for name, value in sorted(values.items()) if name not in UNTOLD)
    return " ".join((tag(event), *said))


def compared(happened: Record, now: Record, tolerance: Duration = TOLERANCE) -> tuple[str, ...]:
    """Where they differ, as lines: of words as a difference, of times alone with both."""
    found: list[str] = []
    for name, (before, after) in _pairs(happened, now):
        found += _of_one(name, before, after, tolerance)
    return tuple(found)


def _pairs(happened: Record, now: Record) -> Iterator[tuple[str, tuple[Sequence[str], Sequence[str]]]]:
    for name in dict.fromkeys((*happened, *now)):
        before, after = happened.get(name, ()), now.get(name, ())
        yield name, (_settled(before), _settled(_as_far(before, after)))


def _as_far(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """Without the receipts at its end that the other lacks: that ends while those messages were on their way."""
    told = {_parted(one)[1] for one in takewhile(_is_receipt, reversed(before))}
    late = list(takewhile(_is_receipt, reversed(after)))
    return [*after[: len(after) - len(late)], *(one for one in reversed(late) if _parted(one)[1] in told)]


def _of_one(name: str, before: Sequence[str], after: Sequence[str], tolerance: Duration) -> Iterator[str]:
    """By facts where they are others, else by times: in what order those of one moment stand, milliseconds decide."""
    told, tells = ([_parted(one)[1] for one in lines] for lines in (before, after))
    if sorted(told) != sorted(tells):
        yield from _as_difference(name, before, after, told, tells)
        return
    pairs = zip(*(sorted(lines, key=lambda one: _parted(one)[::-1]) for lines in (before, after)), strict=True)
    for one, other in sorted(pairs, key=lambda pair: _parted(pair[0])[0]):
        if abs(_parted(one)[0] - _parted(other)[0]) > tolerance:
            yield f"{name}: at another time: {one} is now {other.partition(' ')[0]}"


def _as_difference(
    name: str, before: Sequence[str], after: Sequence[str], told: Sequence[str], tells: Sequence[str]
) -> Iterator[str]:
    """By their words, each shown with its time."""
    times = {"-": iter(before), "+": iter(after)}
    for line in unified_diff(told, tells, name, f"{name} now", lineterm="", n=max(len(told), len(tells))):
        if line.startswith(("---", "+++", "@@")):
            continue
        sign = line[0]
        shown = next(times["+" if sign == "+" else "-"])
        if sign == " ":
            next(times["+"])
        else:
            yield f"{name}: {'no more' if sign == '-' else 'now'}: {shown}"


def _parted(line: str) -> tuple[Instant, str]:
    moment, _, words = line.partition(" ")
    whole, _, rest = moment.removeprefix("+").partition(".")
    return int(whole) * SECOND + int(rest.ljust(6, "0")[:6] or 0), words


def _settled(lines: Sequence[str]) -> list[str]:
    """Receipts after all else, by their words: sends go side by side, and what happens meanwhile waits for none."""
    receipts = [one for one in lines if _is_receipt(one)]
    return [one for one in lines if not _is_receipt(one)] + sorted(receipts, key=lambda one: (*_parted(one)[::-1],))


def _is_receipt(line: str) -> bool:
    return _parted(line)[1].startswith("delivery ")
