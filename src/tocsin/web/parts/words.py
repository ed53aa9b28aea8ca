"""Ids to the words of people: names for persons, plain words for the targets that rulebooks write."""

from collections.abc import Iterable, Mapping
from functools import partial

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, TeamId
from tocsin.core.incident.state import Incident
from tocsin.core.phrase import Phrase, named
from tocsin.core.rulebook import Rulebook
from tocsin.lib.translate import ENGLISH, say, text


class Names(Struct, frozen=True):
    """Everybody's name by id, and the language that the rest is said in."""

    people: Mapping[str, str]
    language: str = ENGLISH


def name_of(one: str, names: Names) -> str:
    """A person's name; for `source:x` and `token:x` and `channel:x` the x."""
    if one in names.people:
        return names.people[one]
    kind, _, rest = one.partition(":")
    return rest if rest and kind in ("source", "token", "channel") else one


def names_of(people: Iterable[str], names: Names) -> tuple[str, ...]:
    """All their names."""
    return tuple(name_of(one, names) for one in people)


def plainly(id_: str) -> str:
    """An id of the rulebook as people would write it: `order-database` is Order database."""
    words = " ".join(id_.replace("-", " ").replace("_", " ").split())
    return words[:1].upper() + words[1:]


def spoken(phrase: Phrase | None, names: Names) -> str:
    """A phrase as a sentence with names in it; '' for none."""
    if phrase is None:
        return ""
    return say(named(phrase, partial(name_of, names=names)), names.language)


def zone_at(team: str, book: Rulebook) -> str:
    """The zone that an incident belongs to: that of the hours of its team, else the organisation's."""
    known = book.teams.get(TeamId(team))
    hours = book.hours.get(known.hours) if known is not None else None
    return book.timezone if hours is None else hours.timezone


def called_now(state: Incident) -> tuple[PersonId, ...]:
    """Who is being called to work on it at this moment: whom the step named, and whoever is still being rung."""
    rung = [one.person for one in state.rounds if one.purpose == "page"]
    return tuple(dict.fromkeys((*(state.functional.called if state.calling else ()), *rung)))


def whom(targets: Iterable[Target], names: Names) -> str:
    """The targets of a step: `the team's next`, `the duty manager`."""
    return ", ".join(_target(one, names) for one in targets)


def _target(one: Target, names: Names) -> str:
    if one.kind == "word":
        return text(f"web.target.{one.name.replace('.', '_')}", {}, names.language)
    if one.kind == "manager":
        return text("web.target.manager" if one.name == "1" else "web.target.managers", {"n": one.name}, names.language)
    if one.kind == "person":
        return name_of(one.name, names)
    key = "team_named" if one.kind == "team" else one.kind
    return text(f"web.target.{key}", {"name": one.name.replace("-", " ")}, names.language)
