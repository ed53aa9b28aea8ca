"""Access tokens: which there are and what each may do; made and shown once; revoked after one more question."""

from collections.abc import Iterable
from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from tocsin.access import tokens as administration
from tocsin.access.permissions import ROLES, TABLE, Role, role_of
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.store import tokens as store
from tocsin.store.tokens import Token
from tocsin.web.here import Asked, Here, here
from tocsin.web.pages.settings.places import Seat, allowed_to, back_to, form_of, seated

__all__ = ["make", "revoke", "show"]

LIFETIMES: dict[str, Duration] = {"7": 7 * DAY, "30": 30 * DAY, "90": 90 * DAY, "365": 365 * DAY, "": 0}
"""How long one may last, in days; '' is until it is revoked."""

USUAL = {
    "*.read": "reading",
    "metrics.read": "metrics",
    "incident.*": "incidents",
    "oncall.read": "oncall",
    "outbox.read": "outbox",
    "rulebook.apply": "rulebook",
}
"""Scopes that are offered, and the key of what each is for; any other may be written."""


class Wanted(Struct, frozen=True):
    """What was filled in."""

    name: str = ""
    role: Role = "viewer"
    scopes: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    lasts: str = "90"


EMPTY = Wanted()


@get("/settings/tokens")
async def show(request: Asked) -> Response[str]:
    """All of them, revoked ones last."""
    return await _page(here(request), await seated(request, "tokens"))


async def _page(
    at: Here, seat: Seat, status: int = 200, wanted: Wanted = EMPTY, wrong: str = "", word: str = ""
) -> Response[str]:
    found = await at.gate.read(store.everything)
    now = seat.frame.now
    return seat.shown(
        "tokens",
        status,
        tokens=[one for one in found if one.good(now)],
        over=[one for one in found if not one.good(now)],
        wanted=wanted,
        wrong=wrong,
        word=word[:200],
        roles=ROLES,
        scopes=tuple(USUAL),
        names=USUAL,
        verbs=tuple(TABLE),
        lifetimes=tuple(LIFETIMES),
        teams=sorted(at.site.worlds.world().rulebook.teams),
    )


@post("/settings/tokens", status_code=200)
async def make(request: Asked) -> Response[Any]:
    """A new one; this answer alone shows it."""
    at, seat = here(request), await seated(request, "tokens")
    first = allowed_to(request, "tokens.manage", "/settings/tokens")
    if first is not None:
        return first
    form = await request.form()
    wanted = _wanted(await form_of(request), form.getall("scope", []), form.getall("team", []))
    teams = at.site.worlds.world().rulebook.teams
    wrong = administration.complaint(wanted.name, wanted.role, wanted.scopes, wanted.teams, teams)
    if wrong is not None:
        return await _page(at, seat, 422, wanted, *wrong)
    text, token = await _made(at, seat, wanted)
    return seat.shown("token", 201, secret=text, token=token, url=at.site.url)


async def _made(at: Here, seat: Seat, wanted: Wanted) -> tuple[str, Token]:
    by, now, scopes = seat.frame.viewer.by, at.now(), wanted.scopes or None
    ends_at: Instant | None = now + LIFETIMES[wanted.lasts] if wanted.lasts else None
    return await at.gate.write(
        lambda connection: administration.make(
            connection, wanted.name, wanted.role, scopes, wanted.teams, by, now, ends_at
        )
    )


def _wanted(form: dict[str, str], scopes: Iterable[Any], teams: Iterable[Any]) -> Wanted:
    written = form.get("more", "").replace(",", " ").split()
    role, lasts = form.get("role", ""), form.get("lasts", "90")
    return Wanted(
        form.get("name", "").strip(),
        role_of(role) if role in ROLES else "viewer",
        tuple(dict.fromkeys((*map(str, scopes), *written))),
        tuple(dict.fromkeys(str(one) for one in teams if one)),
        lasts if lasts in LIFETIMES else "90",
    )


@post("/settings/tokens/revoke", status_code=200)
async def revoke(request: Asked) -> Response[Any]:
    """Revoke one for good."""
    at, seat = here(request), await seated(request, "tokens")
    first = allowed_to(request, "tokens.manage", "/settings/tokens")
    if first is not None:
        return first
    form = await form_of(request)
    if form.get("sure") != "yes":
        words = {"name": form.get("name", "")}
        return seat.sure("token", "/settings/tokens/revoke", "/settings/tokens", form, words)
    by, now, token = seat.frame.viewer.by, at.now(), form.get("token", "")
    await at.gate.write(lambda connection: administration.revoke(connection, token, by, now))
    return back_to("/settings/tokens")
