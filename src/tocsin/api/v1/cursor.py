"""Where a page ends and the next one begins: a place as an opaque text, which is checked when it comes back"""

import base64
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from tocsin.api.reading import invalid

T = TypeVar("T")

MOST = 500
"""Rows of a page, unless a list says otherwise."""


def cursor_of(place: object) -> str:
    """A place as text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str, kind: type[T]) -> T | None:
    """The place that a cursor stands for, None where there is none. Raises Problem 422."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError):
        raise invalid("cursor: it is none of ours.", "Take it from the page before.") from None


def cut(found: Sequence[T], most: int, place: Callable[[T], object]) -> tuple[Sequence[T], str | None]:
    """A page of at most that many, and the cursor to the next; `found` has one row more where there is a next one."""
    shown = found[:most]
    return shown, cursor_of(place(shown[-1])) if len(found) > most else None
