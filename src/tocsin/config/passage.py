"""The lines of a rulebook's files that say one thing, such as a policy: to be shown, and written anew by themselves"""

from collections.abc import Mapping as Texts

from msgspec import Struct

from tocsin.config.complaints import Reader
from tocsin.config.tree import Mapping, end_of, normal, parse


class Passage(Struct, frozen=True):
    """`text` is whole lines of `file` from the character `start` on; the first is line `first`, counted from 1."""

    file: str
    first: int
    start: int
    text: str

    @property
    def last(self) -> int:
        """Its last line."""
        return self.first + max(self.text.count("\n"), 1) - 1

    def holds(self, file: str, line: int) -> bool:
        """Whether that line is one of its own."""
        return file == self.file and self.first <= line <= self.last


def passage(texts: Texts[str, str], section: str, name: str) -> Passage | None:
    """Where that name of that section is defined; None where it is not, or shares its lines with others."""
    for file, text in sorted(texts.items()):
        found = _lines_of(file, normal(text), section, name)
        if found is not None:
            return found
    return None


def with_passage(texts: Texts[str, str], old: Passage, text: str) -> dict[str, str]:
    """The files with those lines written anew and nothing else touched."""
    whole = normal(texts[old.file])
    return {**texts, old.file: whole[: old.start] + normal(text) + whole[old.start + len(old.text) :]}


def _lines_of(file: str, text: str, section: str, name: str) -> Passage | None:
    root = parse(file, text, Reader())
    table = root.get(section) if root is not None else None
    if not isinstance(table, Mapping) or table.flow:
        return None
    key, node = table.key(name), table.get(name)
    if key is None or node is None:
        return None
    start, end = text.rfind("\n", 0, key.start) + 1, max(end_of(node), key.end)
    end = end if text[end - 1 : end] == "\n" else text.find("\n", end) + 1 or len(text)
    return Passage(file, key.at.line, start, text[start:end])
