"""`tocsin apply`: a rulebook becomes the one in force, and what that changes is shown."""

import getpass
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from msgspec import Struct

from tocsin.cli.check import as_text
from tocsin.cli.hands import hand
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import note, safe, say, say_json
from tocsin.cli.reading import exists, methods, reading
from tocsin.config import Change, Loaded, diff, load, loads
from tocsin.core.oncall.override import Facts
from tocsin.engine.applying import moved
from tocsin.engine.clock import SystemClock
from tocsin.engine.proposals import case_of
from tocsin.engine.verifying import verify
from tocsin.engine.weighing import weigh
from tocsin.engine.worlds import reachable
from tocsin.store import facts, rulebooks
from tocsin.store import people as people_store

app = introduce(
    "apply",
    """
tocsin apply examples/acme.yaml
tocsin apply rules/ --note "second line for payments" --format json
tocsin apply rules/ --dry-run
tocsin apply rules/ --force --reason "the night desk takes over in May"
""",
    "A rulebook that cannot be used changes nothing: its complaints are shown and the exit status is 2. Names and "
    "addresses are seeds: they are given to people who are not known yet. One that the file itself changes takes the "
    "place of the one it gave before, also where that failed for good; what people changed since is theirs and stays. "
    "Live incidents keep the version of their policy. What makes the proof worse (an error that was not there, a "
    "longer wait for a human, less that is left after one absence) is refused, exit status 3: --force with a --reason "
    "goes on, and both are written into the audit log.",
)

WORSE = 3
"""The exit status when it makes the proof worse."""


@app.default
def apply(
    path: Annotated[Path, Parameter(help="a rulebook file, or a folder of them")],
    /,
    *,
    comment: Annotated[str, Parameter(name="--note", help="why, kept with the version")] = "",
    dry_run: Annotated[bool, Parameter(help="show what would change, and change nothing")] = False,
    force: Annotated[bool, Parameter(negative="", help="also where that makes the proof worse; with --reason")] = False,
    reason: Annotated[str, Parameter(help="why that is wanted; kept with the version and in the log")] = "",
    database: Database = DATABASE,
    form: Format = "text",
) -> int:
    """Compare with what is in force, then apply."""
    loaded = load(path)
    if loaded.rulebook is None:
        return _unusable(path, loaded, form)
    with nullcontext() if dry_run else hand(database, may_make=True) as someone:
        before = in_force(database)
    version = before.version if before else 0
    despite = worse(before, loaded) if before is not None else ()
    refused = bool(despite) and not (force and reason.strip())
    with nullcontext() if dry_run or refused else hand(database, may_make=True) as someone:
        if someone is not None:
            said = "; ".join(one for one in (comment, reason) if one)
            version = someone.apply(loaded, f"cli:{_user()}", said, despite)
    changes = diff(before.loaded.rulebook, loaded.rulebook) if before is not None and before.loaded.rulebook else ()
    people = sorted({one.person for one in moved(before.loaded.seeds, loaded.seeds)}) if before is not None else []
    if form == "json":
        told = {
            "path": str(path),
            "digest": loaded.rulebook.digest,
            "version": version,
            "applied": not (dry_run or refused),
        }
        told |= {"first": before is None, "changes": msgspec.to_builtins(changes), "people": people, "worse": despite}
        say_json(told)
        return WORSE if refused else 0
    _tell(changes, people, first=before is None)
    for one in despite:
        say(f"! worse: {safe(one)}")
    if refused:
        note('nothing was changed: it makes the proof worse; --force --reason "why" goes on all the same')
        return WORSE
    note(f"nothing was changed; version {version} stays" if dry_run else f"in force: version {version}")
    return 0


class InForce(Struct, frozen=True):
    """The version in force, what it says, and the roster that goes with it."""

    version: int
    loaded: Loaded
    roster: Facts


def in_force(database: str) -> InForce | None:
    """None where there is no version, or none that can be read."""
    if not exists(database):
        return None
    with reading(database) as connection:
        version = rulebooks.latest(connection)
        roster = facts.gathered(connection, reachable(people_store.methods(connection), methods()))
    loaded = loads(version.texts) if version is not None else None
    return InForce(version.version, loaded, roster) if version is not None and loaded and loaded.rulebook else None


def worse(before: InForce, loaded: Loaded) -> tuple[str, ...]:
    """What a rulebook makes worse than the one in force, a sentence each; nothing where it says the same."""
    old, new = before.loaded.rulebook, loaded.rulebook
    if old is None or new is None or old.digest == new.digest:
        return ()
    now = SystemClock().now()
    return weigh(*(verify(case_of(one, before.roster, now)) for one in (old, new))).told()


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
