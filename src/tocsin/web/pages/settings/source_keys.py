"""Keys of sources: made and shown once, with the configuration that uses them; revoked after one more question."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from tocsin.access import source_keys as administration
from tocsin.access.source_keys import TwoLiveError
from tocsin.web.here import Asked, here
from tocsin.web.layout.render import trouble
from tocsin.web.pages.settings.places import allowed_to, back_to, form_of, seated
from tocsin.web.pages.settings.sources import guide_for, page, the

__all__ = ["make", "revoke"]


@post("/settings/sources/{source:str}/keys", status_code=200)
async def make(request: Asked, source: FromPath[str]) -> Response[Any]:
    """A new key; this answer alone shows it."""
    at, seat, place = here(request), await seated(request, "sources"), f"/settings/sources/{source}"
    first, found = allowed_to(request, "source.keys", place), the(here(request), source)
    if first is not None:
        return first
    if found is None:
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    by, now = seat.frame.viewer.by, at.now()
    try:
        text, _ = await at.gate.write(lambda connection: administration.make(connection, found.id, by, now))
    except TwoLiveError:
        return await page(request, seat, found, 409, wrong="two_live")
    address = f"{at.site.url}/in/{found.id}"
    return seat.shown(
        "source_key", 201, source=found, secret=text, address=address, blocks=guide_for(at, found, text)
    )  # fmt: skip


@post("/settings/sources/{source:str}/keys/revoke", status_code=200)
async def revoke(request: Asked, source: FromPath[str]) -> Response[Any]:
    """Revoke one for good."""
    at, seat, place = here(request), await seated(request, "sources"), f"/settings/sources/{source}"
    first = allowed_to(request, "source.keys", place)
    if first is not None:
        return first
    form = await form_of(request)
    if form.get("sure") != "yes":
        words = {"prefix": form.get("prefix", ""), "source": source}
        return seat.sure("key", f"{place}/keys/revoke", place, form, words)
    by, now, key = seat.frame.viewer.by, at.now(), form.get("key", "")
    await at.gate.write(lambda connection: administration.revoke(connection, source, key, by, now))
    return back_to(place)
