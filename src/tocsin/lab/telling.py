"""A transcript told line by line: when, what, why, and how far from its plan."""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.core.incident import events as ev
from tocsin.core.incident.commands import author
from tocsin.core.incident.telling import tell
from tocsin.core.instant import Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.lab.simulator import NotDone, Told, Transcript, Tried


class Line(Struct, frozen=True):
    """One line. Values named `person`, `by` and `people` hold ids; whoever shows them knows names.

    `offset` counts from the opening; `planned` is when it was meant to happen, None where nobody had planned it. `kind`
    is the fact's name as it is stored, or `refused` for a command that changed nothing.
    """

    at: Instant
    offset: Duration
    incident: str
    kind: str
    what: Phrase
    why: Phrase | None = None
    planned: Instant | None = None
    by: str = ""

    @property
    def late(self) -> Duration:
        """How much later than planned, in microseconds."""
        return max(self.at - self.planned, 0) if self.planned is not None else 0


def told(transcript: Transcript, opened: Instant) -> tuple[Line, ...]:
    """All lines in the order in which they happened; what was refused stands after the facts of its instant."""
    tries = {(one.message.id, one.at): one for one in transcript.tried}
    called = {
        (one.stream, one.event.round.number): one.event.round.person
        for one in transcript.told
        if isinstance(one.event, ev.Paged)
    }
    facts = [_fact(one, opened, tries, called) for one in transcript.told]
    refusals = [_refused(one, opened) for one in transcript.refused]
    return tuple(sorted((*(one for one in facts if one is not None), *refusals), key=lambda one: one.at))


def _fact(
    one: Told, opened: Instant, tries: Mapping[tuple[str, Instant], Tried], called: Mapping[tuple[str, int], str]
) -> Line | None:
    """One fact as a line; None for those of desks. A call that goes on names whom it calls, as its page does."""
    event = one.event
    if not isinstance(event, ev.Event):
        return None
    sentence, planned = tell(event), event.due_at
    what, why = sentence.what, sentence.why
    if isinstance(event, ev.Rang | ev.CauseAdded):
        person = called.get((one.stream, event.round), "")
        key = "lab.timeline.rang" if isinstance(event, ev.Rang) else "lab.timeline.cause_added"
        what = Phrase(key, {**what.values, "person": person}) if person else what
    if isinstance(event, ev.Delivery):
        tried = tries.get((event.message, event.at))
        planned = tried.message.due_at if tried is not None else planned
        why = tried.message.text if tried is not None and event.outcome == "sent" else why
    kind = str(event.__struct_config__.tag)
    return Line(event.at, event.at - opened, one.stream, kind, what, why, planned, one.by)


def _refused(one: NotDone, opened: Instant) -> Line:
    by = author(one.command)
    what = Phrase(
        "lab.simulate.refused", {"by": by, "command": str(one.command.__struct_config__.tag).replace("_", " ")}
    )
    why = Phrase("lab.simulate.because", {"text": one.why.text})
    return Line(one.at, one.at - opened, one.incident, "refused", what, why, None, by)
