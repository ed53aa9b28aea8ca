"""A case of the conformance kit, read from plain data: what happens, in what organisation, and what must come of it."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, cast

from msgspec import Struct

from tocsin.core.instant import Duration, Instant, format_instant, parse_duration, parse_instant
from tocsin.lab.clock import Clock
from tocsin.lab.kit.lines import KINDS, USUAL, Line, read_lines
from tocsin.lab.kit.shapes import check_happening, check_span

LEVELS = (
    "core", "on-call", "hierarchical", "decisions", "transfers", "working-time", "holding-back", "paging",
    "criteria", "confidential", "rescue",
)  # fmt: skip
TOP = {
    "says", "section", "level", "rulebook", "start", "until", "reach", "away", "covers", "fails", "happens", "expect",
    "watch", "ignore", "tolerance", "cases", "notes",
}  # fmt: skip
TIMES = ("at", "until", "eta", "from", "seen")
STATES = ("declared", "verified", "broken")
NEEDED = ("says", "section", "level", "rulebook", "start", "happens")


class Unreadable(ValueError):
    """A case that is not written as the kit's README says."""


class Case(Struct, frozen=True):
    """One run: everything a system needs to play it, and what it has to tell.

    `rulebook` is plain data in tocsin's language. In `happens` every time is an instant already.
    """

    name: str
    says: str
    section: str
    level: str
    rulebook: dict[str, Any]
    zone: str
    start: Instant
    until: Instant
    reach: dict[str, dict[str, str]]
    away: tuple[dict[str, Any], ...]
    covers: tuple[dict[str, Any], ...]
    fails: tuple[dict[str, Any], ...]
    happens: tuple[dict[str, Any], ...]
    expect: tuple[Line, ...]
    watch: frozenset[str]
    tolerance: Duration = 0


def cases(name: str, raw: Mapping[str, Any], books: Mapping[str, Mapping[str, Any]]) -> Iterator[Case]:
    """Every case of one file: one, or one for each row of its table. Raises Unreadable, saying where and why."""
    rows = raw.get("cases", [{}])
    _only(name, raw, TOP)
    for number, row in enumerate(rows, 1):
        _only(f"{name}, row {number}", row, TOP - {"says", "section", "level", "cases"})
        whole = {**raw, **row}
        own = name if "cases" not in raw else f"{name}#{number}"
        try:
            yield _case(own, whole, books)
        except (KeyError, ValueError, TypeError, AttributeError) as problem:
            raise Unreadable(f"{own}: {_said(problem)}") from problem


def _said(problem: Exception) -> str:
    return str(problem) if isinstance(problem, ValueError) else f"{type(problem).__name__}: {problem}"


def _only(name: str, raw: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(raw) - known):
        raise Unreadable(f"{name}: unknown parts {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _case(name: str, raw: Mapping[str, Any], books: Mapping[str, Mapping[str, Any]]) -> Case:
    if missing := [part for part in NEEDED if part not in raw]:
        raise ValueError(f"it says nothing of {', '.join(missing)}")
    rulebook = _rulebook(raw["rulebook"], books)
    clock = Clock(rulebook["timezone"])
    start = clock.read(raw["start"])
    happens = tuple(_happening(one, clock) for one in raw["happens"])
    expect = read_lines(raw.get("expect", ()), clock.read)
    times = [start, *(one["at"] for one in happens), *(one.at for one in expect)]
    level = raw["level"]
    if level not in LEVELS:
        raise ValueError(f"level {level} is none of {', '.join(LEVELS)}")
    until = clock.read(raw["until"]) if "until" in raw else max(times)
    _in_order([start, *(one["at"] for one in happens), until])
    away, covers, fails = (_spans(kind, raw.get(kind, ()), clock) for kind in ("away", "covers", "fails"))
    return Case(
        name, raw["says"], raw["section"], level, rulebook, clock.zone, start,
        until,
        {person: _ways(ways) for person, ways in raw.get("reach", {}).items()},
        away, covers, fails,
        happens, expect,
        (USUAL | set(_words(raw.get("watch", "")))) - set(_words(raw.get("ignore", ""))),
        parse_duration(raw["tolerance"]) if "tolerance" in raw else 0,
    )  # fmt: skip


def _words(text: str) -> list[str]:
    words = text.split()
    if unknown := [word for word in words if word not in KINDS]:
        raise ValueError(f"{unknown} are no kinds of lines; known are {', '.join(KINDS)}")
    return words


def _rulebook(said: Any, books: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A named rulebook, or one that differs from it: `{like: small, policies: {...}}` replaces what it names."""
    name = said if isinstance(said, str) else said["like"]
    if name not in books:
        raise ValueError(f"there is no rulebook `{name}`; there are {', '.join(sorted(books))}")
    base = dict(books[name])
    if isinstance(said, str):
        return base
    for section, content in said.items():
        if section == "like":
            continue
        both = isinstance(content, Mapping) and isinstance(base.get(section), Mapping)
        base[section] = {**base[section], **content} if both else content
    return base


def _ways(said: Any) -> dict[str, str]:
    """`[email, sms]` are declared; `{email: verified}` says in what state each is."""
    ways = dict(said) if isinstance(said, Mapping) else dict.fromkeys(said, "declared")
    if wrong := [state for state in ways.values() if state not in STATES]:
        raise ValueError(f"a way is {' or '.join(STATES)}, not {wrong[0]}")
    return ways


def _in_order(times: list[Instant]) -> None:
    for before, at in pairwise(times):
        if at < before:
            raise ValueError(
                f"{format_instant(at)} comes after {format_instant(before)}: what happens is in order of time"
            )


def _spans(kind: str, said: Any, clock: Clock) -> tuple[dict[str, Any], ...]:
    for one in said:
        check_span(kind, one)
    return tuple({key: clock.read(v) if key in TIMES else v for key, v in one.items()} for one in said)


def _happening(one: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    check_happening(one)
    return {
        key: clock.read(value) if key in TIMES else value
        for key, value in one.items()
    } | {"incident": int(one.get("incident", 1))}  # fmt: skip


def request(case: Case) -> dict[str, Any]:
    """What a driver is given: the whole case but what is expected, every instant as text."""
    return {
        "id": case.name,
        "level": case.level,
        "rulebook": case.rulebook,
        "zone": case.zone,
        "start": format_instant(case.start),
        "until": format_instant(case.until),
        "reach": case.reach,
        "away": [_told(one) for one in case.away],
        "covers": [_told(one) for one in case.covers],
        "fails": [_told(one) for one in case.fails],
        "happens": [_told(one) for one in case.happens],
    }


def asked(said: Mapping[str, Any]) -> Case:
    """The case that a driver was given, as `request` tells it; nothing is expected of it."""
    away, covers, fails, happens = (tuple(map(_read, said[name])) for name in ("away", "covers", "fails", "happens"))
    start, until = parse_instant(said["start"]), parse_instant(said["until"])
    return Case(
        said["id"], "", "", said["level"], said["rulebook"], said["zone"], start, until, said["reach"],
        away, covers, fails, happens, expect=(), watch=frozenset(),
    )  # fmt: skip


def _read(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: parse_instant(value) if key in TIMES else value for key, value in one.items()}


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: format_instant(cast(int, value)) if key in TIMES else value for key, value in one.items()}
