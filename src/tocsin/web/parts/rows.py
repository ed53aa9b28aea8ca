"""An incident as one row of a list: whose it is, what comes next and when, what else is worth a word; and its HTML."""

from collections.abc import Iterator
from hashlib import sha256
from secrets import token_hex

from msgspec import Struct

from tocsin.access.about import About, about_incident
from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.instant import DAY, Instant
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.lib import moments
from tocsin.web.layout.kept import Kept
from tocsin.web.layout.reader import Reader
from tocsin.web.layout.render import fragment
from tocsin.web.parts.coming import Coming, Foresight, told
from tocsin.web.parts.words import Names, called_now, name_of, names_of, spoken, zone_at

PLACES = AGE, COUNT, FAR, MARK = tuple(f"[{token_hex(12)}]" for _ in range(4))
"""Stand in kept HTML for what no cache can know: how old it is, how long it takes yet; and for its own mark."""

_MOST = 4_000


class Tag(Struct, frozen=True):
    """A word about the state of things: a key below `web.tag.`, until when, and what people said to it."""

    key: str
    at: Instant | None = None
    said: str = ""


class Row(Struct, frozen=True):
    """`at` is its last event, `over` its end. `involved` own it, are called or are asked now; `about` says who may what
    with it. `zone` is where it happens.
    """

    id: str
    seq: int
    title: str
    priority: str
    status: str
    service: str
    team: str
    since: Instant
    at: Instant
    over: Instant | None
    live: bool
    owner: str
    calling: tuple[str, ...]
    tags: tuple[Tag, ...]
    findings: tuple[str, ...]
    firing: int
    next: Coming | None
    involved: frozenset[PersonId]
    about: About
    zone: str
    reporter: str = ""


class Shaped(Struct, frozen=True):
    """A row as HTML without its times, and the mark of that."""

    row: Row
    html: str
    mark: str

    def filled(self, now: Instant, language: str) -> str:
        """The HTML as it reads now."""
        coming = self.row.next
        count = moments.countdown(coming.at, now, language=language) if coming is not None else ""
        told = {
            AGE: moments.length(now - self.row.since, language=language),
            COUNT: count,
            FAR: " far" if len(count) > 5 else "",
            MARK: self.mark,
        }
        html = self.html
        for place, text in told.items():
            html = html.replace(place, text)
        return html


class Rows:
    """Makes rows and their HTML, and remembers both: nothing is made twice while nothing changes."""

    def __init__(self) -> None:
        self._foresight = Foresight()
        self._rows: Kept[tuple[str, int, str], tuple[World, Names, Row]] = Kept(_MOST)
        self._html: Kept[tuple[str, int, Reader, bool, int], Shaped] = Kept(_MOST)

    def known(self, incident: str, seq: int, world: World, names: Names) -> Row | None:
        """The row that was made of that incident, if the same would be made again."""
        known = self._rows.get((incident, seq, names.language))
        good = known is not None and known[0] is world and known[1].people is names.people
        return known[2] if known is not None and good else None

    def row(self, state: Incident, world: World, names: Names, now: Instant) -> Row:
        """The row of an incident."""
        known = self.known(state.id, state.seq, world, names)
        if known is not None:
            return known
        coming = self._foresight.next_of(state, world, now) if state.live else None
        made = row_of(state, told(coming, names), world.rulebook, names)
        self._rows.put((state.id, state.seq, names.language), (world, names, made))
        return made

    def shaped(self, row: Row, reader: Reader, now: Instant, *, selectable: bool) -> Shaped:
        """Its HTML; `selectable` with a box to tick. It is made anew each day, for it names other days."""
        key = (row.id, row.seq, reader, selectable, now // DAY)
        known = self._html.get(key)
        if known is not None and known.row is row:
            return known
        html = fragment(
            "parts/row.html", now, reader, row=row, selectable=selectable, age=AGE, count=COUNT, far=FAR, mark=MARK
        ).strip()
        return self._html.put(key, Shaped(row, html, _mark(html)))


def _mark(html: str) -> str:
    """The same in every process: without what stands for times here."""
    for place in PLACES:
        html = html.replace(place, "")
    return sha256(html.encode()).hexdigest()[:12]


def row_of(state: Incident, coming: Coming | None, book: Rulebook, names: Names) -> Row:
    """The row of a state, `coming` being what happens next."""
    called = called_now(state)
    asked = (person for one in state.asking for person in one.current)
    return Row(
        id=state.id,
        seq=state.seq,
        title=state.title,
        priority=state.priority,
        status=state.status,
        service=state.service or "",
        team=state.team,
        since=state.opened_at,
        at=state.at,
        over=None if state.live else state.resolved_at,
        live=state.live,
        owner=name_of(state.owner, names) if state.owner else "",
        calling=names_of(called, names),
        tags=tuple(_tags(state)),
        findings=tuple(spoken(one, names) for one in state.findings),
        firing=sum(one.firing for one in state.alerts.values()),
        next=coming,
        involved=frozenset((*called, *asked, *((state.owner,) if state.owner else ()))) if state.live else frozenset(),
        about=about_incident(state, book),
        zone=zone_at(state.team, book),
        reporter=state.signal.reporter if state.signal is not None else "",
    )


def _tags(state: Incident) -> Iterator[Tag]:
    if state.confidential:
        yield Tag("confidential")
    if state.major:
        yield Tag("major")
    if not state.live:
        return
    if state.asking:
        yield Tag("asked")
    if state.lease is not None and state.lease.asked_until is not None:
        yield Tag("still_on_it", state.lease.asked_until)
    if state.snoozed_until is not None:
        yield Tag("snoozed", state.snoozed_until)
    if state.suspended_until is not None:
        yield Tag("suspended", state.suspended_until)
    if state.pending is not None:
        yield Tag("pending", state.pending.review_at, state.pending.reason)
    if state.flap.quiet_at is not None:
        yield Tag("flapping")
    if state.functional.exhausted:
        yield Tag("exhausted")
