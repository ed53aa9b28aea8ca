"""The shapes of what happens in a case: a mistake in one is found when the case is read, not while it is played."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.lab.kit.acts import ACTS, target

NEEDS = {"reassign": "to", "set priority": "priority"}
"""What a verb cannot do without."""


class _Span(Struct, forbid_unknown_fields=True, rename={"start": "from"}, kw_only=True):
    start: str
    until: str


class _Away(_Span, rename={"start": "from"}):
    person: str


class _Covers(_Span, rename={"start": "from"}):
    schedule: str
    person: str
    mode: Literal["replace", "add", "remove"] = "replace"


class _Fails(Struct, forbid_unknown_fields=True, rename={"start": "from"}, kw_only=True):
    how: Literal["for now", "for good"]
    start: str = ""
    until: str = ""
    method: str = ""
    person: str = ""


class _Happens(Struct, forbid_unknown_fields=True, kw_only=True):
    at: str
    incident: str = "1"


class _Signal(_Happens):
    signal: dict[str, Any]
    source: str = ""


class _Deed(_Happens):
    who: str
    does: str
    to: str = ""
    reason: str = ""
    text: str = ""
    until: str = ""
    eta: str = ""
    seen: str = ""
    option: str = ""
    ladder: Literal["functional", "hierarchical"] = "functional"
    priority: Priority = "P1"


class _Said(Struct, forbid_unknown_fields=True):
    person: str
    method: str
    outcome: Literal["rung out", "bounced"]


class _Receipt(_Happens):
    provider: _Said


class _AwayNow(_Happens, rename={"start": "from"}):
    away: str
    start: str
    until: str


class _Shift(Struct, forbid_unknown_fields=True):
    schedule: str
    person: str


class _CoversNow(_Happens, rename={"start": "from"}):
    covers: _Shift
    start: str
    until: str
    mode: Literal["replace", "add", "remove"] = "replace"


SPANS: dict[str, type[Struct]] = {"away": _Away, "covers": _Covers, "fails": _Fails}
HAPPENS: dict[str, type[Struct]] = {
    "signal": _Signal,
    "does": _Deed,
    "provider": _Receipt,
    "away": _AwayNow,
    "covers": _CoversNow,
}


def check_span(kind: str, said: Any) -> None:
    """An absence, an override or a failure of a case. ValueError where it is none."""
    _check(said, SPANS[kind])


def check_happening(said: Any) -> None:
    """One of what happens. ValueError where it is none, or more than one."""
    kinds = [kind for kind in HAPPENS if isinstance(said, Mapping) and kind in said]
    if len(kinds) != 1:
        raise ValueError(f"`{said}` has to be one of {', '.join(HAPPENS)}")
    _check(said, HAPPENS[kinds[0]])
    if kinds == ["does"]:
        _check_deed(said)


def _check(said: Any, shape: type[Struct]) -> None:
    try:
        msgspec.convert(said, shape)
    except msgspec.ValidationError as problem:
        raise ValueError(f"`{said}`: {problem}") from None


def _check_deed(said: Mapping[str, Any]) -> None:
    verb = said["does"]
    if verb not in ACTS:
        raise ValueError(f"nobody can `{verb}`; the verbs are {', '.join(ACTS)}")
    if NEEDS.get(verb, "at") not in said:
        raise ValueError(f"`{verb}` needs `{NEEDS[verb]}`")
    try:
        target(said.get("to", "team"))
    except KeyError:
        raise ValueError(f"`{said['to']}` is no target: `team:x`, `person:x` or a word such as `team.lead`") from None
