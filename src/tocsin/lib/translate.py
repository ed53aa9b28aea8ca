"""Phrases to sentences: the catalogue of texts in `texts/`, TOML files by language, English always complete.

`en.toml` holds what rules and mails say, `PART.en.toml` what one part of the program says besides.

A catalogue's tables are the first parts of a key: `[page]` with `step = "..."` holds `page.step`. `{name}` stands for a
value; values are data and are put in as they are, never read as a pattern again. Whoever shows the sentence escapes it.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

_PLACE = re.compile(r"\{(\w+)\}")


class Spoken(Protocol):
    """Anything with a key and values: core's Phrase."""

    @property
    def key(self) -> str:
        """The name of the sentence."""

    @property
    def values(self) -> Mapping[str, str]:
        """What fills its places."""


@cache
def catalogue(language: str = "en") -> Mapping[str, str]:
    """All sentences of a language by their keys; a language without a file has English ones."""
    name = language if re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language) else "en"
    folder = files("tocsin.lib") / "texts"
    own = [file for file in folder.iterdir() if file.name == f"{name}.toml" or file.name.endswith(f".{name}.toml")]
    if not own:
        return catalogue("en")
    return {key: said for file in own for key, said in _flat("", tomllib.loads(file.read_text("utf-8")))}


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in table.items():
        if isinstance(value, str):
            found.append((prefix + name, value))
        else:
            found += _flat(f"{prefix}{name}.", value)
    return found


def say(phrase: Spoken, language: str = "en") -> str:
    """The sentence of a phrase."""
    return text(phrase.key, phrase.values, language)


def text(key: str, values: Mapping[str, str] | None = None, language: str = "en") -> str:
    """The sentence of a key. One that no catalogue has is shown as it is, values and all: wrong, but not silent."""
    given = values or {}
    sentence = catalogue(language).get(key) or catalogue("en").get(key)
    if sentence is None:
        told = ", ".join(f"{name}: {value}" for name, value in given.items())
        return f"{key} ({told})" if told else key
    return _PLACE.sub(lambda place: given.get(place[1], f"[{place[1]}?]"), sentence).strip().removesuffix(":")


def places(sentence: str) -> frozenset[str]:
    """The names that a sentence has places for."""
    return frozenset(_PLACE.findall(sentence))
