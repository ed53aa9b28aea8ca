"""A letter in plain words: the headline that a lock screen shows, the facts in their order, and the whole as text."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from tocsin.channels.contract import Letter
from tocsin.lib.moments import moment as spoken
from tocsin.lib.translate import knows, text

_LABELS_SHOWN = 30

_ABOUT_NONE = "\0"
"""Stands for the incident of a letter that is about none: no title has it."""


def subject(letter: Letter) -> str:
    """One line: what is wanted, how bad, what, which incident."""
    incident = letter.incident or _ABOUT_NONE
    told = word(letter, f"subject.{letter.purpose}", priority=letter.priority, title=letter.title, incident=incident)
    told = told.replace(f"({_ABOUT_NONE})", "")
    if letter.delayed_minutes > 0:
        told = word(letter, "subject.delayed", minutes=str(letter.delayed_minutes), subject=told)
    if letter.test:
        told = word(letter, "subject.test", subject=told)
    return " ".join(told.split())


def word(letter: Letter, key: str, **values: str) -> str:
    """A text of the mail catalogue in the letter's language."""
    return text(f"mail.{key}", values, letter.language) if values else _fixed(f"mail.{key}", letter.language)


@lru_cache(4096)
def _fixed(key: str, language: str) -> str:
    """What says the same in every letter."""
    return text(key, {}, language)


def calm(letter: Letter) -> str:
    """What reassures where nothing is asked, '' elsewhere."""
    key = f"mail.calm.{letter.purpose}"
    return _fixed(key, letter.language) if knows(key) else ""


def notices(letter: Letter) -> tuple[str, ...]:
    """What must be known before anything else: that it is a test, that it comes late."""
    found = []
    if letter.test:
        found.append(word(letter, "part.test"))
    if letter.delayed_minutes > 0:
        found.append(word(letter, "part.delayed", n=str(letter.delayed_minutes)))
    return tuple(found)


def facts(letter: Letter) -> tuple[tuple[str, str], ...]:
    """What, how bad, since when, who: as names and values, only those that are known."""
    known = (
        ("what", letter.service),
        ("priority", letter.priority),
        ("severity", letter.severity),
        ("since", since(letter)),
        ("status", _status(letter)),
        ("owner", letter.owner),
        ("incident", letter.incident),
        ("why", letter.reason),
        ("next", letter.next),
    )
    return tuple((word(letter, f"part.{name}"), value) for name, value in known if value)


def shown_labels(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The labels by name, as many as can be read; the incident's own page has all."""
    return tuple(sorted(labels.items())[:_LABELS_SHOWN])


def _status(letter: Letter) -> str:
    key = f"mail.status.{letter.status}"
    return _fixed(key, letter.language) if knows(key) else letter.status


def organisation(letter: Letter) -> str:
    """Whose tocsin it is."""
    return letter.organisation or word(letter, "part.organisation")


def since(letter: Letter) -> str:
    """Since when, as its reader writes times and in their zone; '' where it is not known."""
    return "" if letter.since is None else spoken(letter.since, letter.zone, language=letter.language)


def plain(letter: Letter) -> str:
    """The whole letter as text, short lines first, links bare so that any reader can open them."""
    return "\n\n".join("\n".join(part) for part in _parts(letter) if part) + "\n"


def _parts(letter: Letter) -> Iterator[list[str]]:
    yield list(notices(letter))
    yield [word(letter, "part.hello", name=letter.to_name)] if letter.to_name else []
    yield [f"{word(letter, f'lead.{letter.purpose}')}: {letter.title}", *([calm(letter)] if calm(letter) else [])]
    yield [letter.question] if letter.question else []
    yield [letter.news] if letter.news else []
    yield [f"{name}: {value}" for name, value in facts(letter)]
    yield [f"{letter.act_label}:", letter.act_url] if letter.act_url else []
    for choice in letter.choices:
        yield [f"{choice.label}:", choice.url]
    yield [word(letter, "part.act")] if letter.act_url or letter.choices else []
    yield [letter.text] if letter.text else []
    yield _listed(word(letter, "part.also"), letter.also)
    yield _listed(word(letter, "part.labels"), [f"{name}: {value}" for name, value in shown_labels(letter.labels)])
    yield _listed(word(letter, "part.links"), [f"{one.text} {one.href}".strip() for one in letter.links])
    opening = word(letter, "part.open", incident=letter.incident)
    yield [f"{opening}:", letter.incident_url] if letter.incident_url else []
    yield ["-- ", word(letter, "part.footer", organisation=organisation(letter))]


def _listed(title: str, lines: list[str] | tuple[str, ...]) -> list[str]:
    return [f"{title}:", *(f"- {one}" for one in lines)] if lines else []
