"""Phrases to sentences: gettext catalogues in `texts/`, one file for each domain and language.

`web.board.de.po` holds every German sentence whose key begins with `web.board.`; what no other file claims stands in
`rules.*.po`. Adding a file is all it takes to add a domain or a language. Only the domains that are spoken of are read.

`{name}` stands for a value; values are data and are put in as they are, never read as a pattern again. Whoever shows
the sentence escapes it. A sentence with plural forms chooses by its value `n`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Protocol

from msgspec import Struct

ENGLISH = "en"
"""Always complete; spoken where a language has no catalogue."""

_REST = "rules"
_PLACE = re.compile(r"\{(\w+)\}")
_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[\d\])?) )?"(.*)"')
_ESCAPED = re.compile(r"\\(.)")
_SIGNS = {"n": "\n", "t": "\t"}
_FILE = re.compile(r"([a-z_.]+)\.([a-z]{2,3})\.po")


class Spoken(Protocol):
    """Anything with a key and values: core's Phrase."""

    @property
    def key(self) -> str:
        """The name of the sentence."""

    @property
    def values(self) -> Mapping[str, str]:
        """What fills its places."""


class Book(Struct, frozen=True):
    """One domain in one language: the forms of each sentence by its key, and which of them a number takes."""

    sentences: dict[str, tuple[str, ...]]
    form: Callable[[int], int]


def say(phrase: Spoken, language: str = ENGLISH) -> str:
    """The sentence of a phrase."""
    return text(phrase.key, phrase.values, language)


def text(key: str, values: Mapping[str, str] | None = None, language: str = ENGLISH) -> str:
    """The sentence of a key. One that no catalogue has is shown as it is, values and all: wrong, but not silent."""
    given = values or {}
    found = _found(key, language)
    if found is None:
        told = ", ".join(f"{name}: {value}" for name, value in given.items())
        return f"{key} ({told})" if told else key
    sentence = found.sentences[key][_form(found, given.get("n", "")) if len(found.sentences[key]) > 1 else 0]
    told = _PLACE.sub(lambda place: given.get(place[1], f"[{place[1]}?]"), sentence).strip()
    return told if sentence.endswith(":") else told.removesuffix(":")  # of a reason that is empty


def knows(key: str) -> bool:
    """Whether there is such a sentence."""
    return _found(key, ENGLISH) is not None


def places(sentence: str) -> frozenset[str]:
    """The names that a sentence has places for."""
    return frozenset(_PLACE.findall(sentence))


def spoken_in(language: str) -> str:
    """The language of ours for a wish such as `de-AT`; '' where we do not speak it."""
    main = re.split("[-_]", language.lower(), maxsplit=1)[0]
    return main if main in languages() else ""


@cache
def languages() -> frozenset[str]:
    """The languages that have catalogues."""
    return frozenset(language for _, language in _listed())


@cache
def catalogue(language: str = ENGLISH) -> Mapping[str, str]:
    """All sentences of a language by their keys, in the form for many; a language without a file has English ones."""
    chosen = spoken_in(language) or ENGLISH
    books = (book(domain, chosen) for domain, known in sorted(_listed()) if known == chosen)
    return {key: forms[-1] for one in books for key, forms in one.sentences.items()}


@cache
def book(domain: str, language: str) -> Book:
    """One file."""
    return read((files("tocsin.lib") / "texts" / f"{domain}.{language}.po").read_text("utf-8"))


def read(written: str) -> Book:
    """A catalogue as gettext writes it, without contexts. Babel reads the same, slowly (ADR 0006)."""
    from gettext import c2py

    entries: list[dict[str, str]] = []
    field = ""
    for line in written.splitlines():
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        if found[1] == "msgid":
            entries.append({})
        field = found[1] or field
        entries[-1][field] = entries[-1].get(field, "") + _ESCAPED.sub(lambda one: _SIGNS.get(one[1], one[1]), found[2])
    said = {one["msgid"]: tuple(text for name, text in one.items() if name.startswith("msgstr")) for one in entries}
    rule = re.search(r"plural=([^;\n]+)", said.pop("", ("",))[0])
    return Book(said, c2py(rule[1] if rule is not None else "n != 1"))


@lru_cache(8192)
def _found(key: str, language: str) -> Book | None:
    """The book that has that sentence, the English one where the language's own has not."""
    domain = domain_of(key)
    for one in (spoken_in(language), ENGLISH):
        if (domain, one) in _listed() and key in (found := book(domain, one)).sentences:
            return found
    return None


def domain_of(key: str) -> str:
    """The longest beginning of a key that has files of its own."""
    known = {domain for domain, _ in _listed()}
    parts = key.split(".")
    beginnings = (".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))
    return next((one for one in beginnings if one in known), _REST)


@cache
def _listed() -> frozenset[tuple[str, str]]:
    names = (_FILE.fullmatch(file.name) for file in (files("tocsin.lib") / "texts").iterdir())
    return frozenset((name[1], name[2]) for name in names if name is not None)


def _form(found: Book, n: str) -> int:
    """Which form a number takes; what is no number takes that of many."""
    return found.form(int(n) if n.isascii() and n.isdigit() and len(n) < 18 else 2)
