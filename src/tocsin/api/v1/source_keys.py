"""The keys of sources: two may be good at once, so that one can be changed without a gap."""

from litestar import delete, get, post
from litestar.params import FromPath
from msgspec import Struct

from tocsin.access import source_keys as administration
from tocsin.access.source_keys import TwoLiveError
from tocsin.api.here import Asked, Here, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.v1.once import once_shown
from tocsin.api.v1.plain import when
from tocsin.config.complaints import nearest
from tocsin.store.queries import source_keys as store
from tocsin.store.queries.source_keys import Key


class KeyView(Struct, frozen=True):
    """One key; its text was shown once, when it was made."""

    id: str
    source: str
    prefix: str
    state: str
    created_at: str | None


class Keys(Struct, frozen=True):
    """`from_environment`: whether the rulebook's variable holds one besides, which no list shows."""

    keys: tuple[KeyView, ...]
    from_environment: bool


class Made(Struct, frozen=True):
    """`key` is shown here and never again."""

    id: str
    source: str
    key: str


@get("/sources/{source:str}/keys", opt={"verb": "source.read"}, sync_to_thread=True)
def keys(request: Asked, source: FromPath[str]) -> Keys:
    """The keys of a source, revoked ones too, the newest first."""
    at = here(request)
    variable = at.site.worlds.world().rulebook.sources[_known(at, source)].key
    found = at.read(lambda connection: store.keys(connection, source))
    return Keys(tuple(_view(one) for one in found), bool(at.site.environment.get(variable)))


@post("/sources/{source:str}/keys", opt={"verb": "source.keys"}, status_code=201)
async def make(request: Asked, source: FromPath[str]) -> Made:
    """Make one; within half a minute it opens the door. The one before it stays good until it is revoked."""
    at, by = here(request), caller_of(request).by
    name = _known(at, source)
    try:
        text, key = await once_shown(
            request, lambda connection: administration.make(connection, name, by, at.now()), lambda made: made[1].id
        )
    except TwoLiveError:
        hint = "Revoke the one that no sender uses any more."
        raise Problem(409, "two-live", f"{name} has two keys already.", hint) from None
    return Made(key.id, name, text)


@delete("/sources/{source:str}/keys/{key:str}", opt={"verb": "source.keys"}, status_code=204)
async def revoke(request: Asked, source: FromPath[str], key: FromPath[str]) -> None:
    """Revoke one for good; within half a minute nobody can send with it."""
    at, by = here(request), caller_of(request).by
    ended = await at.gate.write(lambda connection: administration.revoke(connection, source, key, by, at.now()))
    if not ended:
        raise Problem(404, "unknown", f"There is no key {key[:40]} of {source[:40]} that is still good.")


def _known(at: Here, source: str) -> str:
    sources = at.site.worlds.world().rulebook.sources
    if source not in sources:
        raise Problem(404, "unknown", f"There is no source {source[:40]}.", nearest(source, sources))
    return source


def _view(one: Key) -> KeyView:
    return KeyView(one.id, one.source, one.prefix, one.state, when(one.created_at))
