"""The rules a question is put to: those of a file, or the ones in force with today's overrides and absences."""

import os
from pathlib import Path

from msgspec import Struct

from tocsin.cli.output import MistakeError
from tocsin.cli.reading import exists, reading, shown
from tocsin.config import Loaded, load, loads
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts, MethodState
from tocsin.core.rulebook import Rulebook
from tocsin.store import facts, people, rulebooks


class Rules(Struct, frozen=True):
    """`names` and `zones` are people's by their ids; `origin` says in words where all of it comes from."""

    rulebook: Rulebook
    facts: Facts
    names: dict[str, str]
    origin: str
    zones: dict[str, str] = {}

    def name(self, person: str) -> str:
        """`Dana Levi (dana)`, or the id alone."""
        named = self.names.get(person, "")
        return f"{named} ({person})" if named else person


def find_rules(path: Path | None, database: str, at: Instant | None = None) -> Rules:
    """The file that was given; else what is, or was `at` then, in force in the database; else TOCSIN_RULEBOOK's."""
    if path is not None:
        return rules_of_file(path)
    stored = rules_of_store(database, at)
    if stored is not None:
        return stored
    named = os.environ.get("TOCSIN_RULEBOOK", "")
    if named:
        return rules_of_file(Path(named))
    raise MistakeError(f"no rulebook: none is in force in {shown(database)}", "give --rulebook PATH or --database URL")


def rules_of_file(path: Path) -> Rules:
    """The rules of a file or folder; without a store there are no overrides and no absences, and seeds are the ways."""
    return rules_of(load(path), path)


def rules_of(loaded: Loaded, path: Path) -> Rules:
    """The rules of what was loaded from there."""
    if loaded.rulebook is None:
        first, more = loaded.errors[0], len(loaded.errors) - 1
        others = f" (and {more} more)" if more else ""
        place = f"{first.file}:{first.line}:{first.column}"
        raise MistakeError(f"{place}: {first.text}{others}", f"tocsin check {path} shows all")
    return Rules(loaded.rulebook, facts_of(loaded), {seed.person: seed.name for seed in loaded.seeds}, str(path))


def facts_of(loaded: Loaded) -> Facts:
    """What the files alone say of how people are reached."""
    declared: MethodState = "declared"
    return Facts(methods={seed.person: dict.fromkeys(seed.ways, declared) for seed in loaded.seeds})


def rules_of_store(database: str, at: Instant | None = None) -> Rules | None:
    """What is in force in the database, or was `at` then, with its overrides and absences; None where nothing is."""
    if not exists(database):
        return None
    with reading(database) as connection:
        version = rulebooks.latest(connection) if at is None else rulebooks.at(connection, at)
        persons = people.persons(connection)
        today = facts.gathered(connection, people.methods(connection), at)
    if version is None:
        return None
    rulebook = loads(version.texts).rulebook
    if rulebook is None:
        raise MistakeError(f"version {version.version} of the rulebook cannot be read by this tocsin", "apply it anew")
    names = {id_: one.name for id_, one in persons.items()}
    zones = {id_: one.zone for id_, one in persons.items() if one.zone}
    return Rules(rulebook, today, names, f"version {version.version} in {shown(database)}", zones)
