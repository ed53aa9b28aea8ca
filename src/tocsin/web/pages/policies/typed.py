"""What stands in the editor: some lines, a file, or an earlier version; and the whole rulebook that this comes to"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.config.passage import Passage, passage, with_passage
from tocsin.store.rulebooks import Version

LONGEST = 4 << 20
"""Characters of a text: as long as a file may be."""

REASON = 2_000
"""Characters of a reason."""

Scope = Literal["policy", "file", "version"]


class Typed(Struct, frozen=True):
    """`name` is the policy's, the file's, or the number of the earlier version; `base` the version it was made of.

    `seen` is the mark of what was looked at last, so that nothing is saved that nobody has looked at; `force` the one
    of what gets worse by it and is wanted all the same.
    """

    scope: Scope
    name: str
    text: str
    base: int = 0
    seen: str = ""
    reason: str = ""
    force: str = ""


def typed_of(form: Mapping[str, Any]) -> Typed:
    """The fields of the form."""
    told = {name: str(form.get(name, "")) for name in ("scope", "name", "text", "base", "seen", "reason", "force")}
    scope: Scope = "policy" if told["scope"] == "policy" else "version" if told["scope"] == "version" else "file"
    text = told["text"].replace("\r\n", "\n").replace("\r", "\n")[:LONGEST]
    reason = " ".join(told["reason"].replace("\0", "").split())[:REASON]
    return Typed(scope, told["name"][:200], text, number(told["base"]), told["seen"], reason, told["force"][:40])


def number(text: str) -> int:
    """A number of a version; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def opened(latest: Version, policy: str, file: str) -> Typed | None:
    """The editor as it opens: at a policy, else at a file; None where there is no such thing."""
    found = passage(latest.texts, "policies", policy) if policy else None
    if found is not None:
        return Typed("policy", policy, found.text, latest.version)
    chosen = file or next(iter(sorted(latest.texts)), "")
    if policy or chosen not in latest.texts:
        return None
    return Typed("file", chosen, latest.texts[chosen], latest.version)


def texts_of(typed: Typed, latest: Version, earlier: Version | None) -> dict[str, str] | None:
    """The whole rulebook, as it would be over the version in force; None where that has no such place any more."""
    if typed.scope == "version":
        return None if earlier is None else dict(earlier.texts)
    if typed.scope == "file":
        return {**latest.texts, typed.name: typed.text} if typed.name in latest.texts else None
    found = place_of(typed, latest)
    return None if found is None else with_passage(latest.texts, found, typed.text)


def place_of(typed: Typed, version: Version) -> Passage | None:
    """The lines of the policy in that version."""
    return passage(version.texts, "policies", typed.name) if typed.scope == "policy" else None


def mark(texts: Mapping[str, str], version: int) -> str:
    """Changes with any letter of the texts, and with the version that they would replace."""
    return sha256(msgspec.json.encode([version, sorted(texts.items())])).hexdigest()[:32]


def over(typed: Typed, version: int) -> Typed:
    """The same, to be looked at over another version."""
    return replace(typed, base=version)
