"""How much of a signal is kept: nothing is refused for being long or odd, it is cut and cleaned.

The stored body keeps the whole. Text from outside is data: control characters, which could move a terminal's
cursor or split a header, are taken out here, and whoever shows a text still escapes it for the medium.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

import msgspec

from tocsin.core.signal import TITLE_LIMIT, Link, Signal

TEXT_LIMIT = 64 * 1024
KEY_LIMIT = 255
NAME_LIMIT = 128
VALUE_LIMIT = 1024
HREF_LIMIT = 2048
LABELS_LIMIT = 64
LINKS_LIMIT = 20

CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""Control characters (tab, newline and return aside), overrides of writing direction, halves of surrogate pairs."""

_CONTROL = re.compile(f"[{CONTROLS}]")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


def line(text: str, limit: int) -> str:
    """One line of at most `limit` characters, cut with an ellipsis."""
    if text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
        return text if len(text) <= limit else cut(text, limit)  # as nearly every text is
    return cut(" ".join(_CONTROL.sub("", text).split()), limit)


def tidy(texts: Iterable[str]) -> bool:
    """Whether `line` would leave all of these as they are, but for their length; a false alarm is possible."""
    whole = "|".join(("", *texts, ""))  # one look at all of them costs as much as one look at one
    return whole.isprintable() and "  " not in whole and "| " not in whole and " |" not in whole


def block(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text of several lines, at most `limit` characters, cut with an ellipsis."""
    if text.isprintable():  # hence a single line without control characters
        return cut(text.strip(), limit)
    return cut(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip(), limit)


def cut(text: str, limit: int) -> str:
    """The text itself, or its beginning and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def identity(text: str) -> str:
    """A key that stays distinct however long or odd the sender's was: the end of a long one is replaced by a hash.

    So is one of which nothing is left once it is clean: otherwise all such signals would join in one incident.
    """
    clean = line(text, 1 << 24)
    if text and not clean:
        return digest(text)
    if len(clean) <= KEY_LIMIT:
        return clean
    return f"{clean[:190]}~{digest(clean)}"


def digest(text: str) -> str:
    """The hex SHA-256 of a text, lone surrogates included."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def labels_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """At most 64 labels in the order given, names and values as one line each."""
    kept: dict[str, str] = {}
    for name, value in pairs:
        if len(kept) == LABELS_LIMIT:
            break
        kept[line(name, NAME_LIMIT) or "_"] = line(value, VALUE_LIMIT)
    return kept


@lru_cache(maxsize=1024)
def is_web(href: str) -> bool:
    """Whether an address is one that a page may link to: `javascript:` and the like are text, not links."""
    return len(href) <= HREF_LIMIT and _WEB.fullmatch(href) is not None


def links_of(links: Iterable[Link]) -> tuple[Link, ...]:
    """The first 20 different web links; what is no web address has been kept elsewhere as text."""
    kept: dict[str, Link] = {}
    for link in links:
        href = link.href.strip()
        if is_web(href) and len(kept) < LINKS_LIMIT:
            kept.setdefault(href, Link(href, line(link.text, NAME_LIMIT)))
    return tuple(kept.values())


def bounded(signal: Signal) -> Signal:
    """The same signal within the limits; applying it twice changes nothing more."""
    return msgspec.structs.replace(
        signal,
        key=identity(signal.key),
        alert=identity(signal.alert),
        title=line(signal.title, TITLE_LIMIT),
        text=block(signal.text),
        severity=line(signal.severity, NAME_LIMIT).lower(),
        service=line(signal.service, NAME_LIMIT),
        reporter=line(signal.reporter, NAME_LIMIT * 2),
        labels=labels_of(signal.labels.items()),
        links=links_of(signal.links),
        affected_users=max(0, min(signal.affected_users, 1 << 40)),
    )


def matching(names: Iterable[str], fields: Mapping[str, str]) -> str:
    """The first of the named fields that says anything, '' when none does."""
    for name in names:
        value = fields.get(name)
        if value and (said := value.strip()):
            return said
    return ""
