"""Who would be reached differently: by other texts, or by another version, than by the rulebook in force"""

from litestar import post
from litestar.concurrency import sync_to_thread
from msgspec import Struct

from tocsin.api.here import Asked, Here, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.rulebook import no_rulebook
from tocsin.api.v1.versions import the_version
from tocsin.config import Loaded, loads
from tocsin.engine.differing import Contrast
from tocsin.engine.weighing import compare, contrast, sides
from tocsin.lab.verifier.against import Against
from tocsin.lab.verifier.plain import Differences, plain
from tocsin.store import rulebooks

BRIEFLY = 2.0
"""Seconds for which a caller waits for it, once both are proved; it goes on, and whoever asks again has it."""

MOST = 100_000
"""Windows of one answer."""


class Reaching(Struct, frozen=True, forbid_unknown_fields=True):
    """`texts` by file name, or `new`, the number of a version; against version `old` (0: the one in force)."""

    texts: dict[str, str] = {}
    new: int = 0
    old: int = 0


class Reached(Struct, frozen=True):
    """Not `ready`: it is being proved, ask again; `failed`: that broke down. The same as `tocsin check --against` says.

    Not `whole`: there are too many windows for one answer, and all are left out; minutes and people are as they are.
    """

    old: int
    new: int
    ready: bool
    failed: bool
    whole: bool
    reach: Differences | None


@post("/rulebook/reach", opt={"verb": "rulebook.try", "takes": Reaching, "also": (404,)}, status_code=200)
async def reach(request: Asked) -> Reached:
    """Who is reached differently, and in which minutes; both rulebooks are proved for that, which takes a moment."""
    wanted = await body_of(request, Reaching)
    return await sync_to_thread(_reached, here(request), wanted)


def _reached(at: Here, wanted: Reaching) -> Reached:
    latest = at.read(rulebooks.latest)
    if latest is None:
        raise no_rulebook()
    if bool(wanted.texts) == bool(wanted.new):
        raise invalid("It takes either texts or new.", "Send the texts of files by name, or the number of a version.")
    old = the_version(at, wanted.old) if wanted.old else latest
    texts = wanted.texts or the_version(at, wanted.new).texts
    found = _contrast(at, loads(old.texts), loads(texts))
    whole = found.found is None or _windows(found.found) <= MOST
    told = None if found.found is None else plain(found.found, windows=whole)
    return Reached(old.version, wanted.new, told is not None, found.failed, whole, told)


def _contrast(at: Here, before: Loaded, after: Loaded) -> Contrast:
    both = sides(at.site.worlds.world().facts, before, after, at.site.carriers)
    if both is None:
        raise _unreadable(before, after)
    verdicts, now = at.site.verdicts, at.now()
    compare(verdicts, *both, now, verdicts.patience)
    return contrast(verdicts, *both, now, BRIEFLY)


def _unreadable(before: Loaded, after: Loaded) -> Problem:
    wrong = before if before.rulebook is None else after
    first = wrong.errors[0]
    return invalid(f"{first.file}:{first.line}:{first.column}: {first.text}", first.hint)


def _windows(found: Against) -> int:
    return sum(len(change.windows) for group in found.groups for change in group.changes)
