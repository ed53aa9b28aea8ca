"""Rulebooks to begin with: three of our own, filled with an organisation's names; text in, text out"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Literal, get_args

from msgspec import Struct

from tocsin.core.instant import SECOND, Instant
from tocsin.lib.moments import zone_of

Starter = Literal["just_me", "small_team", "service_desk"]
STARTERS: tuple[Starter, ...] = get_args(Starter)

_MARK = re.compile(r"@([a-z]+)@")
_ADDRESS = re.compile(r"[^\s<>,;]+@[^\s<>,;]+")


class Somebody(Struct, frozen=True):
    """One person of a form. `id` is what the rulebook calls them."""

    id: str
    name: str
    email: str = ""


class Answers(Struct, frozen=True):
    """What a starter is filled with. `me` is whoever fills it in; the others are lines of `Name <address>`."""

    organisation: str
    timezone: str
    name: str
    email: str
    team: str = ""
    desk: str = ""
    manager: str = ""


class Filled(Struct, frozen=True):
    """The text of a rulebook, and what it calls the person who filled it in."""

    text: str
    me: str


def filled(starter: Starter, answers: Answers, now: Instant) -> Filled:
    """That starter with those answers. What is wrong with them, loading the text says."""
    me, team, desk, managers = _cast(starter, answers)
    everybody = dict.fromkeys((me, *team, *desk, *managers))
    values = {
        "organisation": _quoted(answers.organisation),
        "timezone": _quoted(answers.timezone),
        "people": "\n".join(_line(one) for one in everybody),
        "me": me.id,
        "manager": managers[0].id,
        "team": ", ".join(one.id for one in (me, *team)),
        "desk": ", ".join(one.id for one in desk),
        "managers": ", ".join(f"person:{one.id}" for one in dict.fromkeys((*managers, me))),
        "monday": _monday(answers.timezone, now),
    }
    blank = files("tocsin.config.starters").joinpath(f"{starter}.yaml").read_text("utf-8")
    return Filled(_MARK.sub(lambda found: values.get(found[1], found[0]), blank), me.id)


def _cast(
    starter: Starter, answers: Answers
) -> tuple[Somebody, tuple[Somebody, ...], tuple[Somebody, ...], tuple[Somebody, ...]]:
    """Who plays which part; where nobody was named, whoever fills it in does. One address is one person."""
    taken: dict[str, Somebody] = {}
    me = _somebody(answers.name, answers.email, taken)
    parts = [_everybody(said if starter in where else "", taken) for said, where in _parts(answers)]
    team, desk, managers = (tuple(one for one in part if one != me or n) for n, part in enumerate(parts))
    return me, team, desk or (me,), managers or (me,)


def _parts(answers: Answers) -> Iterator[tuple[str, tuple[Starter, ...]]]:
    yield answers.team, ("small_team", "service_desk")
    yield answers.desk, ("service_desk",)
    yield answers.manager, ("service_desk",)


def _everybody(lines: str, taken: dict[str, Somebody]) -> tuple[Somebody, ...]:
    found = (_somebody(*_read(line), taken) for line in lines.splitlines() if line.strip())
    return tuple(dict.fromkeys(found))


def _read(line: str) -> tuple[str, str]:
    """Name and address of `Name <address>`, in whatever way the two are kept apart; each may be missing."""
    found = _ADDRESS.search(line)
    rest = line if found is None else line.replace(found[0], " ")
    return " ".join(re.sub("[<>,;]", " ", rest).split()), "" if found is None else found[0]


def _somebody(name: str, email: str, taken: dict[str, Somebody]) -> Somebody:
    name = name or email.partition("@")[0]
    for one in taken.values():
        if (email and one.email.lower() == email.lower()) or (not email and one.name.lower() == name.lower()):
            return one
    made = Somebody(_id((name, email), taken), name, email)
    taken[made.id] = made
    return made


def _id(called: Iterable[str], taken: dict[str, Somebody]) -> str:
    """The first word of a name in plain letters, else that of the address; with a number where that is taken."""
    words = (_plain(one.split()[0].partition("@")[0]) for one in called if one.split())
    short = next((word for word in words if word), "person")
    return next(one for one in _numbered(short) if one not in taken)


def _numbered(word: str) -> Iterator[str]:
    yield word
    n = 2
    while True:
        yield f"{word}-{n}"
        n += 1


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-0123456789")[:30]


def _line(one: Somebody) -> str:
    email = f", email: {_quoted(one.email)}" if one.email else ""
    return f"  {one.id}: {{name: {_quoted(one.name)}{email}}}"


def _quoted(text: str) -> str:
    """In double quotes, as JSON and YAML both read it."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _monday(zone: str, now: Instant) -> str:
    """The Monday on which the turn that is running at nine o'clock began."""
    here = datetime.fromtimestamp(now / SECOND, zone_of(zone) or UTC)  # a bad one is complained about where it stands
    begun = here - timedelta(hours=9)
    return (begun - timedelta(days=begun.weekday())).date().isoformat()
