"""What a name can be at all: one of few words, a whole number within bounds, or a text of a certain form."""

import math
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import get_args

from tocsin.core.incident.state import Status
from tocsin.core.phrase import Phrase
from tocsin.core.routing.vocabulary import NAMES, WEEKDAYS
from tocsin.core.signal import Action, Kind

MOST = 2**40
"""More is never counted."""

TOLD = 12
"""Words of a list that are told."""

WORDS: dict[str, tuple[str, ...]] = {
    "signal.kind": get_args(Kind),
    "signal.action": get_args(Action),
    "signal.reported_by": ("tool", "person"),
    "incident.status": tuple(one for one in get_args(Status) if one != "new"),
    "calendar.weekday": WEEKDAYS,
}
"""Names that are one of these words; no condition is asked of an incident that is new."""

RANKS = frozenset(range(1, 6))
"""Priorities as numbers."""

FLAGS = frozenset(row.name for row in NAMES if row.type == "flag")
_COUNTS = frozenset({"signal.affected_users", "incident.alerts", "incident.reopened", "incident.age_minutes"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def among(name: str) -> frozenset[str | int] | None:
    """All that it can be, where that is little; else None."""
    if name in FLAGS:
        return frozenset({True, False})
    if name == "incident.priority":
        return frozenset(RANKS)
    words = WORDS.get(name)
    return None if words is None else frozenset(words)


def bounds(name: str) -> tuple[float, float]:
    """The least and the most that it can be."""
    if name == "calendar.hour":
        return 0, 23
    return (0, MOST) if name in _COUNTS or name.startswith("reports(") else (-math.inf, math.inf)


def can(name: str, value: str | int) -> bool:
    """Whether a text has the form that this name's texts have; of anything else nothing is said."""
    if not isinstance(value, str):
        return True
    if name == "signal.severity":
        return value == value.lower()
    return name != "calendar.date" or _DATE.fullmatch(value) is not None


def advice(name: str, values: Collection[str | int], least: float = -math.inf) -> Phrase | None:
    """What to write instead of what it never is, one of these or no less than that; None where nothing is known."""
    said = sorted(one for one in values if isinstance(one, str))
    if name == "signal.severity" and said:
        return Phrase("lab.domain.lower", {"name": name, "near": ", ".join(dict.fromkeys(map(str.lower, said)))})
    if name == "calendar.date" and said:
        return Phrase("lab.domain.date", {"name": name, "form": "2026-12-24"})
    if name == "incident.priority":
        return one_of(name, [f"P{rank}" for rank in sorted(RANKS)], ())
    if name in WORDS:
        return one_of(name, WORDS[name], said)
    low, high = bounds(name)
    if low == -math.inf:
        return None
    if high == MOST and not any(one > MOST for one in (*values, least) if not isinstance(one, str)):
        return Phrase("lab.domain.least", {"name": name, "low": str(low)})
    return Phrase("lab.domain.range", {"name": name, "low": str(low), "high": str(high)})


def one_of(name: str, words: Iterable[str], said: Iterable[str]) -> Phrase:
    """That it is one of these, and which of them was likely meant."""
    known = list(words)
    values = {"name": name, "words": ", ".join([*known[:TOLD], *(["..."] if len(known) > TOLD else [])])}
    near = ", ".join(dict.fromkeys(filter(None, (nearest(one, known) for one in said))))
    return Phrase("lab.domain.words_near", {**values, "near": near}) if near else Phrase("lab.domain.words", values)


def nearest(said: str, words: Iterable[str]) -> str:
    """The word that was likely meant: a short form of it, a longer one, or one spelt much like it; else ''."""
    known, lower = list(words), said.lower()
    if len(lower) >= 3:
        for one in known:
            if one.startswith(lower) or lower.startswith(one):
                return one
    return next(iter(get_close_matches(lower[:80], known, n=1, cutoff=0.6)), "")
