"""One field's value at a time: numbers, truths, times, labels and links in the forms that senders really use."""

import math
import re
from collections.abc import Iterator
from typing import Any

from tocsin.core.instant import Instant, parse_instant
from tocsin.core.signal import Link
from tocsin.intake.bounds import is_web
from tocsin.intake.payload import as_text

_YES = frozenset({"true", "yes", "y", "1", "on"})
_NO = frozenset({"false", "no", "n", "0", "off"})
_SPLIT = re.compile(r"[,\n;]")
_BRACKETS = re.compile(r"labels?(?:\[(.+)\]|\.(.+))", re.IGNORECASE | re.DOTALL)


def amount(value: Any) -> int | None:
    """A count: 640, 640.0, "640", "1,200"."""
    try:
        number = float(as_text(value).replace(",", "").replace("_", ""))
    except ValueError:
        return None
    return int(number) if math.isfinite(number) and 0 <= number < 1e12 else None


def truth(value: Any) -> bool | None:
    """A yes or no in words, numbers or JSON."""
    word = as_text(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def instant(value: Any) -> Instant | None:
    """RFC 3339 with an offset, or a Unix time in seconds, milli-, micro- or nanoseconds, told apart by its size."""
    text = as_text(value).strip()
    try:
        number = float(text)
    except ValueError:
        return _moment(text)
    if not math.isfinite(number) or number <= 0:
        return None
    for limit, factor in ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (1e20, 1e-3)):
        if number < limit:
            return round(number * factor)
    return None


def _moment(text: str) -> Instant | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def labels(value: Any) -> Iterator[tuple[str, str]]:
    """Labels from an object, a list of `k=v`, `k:v` or {name, value}, or such a list as text; bare words are tags."""
    if isinstance(value, dict):
        yield from ((name, as_text(item)) for name, item in value.items())
        return
    items = value if isinstance(value, list) else _SPLIT.split(as_text(value))
    words = []
    for item in items:
        if isinstance(item, dict):
            yield _named(item)
        elif (pair := _pair(as_text(item))) is not None:
            yield pair
        elif word := as_text(item).strip():
            words.append(word)
    if words:
        yield "tags", ", ".join(words)


def _named(item: dict[str, Any]) -> tuple[str, str]:
    for name in ("name", "key", "label"):
        if name in item and "value" in item:
            return as_text(item[name]), as_text(item["value"])
    return "tags", as_text(item)


def _pair(text: str) -> tuple[str, str] | None:
    name, mark, value = text.partition("=") if "=" in text else text.partition(":")
    return (name.strip(), value.strip()) if mark and name.strip() else None


def bracketed(name: str) -> str:
    """The label that a form field names: `host` of `labels[host]` and of `labels.host`; '' for any other field."""
    match = _BRACKETS.fullmatch(name)
    return (match[1] or match[2]) if match else ""


def links(value: Any) -> Iterator[Link]:
    """Links from a list or a single one, each an address or an object with href or url and a text."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            href = as_text(item.get("href") or item.get("url") or item.get("link"))
            yield Link(href, as_text(item.get("text") or item.get("title") or item.get("name")))
        else:
            yield from (Link(part.strip()) for part in as_text(item).splitlines() if part.strip())


def no_links(found: list[Link]) -> list[str]:
    """What was given as a link and is no web address, as lines of text, so that it is not lost."""
    return [
        f"Link: {link.text} {link.href}".replace("  ", " ") for link in found if link.href and not is_web(link.href)
    ]
