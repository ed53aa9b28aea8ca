"""What comes in with a request: JSON objects without unknown fields, times, targets and people that exist."""

from typing import Any, TypeVar

import msgspec

from tocsin.api.here import Asked
from tocsin.api.problem import Problem
from tocsin.config.complaints import nearest
from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.instant import DAY, Duration, Instant, calendar, parse_duration, parse_instant
from tocsin.core.rulebook import Rulebook

T = TypeVar("T")

LONGEST: Duration = 400 * DAY
"""As long as anything that is laid out or planned may be."""

FURTHEST: Duration = 4_000 * DAY
"""As far ahead as anything can be planned."""


async def body_of(request: Asked, kind: type[T]) -> T:
    """The body as `kind`; an empty one counts as {}. Raises Problem 400 for no JSON, 422 for the wrong one."""
    raw = await request.body() or b"{}"
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise invalid(str(error), f"It takes {_fields(kind)}.") from None
    except msgspec.DecodeError as error:
        raise Problem(400, "json", f"The body is not JSON: {error}", "Send a JSON object.") from None


def _fields(kind: type[Any]) -> str:
    return ", ".join(getattr(kind, "__struct_fields__", ())) or "a JSON object"


def invalid(detail: str, hint: str = "", **more: Any) -> Problem:
    """422: understood, and wrong."""
    return Problem(422, "invalid", detail, hint, **more)


def time_of(text: str, now: Instant, name: str) -> Instant | None:
    """A time as RFC 3339 or, from now, as a duration; None where nothing is said. Raises Problem 422."""
    if not text:
        return None
    try:
        return now + parse_duration(text) if text[-1:] in "smhd" else calendar(parse_instant(text))
    except ValueError as error:
        raise invalid(f"{name}: {error}", "Write 2026-01-05T09:30:00Z, or a duration such as 30m.") from None


def span_of(start: str, end: str, now: Instant) -> tuple[Instant, Instant]:
    """[start, end) as times or durations: `start` from now, now where nothing is said; `end` from it.

    Raises Problem 422 for one that is empty, over, longer than LONGEST, or further away than FURTHEST.
    """
    begin = time_of(start, now, "start")
    begin = now if begin is None else begin
    if begin > now + FURTHEST:
        raise invalid("start: that is too far away.")
    ends = time_of(end, begin, "end")
    if ends is None or not begin < ends <= begin + LONGEST:
        raise invalid("end: it must come after start, and at most 400 days later.")
    if ends <= now:
        raise invalid("end: that is over.")
    return begin, ends


def target_of(text: str, rulebook: Rulebook, name: str) -> Target:
    """`person:ana`, `team:payments`, `manager:1` or a closed word, of what exists. Raises Problem 422."""
    if text in WORDS:
        return Target("word", text)
    kind, _, what = text.partition(":")
    known: dict[TargetKind, Any] = {
        "person": rulebook.people,
        "team": rulebook.teams,
        "schedule": rulebook.schedules,
        "role": rulebook.roles,
        "manager": "123456789",
    }
    for word, names in known.items():
        if kind == word and what and what in names:
            return Target(word, what)
    hint = nearest(what, known.get(kind, ())) if kind in known else ""
    raise invalid(f"{name}: {text!r} names nobody.", hint or "Write person:ID, team:ID, role:ID or schedule:ID.")


def reason_of(text: str) -> str:
    """A reason that says something. Raises Problem 422."""
    if not text.strip():
        raise invalid("reason: say why.", "It stands in the timeline, and is told to whom it reaches.")
    return text


def person_of(text: str, rulebook: Rulebook, name: str = "by") -> str:
    """The id of a person of the rulebook. Raises Problem 422."""
    if text in rulebook.people:
        return text
    raise invalid(f"{name}: there is no person {text!r}.", nearest(text, rulebook.people) or "Give the id of a person.")
