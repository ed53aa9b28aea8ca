"""GET /api/v1/findings: what `tocsin check` finds in the rulebook in force, each with its place and what helps"""

from litestar import get
from msgspec import Struct

from tocsin.api.here import Asked, here
from tocsin.api.v1.rulebook import no_rulebook
from tocsin.config import Complaint, loads
from tocsin.store import rulebooks


class Findings(Struct, frozen=True):
    """Of `version`: `findings` are worth reading, `notices` say what is kept and not yet active."""

    version: int
    digest: str
    findings: tuple[Complaint, ...]
    notices: tuple[Complaint, ...]


@get("/findings", opt={"verb": "rulebook.read", "also": (404,)}, sync_to_thread=True)
def findings(request: Asked) -> Findings:
    """What is worth knowing about the rulebook in force: code, severity, place, text and hint."""
    kept = here(request).read(rulebooks.latest)
    if kept is None:
        raise no_rulebook()
    loaded = loads(kept.texts)
    return Findings(kept.version, kept.digest, loaded.complaints, loaded.notices)
