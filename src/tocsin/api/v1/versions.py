"""Every version of the rulebook: who put it in force, when and why, its texts, and what differs between any two"""

from litestar import get
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from tocsin.api.here import Asked, Here, here
from tocsin.api.problem import Problem
from tocsin.api.v1.plain import when
from tocsin.api.v1.rulebook import RulebookView
from tocsin.config import Change, diff, loads
from tocsin.store import rulebooks
from tocsin.store.rulebooks import Version

SHOWN, MOST = 100, 1 << 31


class VersionView(Struct, frozen=True):
    """One version, without its texts."""

    version: int
    digest: str
    applied_at: str | None
    applied_by: str
    note: str


class Versions(Struct, frozen=True):
    """The newest first. `below` goes on: the older ones are numbered below it; null after the last."""

    versions: tuple[VersionView, ...]
    below: int | None


class VersionDifference(Struct, frozen=True):
    """Every rule that differs. `readable` is false where one of the two is no rulebook for this program."""

    old: int
    new: int
    readable: bool
    changes: tuple[Change, ...]


@get("/rulebook/versions", opt={"verb": "rulebook.read"}, sync_to_thread=True)
def versions(request: Asked, below: FromQuery[int] = 0) -> Versions:
    """Who put what in force, when and why; `below` is the number to go on from."""
    limit = below if 0 < below < MOST else None
    found = here(request).read(lambda connection: rulebooks.headings(connection, SHOWN + 1, limit))
    views = tuple(
        VersionView(one.version, one.digest, when(one.applied_at), one.applied_by, one.note) for one in found[:SHOWN]
    )
    return Versions(views, views[-1].version if len(found) > SHOWN else None)


@get("/rulebook/versions/{version:int}", opt={"verb": "rulebook.read", "also": (404,)}, sync_to_thread=True)
def version(request: Asked, version: FromPath[int]) -> RulebookView:
    """One of them, with its texts: put them again to take it back."""
    kept = the_version(here(request), version)
    return RulebookView(kept.version, kept.digest, when(kept.applied_at), kept.applied_by, kept.note, kept.texts)


@get("/rulebook/difference", opt={"verb": "rulebook.read", "also": (404,)}, sync_to_thread=True)
def difference(request: Asked, old: FromQuery[int] = 0, new: FromQuery[int] = 0) -> VersionDifference:
    """What differs between two versions, rule by rule."""
    before, after = (loads(the_version(here(request), one).texts).rulebook for one in (old, new))
    if before is None or after is None:
        return VersionDifference(old, new, False, ())
    return VersionDifference(old, new, True, diff(before, after))


def the_version(at: Here, number: int) -> Version:
    """That one. Raises Problem 404."""
    found = at.read(lambda connection: rulebooks.find(connection, number)) if 0 < number < MOST else None
    if found is None:
        raise Problem(404, "unknown", f"There is no version {number}.", "GET /api/v1/rulebook/versions lists them.")
    return found
