"""people, contact, roles, teams: who there is and how each is reached; names and addresses go apart, as seeds."""

import re
from typing import Any

from msgspec import Struct

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.fields import BAD, Field, Many, Record, Table
from tocsin.config.measures import DURATION, EMAIL, ID_WORD, PHONE
from tocsin.config.targets import ABSOLUTE
from tocsin.config.tree import Node
from tocsin.config.words import Choice, Flag, Ref, Text, Whole, Word, WrongError
from tocsin.core.catalogue.people import ContactLadder, Entry, Person, Role, Team
from tocsin.core.ids import ALWAYS, PersonId, RoleId, TeamId
from tocsin.core.instant import parse_duration

METHODS = ("email", "sms", "voice", "push", "webhook", "outbox")
"""Ways of contact that are built in or common; others are allowed and known to the channels that are found."""


class Seed(Struct, frozen=True):
    """Personal data of one person, applied to the store once and never part of the rulebook or its digest.

    `addresses[method]` holds what leads to the person by any other way than mail and phone.
    """

    person: PersonId
    name: str
    email: str = ""
    phone: str = ""
    addresses: dict[str, str] = {}

    @property
    def ways(self) -> dict[str, str]:
        """Addresses by method: a phone is good for text messages and for calls."""
        mail = {"email": self.email} if self.email else {}
        phone = {"sms": self.phone, "voice": self.phone} if self.phone else {}
        return mail | phone | self.addresses


PERSON = Ref("people", "a person's id")
TEAM = Ref("teams", "a team's id")
SCHEDULE = Ref("schedules", "a schedule's id")
HOURS = Ref("hours", "the id of hours", also=(ALWAYS,))


def _person(name: str, values: dict[str, Any], _at: Place, _reader: Reader) -> tuple[Person, Seed]:
    skills = tuple(sorted(values.get("skills", ())))
    person = Person(PersonId(name), values.get("manager"), skills, values.get("cleared", False))
    seed = Seed(
        PersonId(name),
        values["name"],
        values.get("email", ""),
        values.get("phone", ""),
        values.get("addresses", {}),
    )
    return person, seed


PEOPLE = Table(
    ID_WORD,
    Record(
        "person",
        "Somebody who can be paged. Name and addresses are seeds: applied once, then they live with the person. One "
        "that the file itself changes is applied again, but for what the person has changed.",
        (
            Field("name", Text(200), "the person's name (a seed)", required=True, example="Ana Sousa"),
            Field("email", EMAIL, "an address for mail (a seed)", example="ana@acme.example"),
            Field("phone", PHONE, "E.164, in quotes (a seed): sms and voice", example='"+442071230003"'),
            Field(
                "addresses",
                Table(ID_WORD, Text(1000), "methods"),
                "addresses of other ways of contact (seeds)",
                example='{matrix: "@ana:acme.example"}',
            ),
            Field("manager", PERSON, "the next one up; no circles"),
            Field("skills", Many(ID_WORD, distinct=True), "what a step may prefer", example="[linux, postgres]"),
            Field("cleared", Flag(), "may read confidential incidents", default="false"),
        ),
    ),
    "ids",
    _person,
    partial=True,
)


def _entry(text: str) -> Entry:
    match = re.fullmatch(rf"([a-z][a-z0-9_-]*)(?:\s+after\s+({DURATION}))?", text)
    if not match:
        raise WrongError(f"{text!r} is not a way of contact")
    return Entry(match.group(1), parse_duration(match.group(2)) if match.group(2) else 0)


class ContactWord(Struct, frozen=True):
    """`email`, or `sms after 1m`; a way that is spelled almost like a common one gets a warning."""

    words: str = "a way of contact"

    def read(self, node: Node, reader: Reader) -> Any:
        entry = _ENTRY.read(node, reader)
        if entry is not BAD and entry.method not in METHODS:
            hint = nearest(entry.method, METHODS)
            if hint:
                reader.complain("F034", node.at, f"{entry.method!r} is no common way of contact", hint)
        return entry

    def schema(self, shared: dict[str, Any]) -> dict[str, Any]:
        return _ENTRY.schema(shared)


_ENTRY = Word("a way of contact", "F032", _entry, rf"[a-z][a-z0-9_-]*(?:\s+after\s+{DURATION})?")


def _contact(values: dict[str, Any], _node: Node, _reader: Reader) -> ContactLadder:
    return ContactLadder(**values)


CONTACT = Record(
    "contact",
    "How people are reached; anyone may set their own. Delays count from the start of the round.",
    (
        Field(
            "urgent",
            Many(ContactWord(), at_least=1),
            "for pages that are urgent",
            default="email",
            example="[push, email, sms after 1m]",
        ),
        Field("routine", Many(ContactWord(), at_least=1), "for everything else", default="email"),
    ),
    _contact,
)

ROLES = Table(
    ID_WORD,
    Many(ABSOLUTE, at_least=1, distinct=True),
    "ids",
    lambda name, holders, _at, _reader: Role(RoleId(name), holders),
    partial=True,
)


def _team(name: str, values: dict[str, Any], at: Place, reader: Reader) -> Any:
    members = values.get("members", ())
    if not members and "on_call" not in values:
        reader.complain("R006", at, f"team {name} has neither members nor a schedule")
        return BAD
    if not members:
        reader.complain("R008", at, f"team {name} has a schedule and no members")
    return Team(TeamId(name), **(values | {"members": members}))


TEAMS = Table(
    ID_WORD,
    Record(
        "team",
        "A group that owns work.",
        (
            Field("members", Many(PERSON, distinct=True), "its people, in order", example="[ana, ben]"),
            Field("lead", PERSON, "whom `team.lead` names"),
            Field("tier", Whole(1, 9), "1 is the first line", default="1"),
            Field("hours", HOURS, "when it works; outside it is empty", default="always"),
            Field("on_call", SCHEDULE, "who of it is called first; without it, the members as `assign` says"),
            Field(
                "assign",
                Choice(("everyone", "round_robin", "least_loaded", "skilled")),
                "which member is called first",
                default="everyone",
            ),
        ),
    ),
    "ids",
    _team,
    partial=True,
)
