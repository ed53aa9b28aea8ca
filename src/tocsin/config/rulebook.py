"""The whole rulebook as one record of sections: merged from several files, read, and put together as a value."""

from typing import Any

from msgspec import Struct, structs

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.criteria import CRITERIA
from tocsin.config.digest import digest_of
from tocsin.config.fields import Field, Many, Record
from tocsin.config.hours import HOURS
from tocsin.config.measures import ZONE
from tocsin.config.people import CONTACT, PEOPLE, ROLES, TEAM, TEAMS, Seed
from tocsin.config.policies import POLICIES
from tocsin.config.proving import ALLOW, EXPECT
from tocsin.config.schedules import SCHEDULES
from tocsin.config.services import POLICY, PRIORITIES, SERVICES
from tocsin.config.slas import SLAS
from tocsin.config.sources import SOURCES
from tocsin.config.targets import ABSOLUTE, PRIORITY
from tocsin.config.tree import Mapping, Node, Scalar, Sequence
from tocsin.config.words import Text, Word, WrongError
from tocsin.core.rulebook import Rulebook, Unrouted


def _version(text: str) -> str:
    if text != "1":
        raise WrongError(f"version {text} of the language is not known")
    return text


UNROUTED = Record(
    "unrouted",
    "Where a signal goes that names no known service: somebody is paged all the same.",
    (
        Field("team", TEAM, "who owns it", required=True, example="service-desk"),
        Field("policy", POLICY, "how it is escalated", required=True, example="production"),
        Field("priority", PRIORITY, "how bad it is taken to be", required=True, example="P2"),
    ),
    lambda values, _node, _reader: Unrouted(**values),
)

ROOT = Record(
    "rulebook",
    "What an organisation looks after, who is responsible, and what happens when something breaks.",
    (
        Field("tocsin", Word("the version", "F027", _version, "1"), "the version of the language", True, example="1"),
        Field("organisation", Text(200), "whose rulebook it is", required=True, example="Acme Retail"),
        Field("timezone", ZONE, "where nothing else is said", default="UTC", example="Europe/London"),
        Field(
            "last_resort",
            Many(ABSOLUTE, at_least=1, distinct=True),
            "when everything else is exhausted: one person a round",
            required=True,
            example="[person:carla]",
        ),
        Field(
            "unrouted",
            UNROUTED,
            "a signal that names no known service",
            required=True,
            example="{team: service-desk, policy: production, priority: P2}",
        ),
        Field("people", PEOPLE, "who there is"),
        Field("contact", CONTACT, "how a person is reached", default="email"),
        Field("roles", ROLES, "duties: the first holder who can be reached has it, the rest are deputies"),
        Field("hours", HOURS, "named working hours; `always` is built in"),
        Field("teams", TEAMS, "who owns work"),
        Field("schedules", SCHEDULES, "who is on call"),
        Field("priorities", PRIORITIES, "how bad something is"),
        Field("services", SERVICES, "what is looked after"),
        Field("criteria", CRITERIA, "what raises; every match applies"),
        Field("policies", POLICIES, "what happens when something breaks"),
        Field("slas", SLAS, "what is promised"),
        Field("sources", SOURCES, "where signals come from"),
        Field("expect", EXPECT, "examples that `tocsin check` proves on every change"),
        Field("allow", ALLOW, "findings of `tocsin check` that are accepted for a time, each with its reason"),
    ),
)

TABLES = ("people", "roles", "hours", "teams", "schedules", "services", "policies", "slas", "sources")
LISTS = ("criteria", "expect", "allow")


class Sections(Struct, frozen=True):
    """What was read of each section, as far as it read well, with the merged text to find places in."""

    values: dict[str, Any]
    root: Mapping

    def table(self, section: str) -> dict[str, Any]:
        """The definitions of a section that read well."""
        found = self.values.get(section)
        return found if isinstance(found, dict) else {}

    def defined(self, section: str) -> set[str]:
        """The names that a section defines, read well or not."""
        node = self.root.get(section)
        return {key.text for key, _value in node.entries} if isinstance(node, Mapping) else set()

    def place(self, section: str, name: str, *path: str) -> Place:
        """Where that definition stands, or a part of it as far as the path leads."""
        node = self.root.get(section)
        key = node.key(name) if isinstance(node, Mapping) else None
        node = node.get(name) if isinstance(node, Mapping) else None
        at = key.at if key else self.root.at
        for step in path:
            node = node.get(step) if isinstance(node, Mapping) else None
            at = node.at if node else at
        return at


def merge(roots: list[Mapping], reader: Reader) -> Mapping:
    """One mapping of several files: tables and lists are joined, everything else stands in one of them only."""
    found: dict[str, tuple[Scalar, Node]] = {}
    for root in roots:
        for key, value in root.entries:
            if key.text not in found:
                found[key.text] = (key, value)
            else:
                first, before = found[key.text]
                found[key.text] = (first, _joined(key, before, value, first, reader))
    return structs.replace(roots[0], entries=tuple(found.values()))


def _joined(key: Scalar, before: Node, value: Node, first: Scalar, reader: Reader) -> Node:
    if key.text in TABLES and isinstance(before, Mapping) and isinstance(value, Mapping):
        known = {name.text: name for name, _content in before.entries}
        for name, _content in value.entries:
            if name.text in known:
                reader.complain("F010", name.at, f"{name.text} is defined here and at {known[name.text].at}")
        return structs.replace(before, entries=before.entries + value.entries)
    if key.text in LISTS and isinstance(before, Sequence) and isinstance(value, Sequence):
        return structs.replace(before, items=before.items + value.items)
    if key.text != "tocsin":
        reader.complain("F010", key.at, f"{key.text} is defined here and at {first.at}")
    return before


def read(root: Mapping, reader: Reader) -> Sections:
    """Read every section, so that one mistake never hides another."""
    values: dict[str, Any] = {}
    for key, node in root.entries:
        field = ROOT.field(key.text)
        if field is None:
            known = [field.name for field in ROOT.fields]
            hint = nearest(key.text, known) or f"known are {', '.join(known)}"
            reader.complain("F001", key.at, f"a rulebook has no section {key.text!r}", hint)
        else:
            values[key.text] = field.kind.read(node, reader)
    return Sections(values, root)


def missing(sections: Sections, reader: Reader) -> None:
    """Complain about each section that must be there and is not."""
    for field in ROOT.fields:
        if field.required and field.name not in sections.values:
            reader.complain(
                "F002", sections.root.at, f"the rulebook has no {field.name}", f"add {field.name}: {field.example}"
            )


def assembled(sections: Sections, timezone: str) -> tuple[Rulebook, tuple[Seed, ...]]:
    """The rulebook and the seeds apart from it; nothing may have been complained about as an error."""
    values = dict(sections.values)
    values.pop("tocsin")
    people = values.pop("people", {})
    policies = {
        name: structs.replace(policy, digest=digest_of(policy)) for name, policy in values.pop("policies", {}).items()
    }
    persons = {name: person for name, (person, _seed) in people.items()}
    rulebook = Rulebook(**(values | {"timezone": timezone, "people": persons, "policies": policies}))
    return structs.replace(rulebook, digest=digest_of(rulebook)), tuple(seed for _person, seed in people.values())
