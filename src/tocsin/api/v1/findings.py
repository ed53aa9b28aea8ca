"""What `tocsin check` finds: in the rulebook in force, and in one that is only tried, with what it would change"""

from collections.abc import Mapping

from litestar import get, post
from litestar.concurrency import sync_to_thread
from msgspec import Struct

from tocsin.api.here import Asked, here
from tocsin.api.reading import body_of
from tocsin.api.v1.rulebook import no_rulebook
from tocsin.config import Change, Complaint, diff, loads
from tocsin.store import rulebooks
from tocsin.store.rulebooks import Version


class Findings(Struct, frozen=True):
    """Of `version`: `findings` are worth reading, `notices` say what is kept and not yet active."""

    version: int
    digest: str
    findings: tuple[Complaint, ...]
    notices: tuple[Complaint, ...]


class Trying(Struct, frozen=True, forbid_unknown_fields=True):
    """`texts` by file name."""

    texts: dict[str, str]


class Tried(Struct, frozen=True):
    """`usable`: it could be put in force. `changes` are against `version`, the one in force (0: there is none)."""

    usable: bool
    digest: str | None
    version: int
    findings: tuple[Complaint, ...]
    notices: tuple[Complaint, ...]
    changes: tuple[Change, ...]


@get("/findings", opt={"verb": "rulebook.read", "also": (404,)}, sync_to_thread=True)
def findings(request: Asked) -> Findings:
    """What is worth knowing about the rulebook in force: code, severity, place, text and hint."""
    kept = here(request).read(rulebooks.latest)
    if kept is None:
        raise no_rulebook()
    loaded = loads(kept.texts)
    return Findings(kept.version, kept.digest, loaded.complaints, loaded.notices)


@post("/rulebook/check", opt={"verb": "rulebook.try", "takes": Trying}, status_code=200)
async def check(request: Asked) -> Tried:
    """What would be found in these texts, and what they would change; nothing is put in force."""
    wanted = await body_of(request, Trying)
    kept = await sync_to_thread(here(request).read, rulebooks.latest)
    return await sync_to_thread(_tried, wanted.texts, kept)


def _tried(texts: Mapping[str, str], kept: Version | None) -> Tried:
    loaded = loads(texts)
    book, old = loaded.rulebook, None if kept is None else loads(kept.texts).rulebook
    changes = diff(old, book) if old is not None and book is not None else ()
    version = 0 if kept is None else kept.version
    digest = None if book is None else book.digest
    return Tried(book is not None, digest, version, loaded.complaints, loaded.notices, changes)
