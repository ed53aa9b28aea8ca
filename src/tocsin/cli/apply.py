"""`tocsin apply`: a rulebook becomes the one in force, and what that changes is shown."""

import getpass
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from tocsin.cli.check import as_text
from tocsin.cli.hands import hand
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import note, safe, say, say_json
from tocsin.cli.reading import exists, reading
from tocsin.config import Change, Loaded, diff, load, loads
from tocsin.engine.applying import moved
from tocsin.store import rulebooks

app = introduce(
    "apply",
    """
tocsin apply examples/acme.yaml
tocsin apply rules/ --note "second line for payments" --format json
tocsin apply rules/ --dry-run
""",
    "A rulebook that cannot be used changes nothing: its complaints are shown and the exit status is 2. Names and "
    "addresses are seeds: they are given to people who are not known yet. One that the file itself changes takes the "
    "place of the one it gave before, also where that failed for good; what people changed since is theirs and stays. "
    "Live incidents keep the version of their policy.",
)


@app.default
def apply(
    path: Annotated[Path, Parameter(help="a rulebook file, or a folder of them")],
    /,
    *,
    comment: Annotated[str, Parameter(name="--note", help="why, kept with the version")] = "",
    dry_run: Annotated[bool, Parameter(help="show what would change, and change nothing")] = False,
    database: Database = DATABASE,
    form: Format = "text",
) -> int:
    """Compare with what is in force, then apply."""
    loaded = load(path)
    if loaded.rulebook is None:
        return _unusable(path, loaded, form)
    with nullcontext() if dry_run else hand(database, may_make=True) as someone:
        before = in_force(database)
        version = before[0] if before else 0
        if someone is not None:
            version = someone.apply(loaded, by=f"cli:{_user()}", comment=comment)
    changes = diff(before[1].rulebook, loaded.rulebook) if before is not None and before[1].rulebook else ()
    people = sorted({one.person for one in moved(before[1].seeds, loaded.seeds)}) if before is not None else []
    if form == "json":
        told = {"path": str(path), "digest": loaded.rulebook.digest, "version": version, "applied": not dry_run}
        say_json({**told, "first": before is None, "changes": msgspec.to_builtins(changes), "people": people})
        return 0
    _tell(changes, people, first=before is None)
    note(f"nothing was changed; version {version} stays" if dry_run else f"in force: version {version}")
    return 0


def in_force(database: str) -> tuple[int, Loaded] | None:
    """The number of the version in force and what it says; None where there are none, or none that can be read."""
    if not exists(database):
        return None
    with reading(database) as connection:
        version = rulebooks.latest(connection)
    loaded = loads(version.texts) if version is not None else None
    return (version.version, loaded) if version is not None and loaded is not None and loaded.rulebook else None


def _unusable(path: Path, loaded: Loaded, form: str) -> int:
    if form == "json":
        errors = [msgspec.to_builtins(one) for one in loaded.complaints]
        say_json({"path": str(path), "applied": False, "findings": errors})
    else:
        as_text(path, loaded)
        note("nothing was applied")
    return 2


def _tell(changes: tuple[Change, ...], people: list[str], *, first: bool) -> None:
    for change in changes:
        say(safe(change))
    for person in people:
        say(f"~ people.{safe(person)}: another name or address")
    if first:
        say("the first rulebook of this database")
    elif not changes:
        say("no rule changes")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
