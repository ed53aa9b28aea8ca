"""What a press came to, in two short texts: for a notification, which has no room for the page."""

from msgspec import Struct

from tocsin.core.instant import Instant
from tocsin.lib import moments
from tocsin.lib.translate import text
from tocsin.web.layout.reader import Reader
from tocsin.web.pages.link.view import Shown

DONE = frozenset({"yours", "declined"})


class Said(Struct, frozen=True):
    """`done`: what was pressed is done, or was before; else the page is worth opening."""

    done: bool
    title: str
    text: str


def said(it: Shown, reader: Reader, now: Instant, notice: str = "") -> Said:
    """How it stands after the press; `notice` is the end of the key of why it was not done."""
    how = it.standing
    if how.mood in ("asked", "open") or notice:
        return Said(False, it.incident, _why_not(it, reader, now, notice))
    return Said(how.mood in DONE or (how.mood == "answered" and it.mine), _title(it, reader), _text(it, reader, now))


def _why_not(it: Shown, reader: Reader, now: Instant, notice: str) -> str:
    if not notice and it.standing.from_at is not None:
        return _word(reader, "soft.from", at=_at(it.standing.from_at, reader, now))
    return _word(reader, notice or "refused.other")


def _title(it: Shown, reader: Reader) -> str:
    """Never what a confidential incident is about: it may stand on a locked screen."""
    how = it.standing
    key = f"{how.mood}.title" if how.mood not in ("answered", "told") else f"answered.{_who(it)}"
    word = _word(reader, key, who=it.by) if how.mood != "told" else _word(reader, "calm")
    return f"{word} ({it.incident})" if it.confidential else f"{word}: {it.priority} {it.title} ({it.incident})"


def _who(it: Shown) -> str:
    return "default" if not it.by else "you" if it.mine else "other"


def _text(it: Shown, reader: Reader, now: Instant) -> str:
    how = it.standing
    if how.mood == "yours" and how.again_at is not None:
        return _word(reader, "soft.again", at=_at(how.again_at, reader, now))
    if how.mood == "yours" and it.until is not None:
        length = moments.length(it.until - now, language=reader.language)
        return _word(reader, "yours.until", at=_at(it.until, reader, now), length=length)
    return _word(reader, f"{how.mood}.text" if how.mood in ("declined", "gone") else "calm")


def _at(at: Instant, reader: Reader, now: Instant) -> str:
    return moments.short(at, reader.zone, now, language=reader.language)


def _word(reader: Reader, key: str, **values: str) -> str:
    return text(f"web.link.{key}", values, reader.language)
