"""`tocsin check`: everything that is wrong with a rulebook at once, each with its place, its line and what helps."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from tocsin.cli.options import Format, introduce
from tocsin.cli.output import safe, say, say_json
from tocsin.config import Complaint, Loaded, excerpt, load

app = introduce(
    "check",
    """
tocsin check examples/acme.yaml
tocsin check rules/ --format json
""",
    "It exits 0 when the rulebook is clean, 1 when there are findings, 2 when it cannot be used at all.",
)

CLEAN, FINDINGS, UNUSABLE = 0, 1, 2


@app.default
def check(
    path: Annotated[Path, Parameter(help="a rulebook file, or a folder of them")], /, *, form: Format = "text"
) -> int:
    """Load the rulebook and report."""
    loaded = load(path)
    if form == "json":
        say_json(as_data(path, loaded))
    else:
        as_text(path, loaded)
    return verdict(loaded)


def verdict(loaded: Loaded) -> int:
    """The exit status."""
    if loaded.rulebook is None:
        return UNUSABLE
    return FINDINGS if loaded.complaints else CLEAN


def as_data(path: Path, loaded: Loaded) -> dict[str, Any]:
    """Stable keys: path, usable, digest, findings, notices."""
    return {
        "path": str(path),
        "usable": loaded.rulebook is not None,
        "digest": loaded.rulebook.digest if loaded.rulebook else None,
        "findings": [msgspec.to_builtins(one) for one in loaded.complaints],
        "notices": [msgspec.to_builtins(one) for one in loaded.notices],
    }


def as_text(path: Path, loaded: Loaded) -> None:
    """As compilers do it: place and code, the line with a caret, a hint; in the end a count."""
    texts = dict(loaded.texts)
    for one in loaded.complaints:
        say(f"{_place(one)}: {one.severity} {one.code}: {safe(one.text)}")
        for line in excerpt(one, texts).splitlines():
            say(safe(line))
        if one.hint:
            say(f"  hint: {safe(one.hint)}")
    for one in loaded.notices:
        say(f"{_place(one)}: {one.code}: {safe(one.text)}")
    say(f"{safe(path)}: {_summary(loaded)}")


def _place(one: Complaint) -> str:
    return safe(f"{one.file}:{one.line}:{one.column}")


def _summary(loaded: Loaded) -> str:
    errors = len(loaded.errors)
    warnings = len(loaded.complaints) - errors
    parts = [_count(errors, "error"), _count(warnings, "warning")]
    if loaded.notices:
        parts.append(f"{len(loaded.notices)} not yet active")
    told = ", ".join(part for part in parts if part)
    if loaded.rulebook is None:
        return f"unusable: {told}"
    return f"{'usable' if loaded.complaints else 'clean'}{': ' if told else ''}{told}"


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}" if n else ""
