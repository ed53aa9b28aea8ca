"""What happened, one sentence a fact, with how late it was where it was planned."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import tell
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.engine.linked import partner
from tocsin.store.queries.states import Event
from tocsin.web.parts.words import Names, spoken

LATE = SECOND
"""Lateness that is worth saying."""

_TONES: dict[type[ev.Fact], str] = {
    ev.Opened: "alarm",
    ev.Reopened: "alarm",
    ev.Exhausted: "alarm",
    ev.Rescued: "alarm",
    ev.AcknowledgementEnded: "alarm",
    ev.StepEntered: "step",
    ev.RungFired: "rung",
    ev.Asked: "rung",
    ev.Climbed: "rung",
    ev.Acknowledged: "good",
    ev.Answered: "good",
    ev.Resolved: "good",
    ev.Delivery: "faint",
    ev.Replanned: "faint",
    ev.StepPassed: "faint",
    ev.RungUnmatched: "faint",
}
"""How loudly a fact is told; the others in an even voice."""


class Entry(Struct, frozen=True):
    """One fact. `late` is None where it came when planned, or was not; `same`: in the second of the one above.

    `said` is what somebody wrote with it; `partner` the other incident of which it speaks.
    """

    seq: int
    at: Instant
    planned: Instant | None
    late: Duration | None
    what: str
    why: str
    tone: str
    same: bool
    said: str = ""
    partner: str = ""


def entries(kept: Sequence[tuple[Event, ev.Event]], words: Mapping[str, str], names: Names) -> tuple[Entry, ...]:
    """The newest first; `words` are the texts that were stored apart, by their keys."""
    newest_first = list(reversed(kept))
    seconds = [row.at // SECOND for row, _ in newest_first]
    same = [False, *(one == before for before, one in pairwise(seconds))]
    told = [_entry(row, event, words, names, same=one) for (row, event), one in zip(newest_first, same, strict=False)]
    return tuple(_unrepeated(one, older) for one, older in zip(told, [*told[1:], None], strict=False))


def _unrepeated(one: Entry, older: Entry | None) -> Entry:
    """Without its reason where the fact just before it, in the same second, had the same."""
    again = older is not None and older.same and older.why == one.why
    return replace(one, why="") if again else one


def _entry(row: Event, event: ev.Event, words: Mapping[str, str], names: Names, *, same: bool) -> Entry:
    told = tell(event)
    late = None if row.due_at is None else row.at - row.due_at
    letter = isinstance(event, ev.Delivery) and event.outcome == "sent"
    return Entry(
        seq=row.seq,
        at=row.at,
        planned=row.due_at,
        late=late if late is not None and late > LATE else None,
        what=spoken(told.what, names),
        why="" if letter else spoken(told.why, names),
        tone=_TONES.get(type(event), "even"),
        same=same,
        said=_said(event, words),
        partner=partner(event),
    )


def _said(event: ev.Event, words: Mapping[str, str]) -> str:
    """What somebody wrote with it, in their own words."""
    match event:
        case ev.Noted() | ev.Posted():
            return words.get(event.text, "")
        case ev.Answered():
            return event.text
        case _:
            return ""
