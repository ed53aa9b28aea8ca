"""The rulebook: read with its version, replaced only by whoever has seen that version, refused with every complaint."""

from collections.abc import Mapping

import msgspec
from litestar import Response, get, put
from litestar.concurrency import sync_to_thread
from msgspec import Struct

from tocsin.api.here import Asked, Here, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.plain import when
from tocsin.config import Complaint, Loaded, loads
from tocsin.engine.applying import SupersededError, apply
from tocsin.store import rulebooks

NOTE_LIMIT = 2000
"""Characters of what somebody says about a change."""


class RulebookView(Struct, frozen=True):
    """The version in force, as the texts of its files."""

    version: int
    digest: str
    applied_at: str | None
    applied_by: str
    note: str
    texts: Mapping[str, str]


class Replacement(Struct, frozen=True, forbid_unknown_fields=True):
    """`texts` by file name."""

    texts: dict[str, str]
    note: str = ""


class Applied(Struct, frozen=True):
    """The new version; `warnings` did not prevent it, `notices` say what is kept and not yet active."""

    version: int
    digest: str
    warnings: tuple[Complaint, ...]
    notices: tuple[Complaint, ...]


def no_rulebook() -> Problem:
    """404: there is none yet."""
    return Problem(404, "no-rulebook", "No rulebook is in force.", 'Put one, with If-Match: "0".')


@get("/rulebook", opt={"verb": "rulebook.read", "also": (404,), "etag": True}, sync_to_thread=True)
def rulebook(request: Asked) -> Response[RulebookView]:
    """The version in force; its ETag is what a replacement must name."""
    kept = here(request).read(rulebooks.latest)
    if kept is None:
        raise no_rulebook()
    view = RulebookView(kept.version, kept.digest, when(kept.applied_at), kept.applied_by, kept.note, kept.texts)
    return Response(view, headers={"etag": f'"{kept.version}"'})


@put("/rulebook", opt={"verb": "rulebook.apply", "takes": Replacement, "match": True, "etag": True})
async def replace(request: Asked) -> Response[Applied]:
    """Replace it. Live incidents keep the policy that they opened under."""
    at = here(request)
    expected = _expected(request)
    wanted = await body_of(request, Replacement)
    if len(wanted.note) > NOTE_LIMIT or "\x00" in wanted.note:
        raise invalid(f"note: at most {NOTE_LIMIT} characters, and no NUL.")
    loaded = await sync_to_thread(loads, wanted.texts)
    if loaded.rulebook is None:
        told = msgspec.to_builtins(loaded.complaints)
        errors = f"{len(loaded.errors)} error{'' if len(loaded.errors) == 1 else 's'}"
        raise invalid(f"The rulebook has {errors}.", "Nothing was changed.", complaints=told)
    version = await sync_to_thread(_apply, at, loaded, wanted, expected, caller_of(request).by)
    await sync_to_thread(at.site.worlds.refresh)
    applied = Applied(version, loaded.rulebook.digest, loaded.complaints, loaded.notices)
    return Response(applied, headers={"etag": f'"{version}"'})


def _expected(request: Asked) -> int:
    given = request.headers.get("if-match", "")
    if not given:
        raise Problem(428, "if-match", "Say which version you replace.", "Send If-Match with the ETag that GET gave.")
    number = given.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit()):
        raise Problem(412, "changed", f"{given[:40]} is no version.", "Send the ETag that GET gave.")
    return int(number)


def _apply(at: Here, loaded: Loaded, wanted: Replacement, expected: int, by: str) -> int:
    try:
        return apply(at.site.ledger, loaded, at.now(), by, wanted.note, expected)
    except SupersededError as problem:
        hint = "Get it again, and apply your change to what is there now."
        found = f"Version {problem.version} is in force, not {expected}."
        raise Problem(412, "changed", found, hint, version=problem.version) from None
