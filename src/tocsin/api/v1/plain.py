"""Values as programs outside read them: instants as RFC 3339 in UTC, durations as `10m`."""

from typing import Any

import msgspec

from tocsin.core.incident.state import Alert, Ring, Rung
from tocsin.core.instant import Instant, format_duration, format_instant
from tocsin.core.phrase import Phrase
from tocsin.lib.translate import say

INSTANTS = frozenset(
    """at due_at until next_at close_at review_at quiet_at ends_at since asked_until deadline call_at entered_at
    resolved_at plan""".split()
)
DURATIONS = frozenset({"within", "length", "spacing", "shift"})
"""Fields of events that are a time or a length; the types of core do not tell them from other numbers."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "alerts": Alert.__struct_fields__,
    "ladder": Rung.__struct_fields__,
    "rings": Ring.__struct_fields__,
}
"""Fields whose values are stored as rows without names."""

HIDDEN = frozenset({"at", "due_at", "type"})
"""Fields that stand beside the data already."""


def when(instant: Instant | None) -> str | None:
    """An instant, or null."""
    return None if instant is None else format_instant(instant)


def data_of(event: msgspec.Struct) -> dict[str, Any]:
    """The fields of an event, without its times."""
    built = msgspec.to_builtins(event)
    return {name: plain(name, value) for name, value in built.items() if name not in HIDDEN}


def plain(name: str, value: Any) -> Any:
    """A value of built-in types, by the name of its field."""
    if name in COLUMNS and isinstance(value, dict | list | tuple):
        return _named(name, value)
    match value:
        case bool() | None | str() | float():
            return value
        case int():
            if name in INSTANTS:
                return format_instant(value)
            return format_duration(value) if name in DURATIONS else value
        case list() | tuple():
            return [plain("", item) for item in value]
        case dict() if value.keys() == {"key", "values"}:
            return {"key": value["key"], "values": value["values"], "text": say(Phrase(value["key"], value["values"]))}
        case dict():
            return {key: plain(name if name == "plan" else key, item) for key, item in value.items()}
        case _:
            return str(value)


def _named(name: str, rows: Any) -> Any:
    """Rows with the names of their columns."""
    if isinstance(rows, dict):
        return {key: _row(name, row) for key, row in rows.items()}
    return [_row(name, row) for row in rows]


def _row(name: str, row: Any) -> dict[str, Any]:
    return {column: plain(column, value) for column, value in zip(COLUMNS[name], row, strict=False)}
