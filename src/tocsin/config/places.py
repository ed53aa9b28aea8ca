"""Where a part of the rulebook stands in its files: a path of keys and item numbers to file, line and column."""

from collections.abc import Mapping as Texts
from collections.abc import Sequence as Path

from tocsin.config.complaints import Place, Reader
from tocsin.config.rulebook import merge
from tocsin.config.tree import Mapping, Node, Sequence, parse


class Places:
    """The places of one rulebook's texts, by file name; parsed once, asked often."""

    def __init__(self, texts: Texts[str, str]) -> None:
        quiet = Reader()
        roots = [root for name, text in sorted(texts.items()) if (root := parse(name, text, quiet)) is not None]
        self._root = merge(roots, quiet) if roots else None
        self._first = Place(min(texts, default="."))

    def find(self, path: Path[str]) -> Place:
        """The place of a path such as ("policies", "mail", "functional", "1"), items counted from 0.

        Where a part of it is not in the text (a default), that of the nearest part around it.
        """
        node: Node | None = self._root
        at = self._first if self._root is None else self._root.at
        for part in path:
            found = None if node is None else _below(node, part)
            if found is None:
                break
            at, node = found
        return at


def _below(node: Node, part: str) -> tuple[Place, Node] | None:
    if isinstance(node, Mapping):
        key, value = node.key(part), node.get(part)
        return None if key is None or value is None else (key.at, value)
    if isinstance(node, Sequence) and part.isascii() and part.isdigit() and int(part) < len(node.items):
        item = node.items[int(part)]
        return item.at, item
    return None
