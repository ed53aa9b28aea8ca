"""What a form asks for: an override as it was written, the override it means, and what speaks against it, by field."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from uuid_utils import uuid7

from tocsin.core.calendar import zones
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, MINUTE, SECOND, Duration, Instant
from tocsin.core.oncall.objection import Objecting, Objection
from tocsin.core.oncall.override import Mode, Override
from tocsin.core.oncall.overriding import objections
from tocsin.web.pages.oncall.view import Viewing
from tocsin.web.parts.walltime import instant
from tocsin.web.parts.words import name_of

LONGEST: Duration = 400 * DAY
"""As long as an override may be."""

FURTHEST: Duration = 4_000 * DAY
"""As far ahead as one may begin."""

REASON = 200
"""Characters of a reason: as long as a title."""

PLACES: Mapping[Objecting, str] = {
    "over": "to", "away": "person", "unreachable": "person", "already": "person", "nothing": "of", "overlaps": "over",
}  # fmt: skip
"""The field that each objection belongs to."""


class Wish(Struct, frozen=True):
    """The fields of the form as they were sent; times as the reader's clock shows them, or as instants in links."""

    schedule: str
    person: str = ""
    of: str = ""
    mode: str = "replace"
    start: str = ""
    end: str = ""
    reason: str = ""
    over: bool = False


class Refusal(Struct, frozen=True):
    """What is wrong with a field, and what would help."""

    place: str
    text: str
    hint: str = ""


def wish(fields: Mapping[str, Any]) -> Wish:
    """The fields of a form or an address."""
    told = {name: str(fields.get(name, "")).strip() for name in ("schedule", "person", "of", "mode", "from", "to")}
    reason = " ".join(str(fields.get("reason", "")).split())
    mode = told["mode"] if told["mode"] in ("add", "remove") else "replace"
    return Wish(
        told["schedule"], told["person"], told["of"], mode, told["from"], told["to"], reason, bool(fields.get("over"))
    )


def meant(asked: Wish, seen: Viewing) -> Override | tuple[Refusal, ...]:
    """The override that the form means, from now on where it begins earlier; else what is wrong with the fields."""
    book, now, zone = seen.world.rulebook, seen.frame.now, seen.shown.zone
    start, end = instant(asked.start, zone, ends=False), instant(asked.end, zone, ends=True)
    wrong = [Refusal(place, seen.text(f"no.{place}"), seen.text(f"no.{place}.hint")) for place in _wrong(asked, seen)]
    if start is None or end is None or wrong:
        empty = [name for name, found in (("from", start), ("to", end)) if found is None]
        return (*wrong, *(Refusal(name, seen.text("no.time"), seen.text("no.time.hint")) for name in empty))
    begins = max(start, now - now % SECOND)
    if (end <= begins and end > now) or end > begins + LONGEST or begins > now + FURTHEST:
        return (Refusal("to", seen.text("no.order"), seen.text("no.order.hint")),)
    mode: Mode = "add" if asked.mode == "add" else "remove" if asked.mode == "remove" else "replace"
    of = PersonId(asked.of) if asked.of in book.people and mode == "replace" else None
    return Override(
        str(uuid7()), ScheduleId(asked.schedule), begins if end > now else start, end, PersonId(asked.person), mode, of,
        asked.reason,
    )  # fmt: skip


def _wrong(asked: Wish, seen: Viewing) -> list[str]:
    """The fields that name what does not exist, or say too much."""
    people = seen.world.rulebook.people
    found = ["person"] if asked.person not in people else []
    found += ["of"] if asked.of and asked.of not in people else []
    return found + (["reason"] if len(asked.reason) > REASON else [])


def refusals(made: Override, seen: Viewing, *, over: bool) -> tuple[Refusal, ...]:
    """What speaks against it. One that lies over another is only made so by somebody who says that it shall."""
    book = seen.world.rulebook
    found = objections(made, seen.frame.now, book.schedules, book.hours, seen.world.facts)
    return tuple(refusal(one, seen) for one in found if one.kind != "overlaps" or not over)


def refusal(one: Objection, seen: Viewing) -> Refusal:
    """An objection in words, at its field."""
    values = {
        "person": name_of(one.person, seen.names),
        "when": seen.stretch(one.start, one.end) if one.end else "",
    }
    key = f"no.{one.kind}"
    return Refusal(PLACES.get(one.kind, "to"), seen.text(key, **values), seen.text(f"{key}.hint", **values))


def tomorrow(seen: Viewing) -> tuple[Instant, Instant]:
    """What a form offers where nothing was chosen: the reader's next whole day, from eight to eight."""
    day = zones.local(seen.shown.zone, seen.frame.now).day + 1
    return zones.start_of(seen.shown.zone, day, 480), zones.start_of(seen.shown.zone, day, 1200)


def rounded(at: Instant) -> Instant:
    """To the minute."""
    return at - at % MINUTE
