"""Who is reached differently, in words: one table for each service with what goes alike, for pages and for comments."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Duration, Instant, Span, format_duration
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind
from tocsin.lab.verifier.against import Against, Alike, Mark, Reached, minutes
from tocsin.lab.verifier.neighbours import Widened, beside
from tocsin.lab.verifier.windows import Windows, folded
from tocsin.lib.moments import day, length, local
from tocsin.lib.translate import ENGLISH, say, text

GROUPS, CHANGES, WINDOWS, NAMES = 30, 20, 6, 12
"""How many tables, rows of one, windows and names of a row are told; the others are counted."""

Quote = Callable[[str], str]


class Words(Struct, frozen=True):
    """On whose clock and in which language it is told; `name` is a person's, `quote` makes harmless what rules say."""

    zone: str
    name: Callable[[PersonId], str]
    language: str = ENGLISH
    quote: Quote = str


class Line(Struct, frozen=True):
    """All openings that go from one way to the same other; `supposed` is what that takes for granted."""

    rung: str
    supposed: tuple[str, ...]
    windows: tuple[str, ...]
    before: str
    after: str
    mark: Mark
    change: str
    minutes: int


class Table(Struct, frozen=True):
    """What differs of one service, the same for each of `rows`; `more` says how many lines are left out."""

    service: str
    rows: str
    minutes: str
    cut: str
    lines: tuple[Line, ...]
    more: str


class Told(Struct, frozen=True):
    """All of it; '' where there is nothing to say. `moments`: how many openings are told with a neighbour."""

    title: str
    proved: str
    only: tuple[str, ...]
    tables: tuple[Table, ...]
    more: str
    moments: str = ""


def tell(found: Against, words: Words) -> Told:
    """The first tables, and how many there are besides."""
    return _Teller(found, words).told()


class _Teller:
    def __init__(self, found: Against, words: Words) -> None:
        self.found, self.words, self.zone, self.language = found, words, words.zone, words.language
        self.moments: set[tuple[ServiceId, Instant]] = set()

    def say(self, name: str, **values: object) -> str:
        return text(f"lab.against.{name}", {key: str(value) for key, value in values.items()}, self.language)

    def told(self) -> Told:
        found = self.found
        start, end = self._day(found.proved.start), self._day(found.proved.end - 1)
        tables = tuple(map(self._table, found.groups[:GROUPS]))
        only = (("added", found.added), ("removed", found.removed))
        return Told(
            self._title(),
            self.say("proved", start=start, end=end, zone=self.words.quote(self.zone)),
            tuple(self.say(name, services=self._listed(some)) for name, some in only if some),
            tables,
            self.more(len(found.groups) - GROUPS),
            self.say("moments", n=len(self.moments)) if self.moments else "",
        )

    def _title(self) -> str:
        found, services = self.found, len(self.found.services)
        if services:
            return self.say("differ_too" if found.nowhere else "differ", n=services)
        alike = "same_known" if found.added or found.removed else "same"
        return self.say("differ_nowhere" if found.nowhere else alike)

    def more(self, left: int) -> str:
        return self.say("more", n=left) if left > 0 else ""

    def _table(self, group: Alike) -> Table:
        whole = (self.found.proved.end - self.found.proved.start) // MINUTE
        left = beside(group.changes)
        self.moments |= {(group.service, at) for at in left.moments}
        return Table(
            self.words.quote(group.service or text("lab.table.nowhere", {}, self.language)),
            self.words.quote(_rows(group.rows)),
            self.say("minutes", n=group.minutes, all=whole),
            say(Phrase("lab.proof.cut"), self.language) if group.cut else "",
            tuple(map(self._line, left.changes[:CHANGES])),
            self.more(len(left.changes) - CHANGES),
        )

    def _line(self, told: Widened) -> Line:
        change, windows = told.change, folded(told.windows, self.zone)
        more = self.more(len(windows) - WINDOWS)
        before, after = self._reached(change.before), self._reached(change.after)
        if before == after:  # they differ by less than is usually told of a wait
            before, after = self._reached(change.before, format_duration), self._reached(change.after, format_duration)
        return Line(
            self._rung(change.rung),
            tuple(self.words.quote(say(one, self.language)) for one in change.assuming),
            (*map(self._windows, windows[:WINDOWS]), *([more] if more else [])),
            before,
            after,
            change.mark,
            self.say(f"mark.{change.mark}"),
            minutes(change.windows),
        )

    def _rung(self, name: str) -> str:
        ladder, _, number = name.partition(":")
        return self.say(f"rung.{ladder}", n=number)

    def _reached(self, one: Reached, said: Callable[[Duration], str] | None = None) -> str:
        if one.wait is None:
            return self.say("nobody")
        people = self._listed([self.words.name(person) for person in one.people])
        if one.any_of:
            people = self.say("any_of", people=people)
        if one.steady and not one.wait:
            return self.say("at_once", people=people)
        told = (said or self._length)(one.wait if one.steady else _up(one.wait))
        return self.say("after" if one.steady else "within", people=people, wait=told)

    def _length(self, wait: Duration) -> str:
        return length(wait, language=self.language)

    def _listed(self, names: Sequence[str]) -> str:
        more = self.more(len(names) - NAMES)
        return ", ".join([*map(self.words.quote, names[:NAMES]), *([more] if more else [])])

    def _windows(self, one: Windows) -> str:
        first, last = one.spans[0], one.spans[-1]
        if first == self.found.proved:
            return self.say("always")
        if len(one.spans) == 1:
            return self._single(first, clear=one.clear)
        every = self._every(one)
        begin, until = self._day(first.start), self._day(last.start)
        return self.say("recurring", every=every, times=self._times(first), n=len(one.spans), first=begin, last=until)

    def _every(self, one: Windows) -> str:
        """`every day`, `every Monday, Tuesday`, `every 2 weeks on Monday`, `every 3 days`."""
        if one.days:
            return self.say("nth_day", n=one.days)
        days = {local(span.start, self.zone).weekday(): span.start for span in one.spans}
        names = ", ".join(day(days[n], self.zone, "EEEE", language=self.language) for n in one.weekdays)
        if one.weeks > 1:
            return self.say("nth_week", n=one.weeks, days=names)
        return self.say("every_day") if len(one.weekdays) == 7 else self.say("every", days=names)

    def _single(self, one: Span, *, clear: bool) -> str:
        begin, end = (self._clock(at, named=not clear) for at in (one.start, one.end))
        same = local(one.start, self.zone).date() == local(one.end, self.zone).date()
        until = end if same else f"{self._day(one.end)} {end}"
        return f"{self._day(one.start)} {begin} – {until}"

    def _times(self, one: Span) -> str:
        """Of what recurs: where it ends on another day, that day, or how many days later."""
        begin, end = (self._clock(at) for at in (one.start, one.end))
        days = (local(one.end, self.zone).date() - local(one.start, self.zone).date()).days
        if days == 1 and end == "00:00":
            return f"{begin} – 24:00"
        later = day(one.end, self.zone, "EEEE", language=self.language) if 1 < days < 7 else f"+{days} d"
        return f"{begin} – {end}" if days < (one.end - one.start < DAY) + 1 else f"{begin} – {later} {end}"

    def _clock(self, at: Instant, *, named: bool = False) -> str:
        """Minutes; seconds only where they are not zero, and less than one as a moment after it."""
        found = local(at - at % SECOND, self.zone)
        told = f"{found:%H:%M:%S}" if at % MINUTE >= SECOND else f"{found:%H:%M}"
        told = f"{told} {found:%Z}" if named else told
        return text("lab.table.just_after", {"at": told}, self.language) if at % SECOND else told

    def _day(self, at: Instant) -> str:
        return self.words.quote(day(at, self.zone, "yMMMEd", language=self.language))


def _up(wait: Duration) -> Duration:
    """The next that can be told: what is waited at most is not less than it is."""
    part = SECOND if wait < 10 * MINUTE else MINUTE if wait < DAY else HOUR
    return -(-wait // part) * part


def _rows(rows: Sequence[tuple[Priority, Kind]]) -> str:
    """`P1, P2 (incident, security)`: priorities of the same kinds together."""
    kinds: dict[Priority, list[Kind]] = {}
    for priority, kind in rows:
        kinds.setdefault(priority, []).append(kind)
    alike: dict[tuple[Kind, ...], list[Priority]] = {}
    for name, those in kinds.items():
        alike.setdefault(tuple(those), []).append(name)
    return "; ".join(f"{', '.join(named)} ({', '.join(of)})" for of, named in alike.items())
