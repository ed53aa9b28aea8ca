"""Change one value in a rulebook's text and touch nothing else: comments, order and quotes stay as they are."""

from copy import deepcopy
from typing import Any

from tocsin.config.complaints import Reader
from tocsin.config.emit import flow, scalar
from tocsin.config.tree import Mapping, Node, Scalar, Sequence, end_of, normal, parse, plain

Path = tuple[str | int, ...]
"""Keys, and places in lists counted from 0: `("policies", "production", "functional", 0, "wait")`."""


class EditError(ValueError):
    """The change cannot be made in the text as it stands; the text says why."""


def edit(text: str, path: Path, value: Any) -> str:
    """The text with `value` (a text, list or dict) at `path`; None removes what stands there.

    A key that is not there is added, and so is the place behind a list's last. The result is read again and must
    differ in exactly that value; EditError where it does not (an alias, a parent that is not there).
    """
    text = normal(text)
    root = _read(text)
    if not path:
        raise EditError("an empty path names nothing")
    parent = _walk(root, path[:-1])
    changed = _spliced(text, parent, path[-1], value)
    if plain(_read(changed)) != _expected(plain(root), path, value):
        raise EditError(f"{_named(path)} cannot be changed by itself: it is used in several places")
    return changed


def _read(text: str) -> Mapping:
    reader = Reader()
    root = parse("text", text, reader)
    errors = [complaint for complaint in reader.complaints if complaint.severity == "error"]
    if root is None or errors:
        raise EditError(str(errors[0]) if errors else "nothing to change in an empty text")
    return root


def _named(path: Path) -> str:
    return ".".join(str(step) for step in path)


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def _walk(root: Mapping, path: Path) -> Mapping | Sequence:
    node: Node | None = root
    for depth, step in enumerate(path):
        node = _child(node, step) if node is not None else None
        if node is None:
            raise EditError(f"there is no {_named(path[: depth + 1])}")
    if isinstance(node, Scalar) or node is None:
        raise EditError(f"{_named(path)} is a text and holds nothing")
    return node


def _expected(tree: Any, path: Path, value: Any) -> Any:
    """What the changed text must say."""
    tree = deepcopy(tree)
    inner = tree
    for step in path[:-1]:
        inner = inner[step]
    last: Any = path[-1]
    if value is None:
        del inner[last]
    elif isinstance(inner, list) and last == len(inner):
        inner.append(_texts(value))
    else:
        inner[last] = _texts(value)
    return tree


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _texts(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(item) for item in value]
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _spliced(text: str, parent: Mapping | Sequence, step: str | int, value: Any) -> str:
    node = _child(parent, step)
    if value is None:
        if node is None:
            raise EditError(f"there is no {step} to remove")
        return _without(text, parent, step)
    if node is not None:
        return _replaced(text, node, flow(value, str(step)))
    if isinstance(parent, Mapping) and isinstance(step, str):
        return _added(text, parent, f"{scalar(step)}: {flow(value, step)}")
    if isinstance(parent, Sequence) and step == len(parent.items):
        return _added(text, parent, flow(value) if parent.flow else f"- {flow(value)}")
    raise EditError(f"{step!r} is no place in a {'mapping' if isinstance(parent, Mapping) else 'list'}")


def _replaced(text: str, node: Node, new: str) -> str:
    start, end = node.start, end_of(node)
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        end = start + len(text[start:end].rstrip("\n"))
    space = " " if start and text[start - 1] in ":-" else ""
    return text[:start] + space + new + text[end:]


def _parts(parent: Mapping | Sequence) -> list[tuple[int, int]]:
    """The span of each entry or item."""
    if isinstance(parent, Mapping):
        return [(key.start, end_of(value)) for key, value in parent.entries]
    return [(item.start, end_of(item)) for item in parent.items]


def _added(text: str, parent: Mapping | Sequence, new: str) -> str:
    parts = _parts(parent)
    if parent.flow:
        at = parts[-1][1] if parts else parent.start + 1
        return text[:at] + (", " if parts else "") + new + text[at:]
    at = _line_end(text, parts[-1][1])
    return text[:at] + "\n" + " " * (parent.at.column - 1) + new + text[at:]


def _line_end(text: str, at: int) -> int:
    """The end of the line on which something ends, its comment included."""
    if at and text[at - 1] == "\n":
        return at - 1
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _without(text: str, parent: Mapping | Sequence, step: str | int) -> str:
    names = (
        [key.text for key, _value in parent.entries] if isinstance(parent, Mapping) else list(range(len(parent.items)))
    )
    index, parts = names.index(step), _parts(parent)  # type: ignore[arg-type]
    start, end = parts[index]
    if len(parts) == 1:
        return _replaced(text, parent, "{}" if isinstance(parent, Mapping) else "[]")
    if parent.flow:
        last = index == len(parts) - 1
        return text[: parts[index - 1][1]] + text[end:] if last else text[:start] + text[parts[index + 1][0] :]
    return text[: text.rfind("\n", 0, start) + 1] + text[_line_end(text, end) + 1 :]
