"""The outbox in words: who was or would have been told, by what way, why, and what came of it."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant
from tocsin.store.queries.sent import Sent
from tocsin.web.parts.words import Names, name_of, spoken

Causes = dict[tuple[str, str], str]
"""Why, by the number of a round and the person it called."""

_LINK = re.compile(r"https?://\S+/l/(tsl_[\w.-]+)")
_SUBJECT = re.compile(r"^Subject: (.*)$", re.MULTILINE)


class Way(Struct, frozen=True):
    """One way of one message, and how far it came."""

    method: str
    state: str
    tried: int


class LetterView(Struct, frozen=True):
    """One message to one person by all its ways. `body` is what the outbox kept, `link` the signed one in it."""

    id: str
    to: str
    purpose: str
    why: str
    due_at: Instant
    ways: tuple[Way, ...]
    subject: str
    body: str
    link: str


def letters(rows: Iterable[Sent], causes: Causes, names: Names, *, links: bool) -> tuple[LetterView, ...]:
    """The latest first. `links`: with the signed links in them, which act for whom they were sent to."""
    together: dict[tuple[str, str, str], list[Sent]] = {}
    for row in rows:
        together.setdefault((_round(row), row.person, row.purpose), []).append(row)
    return tuple(_letter(ways, causes, names, links=links) for ways in together.values())


def _letter(rows: list[Sent], causes: Causes, names: Names, *, links: bool) -> LetterView:
    rows = sorted(rows, key=lambda row: (row.due_at, row.method))
    first, kept = rows[0], max((row.detail for row in rows), key=len)
    found, (subject, body) = _LINK.search(kept), opened(kept)
    return LetterView(
        id=first.id,
        to=name_of(first.person, names),
        purpose=first.purpose,
        why=causes.get((_round(first), first.person), ""),
        due_at=max(row.due_at for row in rows),
        ways=tuple(Way(row.method, row.state, row.tried) for row in rows),
        subject=subject,
        body=body,
        link=f"/l/{found[1]}" if found is not None and links else "",
    )


def opened(kept: str) -> tuple[str, str]:
    """Subject and body of what the outbox kept, without the links that act."""
    subject = _SUBJECT.search(kept)
    return subject[1] if subject is not None else "", _LINK.sub("[…]", kept.partition("\n\n")[2] or kept)


def _round(row: Sent) -> str:
    """The second part of a message's id: the number of its round, or of the fact that it tells."""
    return row.id.removeprefix(f"{row.incident}.").partition(".")[0]


def causes_of(past: Sequence[ev.Event], names: Names) -> Causes:
    """Why each round called whom."""
    rounds = (event.round for event in past if isinstance(event, ev.Paged))
    return {(str(one.number), one.person): spoken(one.causes[-1], names) for one in rounds}
