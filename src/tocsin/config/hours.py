"""hours: working weeks as people write them, day ranges and openings over midnight, less the holidays of a region."""

import re
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from tocsin.config.complaints import Place, Reader
from tocsin.config.fields import BAD, Bad, Field, Many, Record, Schema, Table, misshapen
from tocsin.config.measures import DAY_WORD, ID_WORD, ZONE
from tocsin.config.tree import Mapping, Node
from tocsin.config.words import Word, WrongError
from tocsin.core.calendar.hours import Hours, Opening
from tocsin.core.ids import HoursId
from tocsin.core.instant import MINUTE, Period, parse_period

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 2020, 2040
"""Holidays of a region are written out as plain days for these years."""

_OPENING = re.compile(r"([0-9]{2}):([0-9]{2})\s*-\s*([0-9]{2}):([0-9]{2})")
_DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun)"


def minute_of(hour: str, minute: str, *, end: bool = False) -> int | None:
    """Minutes after midnight, or None when there is no such time; 24:00 is one only as an end."""
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and (at < 1440 or (end and at == 1440)) else None


def _opening(text: str) -> Opening:
    match = _OPENING.fullmatch(text)
    if not match:
        loose = re.fullmatch(r"([0-9]{1,2})(?::?([0-9]{2}))?\s*(?:-|–|to)\s*([0-9]{1,2})(?::?([0-9]{2}))?", text)
        first, last = (loose.group(1), loose.group(3)) if loose else ("", "")
        hint = f'write "{first:0>2}:{loose.group(2) or "00"}-{last:0>2}:{loose.group(4) or "00"}"' if loose else ""
        raise WrongError(f"{text!r} is not an opening", hint)
    start, end = minute_of(*match.group(1, 2)), minute_of(*match.group(3, 4), end=True)
    if start is None:
        raise WrongError(f"nothing opens at {match.group(1)}:{match.group(2)}", "a day starts at 00:00")
    if end is None:
        raise WrongError(f"nothing closes at {match.group(3)}:{match.group(4)}", "the latest end is 24:00")
    if start == end:
        raise WrongError(f"{text!r} starts and ends at the same time", 'the whole day is "00:00-24:00"')
    return start, end


def days_of(text: str) -> list[int]:
    """The weekdays of `mon`, `mon-fri`, `sat-mon` or `mon,wed`, Monday is 0; WrongError."""
    days: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            short = re.sub(r"([A-Za-z]{3})[A-Za-z]*", lambda match: match.group(1).lower(), text)
            fits = re.fullmatch(rf"{_DAYS}([-,]{_DAYS})*", short)
            raise WrongError(f"{text!r} is not a weekday", f"write {short}" if fits and short != text else "")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return days


_OPENINGS = Many(Word("an opening", "F017", _opening, r"[0-9]{2}:[0-9]{2}\s*-\s*[0-9]{2}:[0-9]{2}"))
_DAY_KEY = Word("a weekday", "F019", days_of, rf"{_DAYS}(?:\s*[-,]\s*{_DAYS})*")


class Week(Struct, frozen=True):
    """Weekdays with their openings; gives seven days, Monday first, each sorted and without overlaps."""

    words: str = "a mapping from weekdays to openings"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            return misshapen(node, self.words, reader, 'write {mon-fri: ["08:00-18:00"]}')
        week: list[list[Opening]] = [[] for _ in WEEKDAYS]
        before = len(reader.complaints)
        seen: set[int] = set()
        for key, value in node.entries:
            days, openings = _DAY_KEY.read(key, reader), _OPENINGS.read(value, reader)
            if days is BAD or openings is BAD:
                continue
            for day in [day for day in days if day in seen]:
                reader.complain("F028", key.at, f"{WEEKDAYS[day]} is given twice", "name each day in one range only")
            seen.update(days)
            for day in days:
                _open(week, day, openings)
        if len(reader.complaints) == before:
            _overlaps(week, node.at, reader)
        if len(reader.complaints) > before:
            return BAD
        return tuple(_joined(day) for day in week)

    def schema(self, shared: Schema) -> Schema:
        names = {"pattern": f"^{_DAY_KEY.pattern}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _OPENINGS.schema(shared)}


def _open(week: list[list[Opening]], day: int, openings: tuple[Opening, ...]) -> None:
    """An opening over midnight becomes two, the second on the next day."""
    for start, end in openings:
        if start < end:
            week[day].append((start, end))
        else:
            week[day].append((start, 1440))
            week[(day + 1) % 7] += [(0, end)] if end else []


def _overlaps(week: list[list[Opening]], at: Place, reader: Reader) -> None:
    for name, day in zip(WEEKDAYS, week, strict=True):
        day.sort()
        for (_start, end), (start, _end) in pairwise(day):
            if start < end:
                reader.complain("F018", at, f"two openings overlap on {name} at {start // 60:02}:{start % 60:02}")
                break


def _joined(day: list[Opening]) -> tuple[Opening, ...]:
    """Openings that touch are one."""
    joined: list[Opening] = []
    for start, end in day:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


@lru_cache(maxsize=64)
def public_holidays(region: str) -> frozenset[str]:
    """The public holidays of `DE` or `GB-ENG` as `YYYY-MM-DD`; WrongError for an unknown region."""
    code, _dash, part = region.partition("-")
    country = _country(code)
    try:
        found = country(subdiv=part or None, years=range(FIRST_YEAR, LAST_YEAR + 1)) if country else None
    except NotImplementedError:
        found = None
    if found is None:
        raise WrongError(f"no holidays are known for {region!r}")
    return frozenset(day.isoformat() for day in found)


def _country(code: str) -> Any:
    """The class of one country, from its own file: the library's door would import all three hundred (0.6 s)."""
    from holidays import registry  # only where a rulebook names a region: it is the slowest import of all

    module = next((module for module, names in registry.COUNTRIES.items() if code in names[1:]), None)
    if module is None:
        return None
    file = Path(registry.__file__).with_name("countries") / f"{module}.py"
    spec = spec_from_file_location(f"tocsin_holidays_{module}", file)
    assert spec is not None
    assert spec.loader is not None
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return getattr(loaded, code)


def _holiday(text: str) -> frozenset[str]:
    if re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", text):
        return public_holidays(text)
    if re.match(r"[0-9]", text):
        return frozenset({DAY_WORD.convert(text)})
    raise WrongError(f"{text!r} is neither a region nor a day")


def _nominal(text: str) -> int:
    try:
        period = parse_period(text)
    except ValueError as problem:
        raise WrongError(str(problem).partition("; ")[0]) from None
    if period.days or not MINUTE <= period.time <= Period(days=1).elapsed:
        raise WrongError(f"a working day of {text} is none", "write it in hours: 8h")
    return period.time


def _make(values: dict[str, Any], node: Mapping, reader: Reader) -> dict[str, Any] | Bad:
    if not any(values["week"]):
        reader.complain("F017", node.at, "these hours never open", "give at least one day an opening")
        return BAD
    return values


def _named(name: str, values: dict[str, Any], _at: Place, reader: Reader) -> Hours:
    week = values["week"]
    longest = max(sum(end - start for start, end in day) for day in week) * MINUTE
    days = frozenset[str]().union(*values.get("holidays", ()))
    zone = values.get("timezone", reader.timezone)
    return Hours(HoursId(name), zone, week, values.get("day", longest), days)


HOURS = Table(
    ID_WORD,
    Record(
        "hours",
        "A working week in one zone, less the holidays.",
        (
            Field("timezone", ZONE, "the zone of the openings", default="the rulebook's"),
            Field("week", Week(), "openings by weekday", required=True, example='{mon-fri: ["08:00-18:00"]}'),
            Field(
                "holidays",
                Many(Word("a region or a day", "F029", _holiday)),
                f"regions and days on which it stays closed; regions are written out for {FIRST_YEAR} to {LAST_YEAR}",
                default="none",
                example="[GB-ENG, 2026-12-24]",
            ),
            Field(
                "day",
                Word("a duration", "F011", _nominal, "(?:[0-9]+[mh])+"),
                "what one `d` means",
                False,
                "the longest weekday",
                "8h",
            ),
        ),
        _make,
    ),
    "ids",
    _named,
    partial=True,
)
