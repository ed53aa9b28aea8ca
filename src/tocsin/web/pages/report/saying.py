"""The form as somebody filled it in: kept as it is while something is wrong with it, and then made into a signal."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, get_args

import msgspec
from msgspec import Struct

from tocsin.core.catalogue.rating import HURRIES, REACHES, impact_of, urgency_of
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind, Signal
from tocsin.engine.reporting import Rating
from tocsin.lib.translate import text

TITLE, TEXT, LINE = 200, 5_000, 200
"""Characters; a form with all of them still fits into a request, whatever the script."""

MOST_PEOPLE = 10_000_000
KINDS: tuple[Kind, ...] = get_args(Kind)

BESIDES = ("since", "callback", "whose")
"""What is told beside the text, a line each. It is kept with the text, apart from all events, so that it can be
forgotten: it may hold somebody's telephone number.
"""


class Said(Struct, frozen=True):
    """What stands in the form. `nonce` is the form's own; `seen` are the known incidents that were shown with it."""

    nonce: str = ""
    title: str = ""
    text: str = ""
    kind: str = "incident"
    service: str = ""
    reach: str = ""
    hurry: str = ""
    since: str = ""
    callback: str = ""
    whose: str = ""
    number: str = ""
    manager: str = ""
    by: str = ""
    seen: str = ""

    @property
    def digest(self) -> str:
        """Of everything that was said: the same form sent again has the same."""
        told = {name: value for name, value in msgspec.to_builtins(self).items() if name not in ("nonce", "seen")}
        return sha256(msgspec.json.encode(told)).hexdigest()[:16]


def said_of(form: Mapping[str, Any]) -> Said:
    """What a browser sent, cut to what there is room for."""
    room = {"title": TITLE, "text": TEXT}
    given = {name: str(form.get(name, "")) for name in Said.__struct_fields__ if name in form}
    return Said(**{name: value.replace("\r\n", "\n").strip()[: room.get(name, LINE)] for name, value in given.items()})


def wrong_with(said: Said, book: Rulebook) -> tuple[str, ...]:
    """The fields that have to be looked at again; each has a sentence that says why."""
    good = {
        "title": bool(said.title),
        "service": not said.service or said.service in book.services,
        "reach": said.reach in REACHES,
        "hurry": said.hurry in HURRIES,
        "number": not said.number or (said.number.isascii() and said.number.isdigit()),
    }
    return tuple(name for name, fits in good.items() if not fits)


def rating_of(said: Said, book: Rulebook) -> Rating:
    """How bad it is, in the rulebook's words."""
    rules = book.priorities
    return Rating(rules, impact_of(rules, said.reach), urgency_of(rules, said.hurry))


def signal_of(said: Said, rating: Rating, by: str, language: str) -> Signal:
    """What the rules are asked. The same person who says the same of the same service means the same incident."""
    same = "\0".join((by, said.service, said.kind, " ".join(said.title.casefold().split())))
    return Signal(
        key=sha256(same.encode("utf-8", "replace")).hexdigest()[:32],
        action="trigger",
        title=said.title,
        text=words_of(said, language),
        severity=rating.severity,
        kind=_kind(said.kind),
        service=said.service,
        labels={"affected": said.reach, "hindrance": said.hurry, **rating.labels},
        reported_by="person",
        reporter=by,
        affected_users=min(int(said.number), MOST_PEOPLE) if said.number else int(said.reach == "one"),
        wants_escalation=bool(said.manager),
    )


def words_of(said: Said, language: str) -> str:
    """All that was written, as one text."""
    lines = [
        text(f"web.report.told.{name}", {"said": value}, language)
        for name in BESIDES
        if (value := str(getattr(said, name)))
    ]
    return "\n\n".join(part for part in (said.text, "\n".join(lines)) if part)


def _kind(given: str) -> Kind:
    known: dict[str, Kind] = {one: one for one in KINDS}
    return known.get(given, "incident")
