"""What `tocsin check` finds: in the rulebook in force, and in one that is only tried, with what it would change"""

from litestar import get, post
from litestar.concurrency import sync_to_thread
from msgspec import Struct

from tocsin.api.here import Asked, Here, here
from tocsin.api.reading import body_of
from tocsin.api.v1.rulebook import no_rulebook
from tocsin.config import Change, Complaint, Loaded, diff, loads
from tocsin.config.places import Places
from tocsin.core.oncall.override import Facts
from tocsin.engine.applying import roster_after
from tocsin.engine.found import Accepted, Found, accepted, of_checks, of_text
from tocsin.engine.verifying import Verdict
from tocsin.engine.worlds import NoRulebookError
from tocsin.store import rulebooks
from tocsin.store.rulebooks import Version

PATIENCE = 8.0
"""Seconds that a caller waits for the checks; they go on, and whoever asks again has what they found."""


class Findings(Struct, frozen=True):
    """Of `version`: `findings` are worth reading, worst first within text and rules; `suppressed` are allowed for now.

    `notices` say what is kept and not yet active. Not `checked`: the checks still run, ask again. `proved`: what only
    the proof finds (`POST /api/v1/rulebook/proof` begins it) is among the findings.
    """

    version: int
    digest: str
    findings: tuple[Found, ...]
    notices: tuple[Complaint, ...]
    suppressed: tuple[Accepted, ...]
    checked: bool
    proved: bool


class Trying(Struct, frozen=True, forbid_unknown_fields=True):
    """`texts` by file name."""

    texts: dict[str, str]


class Tried(Struct, frozen=True):
    """`usable`: it could be put in force. `changes` are against `version`, the one in force (0: there is none).

    `findings` and `suppressed` are those of text and rules, with today's roster. Not `checked`: the checks still run,
    ask again; of a rulebook that is not usable only its text is looked at.
    """

    usable: bool
    digest: str | None
    version: int
    findings: tuple[Found, ...]
    notices: tuple[Complaint, ...]
    changes: tuple[Change, ...]
    suppressed: tuple[Accepted, ...]
    checked: bool


@get("/findings", opt={"verb": "rulebook.read", "also": (404,)}, sync_to_thread=True)
def findings(request: Asked) -> Findings:
    """What is worth knowing about the rulebook in force: code, severity, place, text, hint, and a case of it."""
    at = here(request)
    kept = at.read(rulebooks.latest)
    if kept is None:
        raise no_rulebook()
    loaded = loads(kept.texts)
    verdict, found, allowed = _checked(at, loaded, _today(at))
    proved = verdict is not None and verdict.proof is not None
    return Findings(
        kept.version, kept.digest, found, loaded.notices, allowed, checked=verdict is not None, proved=proved
    )


@post("/rulebook/check", opt={"verb": "rulebook.try", "takes": Trying}, status_code=200)
async def check(request: Asked) -> Tried:
    """What would be found in these texts, and what they would change; nothing is put in force."""
    wanted = await body_of(request, Trying)
    return await sync_to_thread(_tried, here(request), wanted)


def _tried(at: Here, wanted: Trying) -> Tried:
    kept = at.read(rulebooks.latest)
    loaded = loads(wanted.texts)
    book, before = loaded.rulebook, None if kept is None else loads(kept.texts)
    old = None if before is None else before.rulebook
    changes = diff(old, book) if old is not None and book is not None else ()
    facts = roster_after(_today(at), before, loaded, at.site.carriers)
    verdict, found, allowed = _checked(at, loaded, facts)
    return Tried(
        book is not None, None if book is None else book.digest, _number(kept), found, loaded.notices, changes, allowed,
        checked=verdict is not None,
    )  # fmt: skip


def _number(kept: Version | None) -> int:
    return 0 if kept is None else kept.version


def _checked(at: Here, loaded: Loaded, facts: Facts) -> tuple[Verdict | None, tuple[Found, ...], tuple[Accepted, ...]]:
    """The verdict of the checks, as far as it is there in time; what is found, and what is allowed for now."""
    text, book = of_text(loaded.complaints), loaded.rulebook
    if book is None:
        return None, text, ()
    verdict = at.site.verdicts.soon(book, facts, at.now(), PATIENCE)
    if verdict is None:
        return None, text, ()
    places = Places(dict(loaded.texts))
    return verdict, (*text, *of_checks(verdict.findings, places)), accepted(verdict.suppressed, places)


def _today(at: Here) -> Facts:
    """Today's roster; before the first rulebook there is none."""
    try:
        return at.site.worlds.world().facts
    except NoRulebookError:
        return Facts()
