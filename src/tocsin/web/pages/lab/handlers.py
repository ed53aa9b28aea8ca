"""The lab: the proof, a play by the rules in force, and two versions beside each other."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.config import loads
from tocsin.config.places import Places
from tocsin.core.rulebook import Rulebook
from tocsin.engine.differing import Contrast
from tocsin.engine.verifying import Verdict
from tocsin.engine.weighing import Side as Rules
from tocsin.engine.weighing import Weighed, contrast, weigh
from tocsin.lab.verifier.changed import Told
from tocsin.lab.verifier.finding import NOWHERE, Finding
from tocsin.lab.verifier.told import example
from tocsin.store import rulebooks
from tocsin.store.rulebooks import Version
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.lab.pairing import COLUMNS, MOST, pairs
from tocsin.web.pages.policies.typed import number
from tocsin.web.parts import whatif
from tocsin.web.parts.differing import reach_of
from tocsin.web.parts.naming import naming
from tocsin.web.parts.proving import table
from tocsin.web.parts.whatif import asking_of
from tocsin.web.parts.words import Names, spoken

__all__ = ["compare", "lab", "prove", "simulate"]

SHOWN = 40
"""Services of the table on one page."""

BRIEFLY = 2.0
"""Seconds for which a page waits for who is reached differently; that goes on afterwards."""

LAST = 1 << 31
"""No version has such a number."""


class Found(Struct, frozen=True):
    """A finding in words; `place` is its file and line, '' where the texts are not at hand."""

    code: str
    severity: str
    place: str
    where: str
    text: str
    hint: str
    example: str
    reason: str = ""
    until: str = ""


class Side(Struct, frozen=True):
    """One of two versions that are compared."""

    version: Version
    book: Rulebook | None
    verdict: Verdict | None

    def count(self, severity: str) -> int:
        """How many findings are so bad."""
        return 0 if self.verdict is None else sum(one.severity == severity for one in self.verdict.findings)


@get("/lab")
async def lab(request: Asked, q: FromQuery[str] = "", after: FromQuery[str] = "") -> Response[str]:
    """What is known of the rules in force; `q` stands in a service's name, `after` is the one to go on from."""
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_lab, at, frame, q[:200], after[:200])


@post("/lab/prove", status_code=200)
async def prove(request: Asked) -> Redirect:
    """Begin the proof of the rules in force, or of the two versions that the form names; the page tells how far."""
    at, _ = here(request), await framed(request)
    form = await request.form()
    numbers = [number(str(form.get(name, ""))) for name in ("old", "new")]
    await asyncio.to_thread(_prove, at, numbers)
    path = f"/lab/compare?old={numbers[0]}&new={numbers[1]}" if all(numbers) else "/lab"
    return Redirect(path, status_code=303)


@get("/lab/simulate")
async def simulate(request: Asked) -> Response[str]:
    """One incident, played by the rules in force; the address says what, so that it can be passed on."""
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_simulate, at, frame, dict(request.query_params))


@get("/lab/compare")
async def compare(request: Asked, old: FromQuery[int] = 0, new: FromQuery[int] = 0) -> Response[str]:
    """Two versions beside each other: what is found in each, and what gets worse from one to the other."""
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_compare, at, frame, old, new)


def _prove(at: Here, numbers: list[int]) -> None:
    in_force = at.rulebook()
    if in_force is None:
        return
    books: list[Rulebook] = [in_force]
    if all(numbers):
        found = at.read(lambda connection: [rulebooks.find(connection, one) for one in numbers])
        books = [book for one in found if one is not None and (book := loads(one.texts).rulebook) is not None]
    facts = at.site.worlds.world().facts
    at.site.verdicts.several([(book, facts) for book in books], at.now(), prove=True)


def _lab(at: Here, frame: Frame, q: str, after: str) -> Response[str]:
    book = at.rulebook()
    if book is None:
        return frame.shown("pages/lab/lab.html", verdict=None)
    kept, names = at.read(lambda connection: (rulebooks.latest(connection), naming(connection, at, frame)))
    verdict = at.site.verdicts.of(book, at.site.worlds.world().facts, frame.now)
    places = None if kept is None else Places(kept.texts)
    wanted = [one for one in sorted(book.services) if q.lower() in one.lower() and one > after]
    services = frozenset((*wanted[:SHOWN], *(() if q or after else (NOWHERE,))))
    lines = () if verdict.proof is None else table(verdict.proof, book.timezone, names, services)
    values: dict[str, Any] = {
        "verdict": verdict,
        "findings": [_found(one, places, names) for one in verdict.findings],
        "allowed": [_found(one.finding, places, names, one.by.reason, one.by.until) for one in verdict.suppressed],
        "counts": {one: sum(f.severity == one for f in verdict.findings) for one in ("error", "warning", "info")},
        "assuming": () if verdict.proof is None else [spoken(one, names) for one in verdict.proof.assuming],
        "lines": lines, "q": q, "further": wanted[SHOWN - 1] if len(wanted) > SHOWN else "",
        "zone_of": book.timezone, "version": 0 if kept is None else kept.version,
    }  # fmt: skip
    return frame.shown("pages/lab/lab.html", **values)


def _found(one: Finding, places: Places | None, names: Names, reason: str = "", until: str = "") -> Found:
    at = None if places is None else places.find(one.where)
    case = one.counterexample
    return Found(
        one.code,
        one.severity,
        "" if at is None else f"{at.file}:{at.line}",
        ".".join(one.where),
        spoken(one.text, names),
        spoken(one.hint, names),
        "" if case is None else example(case, names.language, spoken(case.text, names)),
        reason,
        until,
    )


def _simulate(at: Here, frame: Frame, query: dict[str, Any]) -> Response[str]:
    book = at.rulebook()
    services = {} if book is None else book.services
    asking = asking_of(query, services)
    played = None
    if "service" in query and services:
        names = at.read(lambda connection: naming(connection, at, frame))
        played = whatif.play(at.site.worlds.world(), asking, frame.now, frame.reader.zone, names)
    values: dict[str, Any] = {
        "services": tuple(sorted(services)), "asking": asking, "played": played, "kinds": whatif.KINDS,
        "hours": whatif.HOURS, "started": whatif.shown_at(asking, frame.now, frame.reader.zone),
    }  # fmt: skip
    return frame.shown("pages/lab/simulate.html", **values)


def _compare(at: Here, frame: Frame, old: int, new: int) -> Response[str]:
    def query(connection: Connection) -> tuple[list[Version | None], int]:
        newest = rulebooks.number(connection)
        wanted = (old or newest - 1, new or newest)
        found = [rulebooks.find(connection, one) if 0 < one < LAST else None for one in wanted]
        return found, newest

    (before, after), newest = at.read(query)
    if (old or new) and (before is None or after is None):
        return trouble(frame.now, frame.reader, 404, "unknown")
    sides = [_side(at, frame, one) for one in (before, after) if one is not None]
    known = [one.verdict for one in sides if one.verdict is not None]
    proofs = [one.proof for one in known if one.proof is not None]
    differing = _differing(at, frame, sides)
    paired = pairs(proofs[0], proofs[1], frame.reader.language) if len(proofs) == 2 else ()
    values: dict[str, Any] = {
        "sides": sides, "newest": newest, "bars": _bars(sides), "pairs": paired[:MOST], "more": len(paired) - MOST,
        "weighed": weigh(known[0], known[1], frame.reader.zone) if len(known) == 2 else Weighed(),
        "columns": COLUMNS, "proving": differing.under_way or any(one.under_way for one in known),
        "verdict": None, "broken": differing.failed, "reach": _reach(at, frame, sides, differing),
        "proved": len(proofs) == 2, "same": len(paired) - sum(one.rank < 2 for one in paired),
    }  # fmt: skip
    return frame.shown("pages/lab/compare.html", **values)


def _side(at: Here, frame: Frame, version: Version) -> Side:
    book: Rulebook | None = loads(version.texts).rulebook
    facts = at.site.worlds.world().facts
    return Side(version, book, None if book is None else at.site.verdicts.of(book, facts, frame.now))


def _differing(at: Here, frame: Frame, sides: list[Side]) -> Contrast:
    facts = at.site.worlds.world().facts
    books = [one.book for one in sides if one.book is not None]
    if len(books) < 2:
        return Contrast()
    both = (Rules(books[0], facts), Rules(books[1], facts))
    return contrast(at.site.verdicts, *both, frame.now, BRIEFLY)


def _reach(at: Here, frame: Frame, sides: list[Side], differing: Contrast) -> Told | None:
    book = sides[-1].book if sides else None
    if differing.found is None or book is None:
        return None
    return reach_of(differing.found, book.timezone, at.read(lambda connection: naming(connection, at, frame)))


def _bars(sides: list[Side]) -> list[tuple[str, list[tuple[int, int]]]]:
    """Findings by severity: for each side how many, and how long its bar is in hundredths of the longest."""
    counts = {one: [side.count(one) for side in sides] for one in ("error", "warning", "info")}
    most = max((n for found in counts.values() for n in found), default=0) or 1
    return [(severity, [(n, 100 * n // most) for n in found]) for severity, found in counts.items()]
