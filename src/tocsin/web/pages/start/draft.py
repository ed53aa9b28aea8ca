"""A rulebook on its way: its texts, every complaint with the line that it is about, and what it would change"""

from collections.abc import Iterator, Mapping

from litestar.datastructures import FormMultiDict, UploadFile
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.config import Change, Complaint, Loaded, diff, excerpt, loads
from tocsin.core.rulebook import Rulebook
from tocsin.store import rulebooks

ONE = "rulebook.yaml"
"""What a rulebook of one text is called."""

LARGEST = 4 << 20
"""Bytes of a form with a rulebook."""

MOST_FILES = 50


class Remark(Struct, frozen=True):
    """A complaint and the line that it is about, with a caret under the place."""

    complaint: Complaint
    line: str


class Draft(Struct, frozen=True):
    """`version` is the one in force when it was looked at, `changes` what would be different; `me` who fills it in."""

    texts: Mapping[str, str]
    loaded: Loaded
    remarks: tuple[Remark, ...]
    changes: tuple[Change, ...]
    version: int
    me: str = ""

    @property
    def errors(self) -> int:
        """How many complaints prevent it."""
        return len(self.loaded.errors)

    @property
    def counts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What is in it, by section, for one that replaces nothing."""
        book = self.loaded.rulebook
        return () if book is None else tuple(_sections(book))


def _sections(book: Rulebook) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in ("people", "teams", "schedules", "services", "policies", "sources"):
        yield name, tuple(getattr(book, name))


def draft(connection: Connection, texts: Mapping[str, str], me: str = "") -> Draft:
    """Look at texts: nothing is changed by it."""
    loaded, before = loads(texts), rulebooks.latest(connection)
    found = (*loaded.complaints, *loaded.notices)
    remarks = tuple(Remark(one, excerpt(one, texts)) for one in found)
    old = None if before is None else loads(before.texts).rulebook
    changes = diff(old, loaded.rulebook) if old is not None and loaded.rulebook is not None else ()
    return Draft(texts, loaded, remarks, changes, 0 if before is None else before.version, me)


async def texts_of(form: FormMultiDict) -> dict[str, str]:
    """The texts of a form by name: files that were chosen, else what stands in its fields."""
    chosen = [one for one in form.getall("files", []) if isinstance(one, UploadFile) and one.filename]
    if chosen:
        return {one.filename: _text(await one.read()) for one in chosen[:MOST_FILES]}
    names = [str(one)[:200] or ONE for one in form.getall("file", [])] or [ONE]
    written = [str(one) for one in form.getall("text", [])]
    return {name: _lines(one) for name, one in zip(names, written, strict=False)}


def _text(body: bytes) -> str:
    return _lines(body.decode("utf-8-sig", "replace"))


def _lines(text: str) -> str:
    """As files have them: a browser ends each line of a form with two characters."""
    return text.replace("\r\n", "\n")
