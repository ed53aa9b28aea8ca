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
from tocsin.cli.times import read_duration
from tocsin.cli.weighing import HURRY, PATIENCE, in_force, weighed
from tocsin.config import Change, Loaded, diff, load
from tocsin.core.instant import format_duration
from tocsin.engine.applying import moved
from tocsin.engine.clock import SystemClock
from tocsin.engine.weighing import Weighed

app = introduce(
    "apply",
    """
tocsin apply examples/acme.yaml
tocsin apply rules/ --note "second line for payments" --format json
tocsin apply rules/ --dry-run
tocsin apply rules/ --force --reason "the night desk takes over in May"
tocsin apply rules/ --force --reason "dana is ill, at once" --patience 0s
""",
    "A rulebook that cannot be used changes nothing: its complaints are shown and the exit status is 2. Names and "
    "addresses are seeds: they are given to people who are not known yet. One that the file itself changes takes the "
    "place of the one it gave before, also where that failed for good; what people changed since is theirs and stays. "
    "Live incidents keep the version of their policy. What makes the proof worse is refused, exit status 3: an error "
    "that was not there, a longer wait for a human or for management, openings that reach nobody, a promised response "
    "that cannot be kept, less that is left when one person, way or provider is missing. Both rulebooks are proved for "
    "that, for 2m at most (--patience); what could not be compared in that time is refused alike. --force with a "
    "--reason goes on, waits for 10s at most, and both are written into the audit log with all that gets worse.",
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
    patience: Annotated[str, Parameter(help="how long the proofs are waited for: 2m, and 10s with --force")] = "",
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
    forced = force and bool(reason.strip())
    wait = read_duration(patience) if patience else HURRY if forced else PATIENCE
    found = weighed(before, loaded, SystemClock().now(), wait)
    despite, refused = found.told(), found.refused and not forced
    with nullcontext() if dry_run or refused else hand(database, may_make=True) as someone:
        if someone is not None:
            said = "; ".join(one for one in (comment, reason) if one)
            version = someone.apply(loaded, f"cli:{_user()}", said, despite, before.version if before else None)
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
        told["proved"] = not found.unproved
        say_json(told)
        return WORSE if refused else 0
    _tell(changes, people, first=before is None)
    for one in despite:
        say(f"! {'worse: ' if found.bad else ''}{safe(one)}")
    if refused:
        waited = f"not ready within {format_duration(wait)}" if wait else "not waited for"
        note(f"nothing was changed: {_why(found, waited)}")
        return WORSE
    note(f"nothing was changed; version {version} stays" if dry_run else f"in force: version {version}")
    return 0


def _why(found: Weighed, waited: str) -> str:
    """Why it was refused, and what goes on."""
    goes_on = '--force --reason "why" goes on all the same'
    if found.bad or found.unproved != "late":
        return f"it makes the proof worse; {goes_on}"
    return f"the proofs were {waited}; --patience 10m waits longer, {goes_on}"


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
