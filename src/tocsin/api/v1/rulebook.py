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
from tocsin.engine.weighing import weigh_here
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
    """`texts` by file name. `force`: also where that makes the proof worse; the note is then the reason."""

    texts: dict[str, str]
    note: str = ""
    force: bool = False


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
    """Replace it, unless that makes the proof worse: 422 says what, 503 that it is still being proved.

    Live incidents keep their policy.
    """
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
    despite = await sync_to_thread(_worse, at, loaded, wanted)
    version = await sync_to_thread(_apply, at, loaded, wanted, expected, caller_of(request).by, despite)
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


def _worse(at: Here, loaded: Loaded, wanted: Replacement) -> tuple[str, ...]:
    """What it makes worse than the one in force, which whoever asks wants all the same. Raises Problem 422 or 503."""
    weighed = weigh_here(at.site, loaded)
    told = weighed.told()
    if not weighed.refused or (wanted.force and wanted.note.strip()):
        return told
    forced = "with force: true and a note that says why"
    if weighed.unproved == "late" and not weighed.bad:
        hint = f"Nothing was changed. It is still being proved: send it again in a while, or {forced}."
        raise Problem(503, "proving", "Whether it makes the proof worse is not known yet.", hint, retry_after=5)
    hint = f"Nothing was changed. Send it {forced}, if that is wanted."
    raise Problem(422, "worse", f"It makes the proof worse: {told[0]}", hint, worse=told)


def _apply(at: Here, loaded: Loaded, wanted: Replacement, expected: int, by: str, despite: tuple[str, ...]) -> int:
    try:
        return apply(at.site.ledger, loaded, at.now(), by, wanted.note, expected, despite=despite)
    except SupersededError as problem:
        hint = "Get it again, and apply your change to what is there now."
        found = f"Version {problem.version} is in force, not {expected}."
        raise Problem(412, "changed", found, hint, version=problem.version) from None
