"""What differs between two rulebooks, as a list of changes with paths; what does not change a rule is no difference."""

from difflib import SequenceMatcher
from typing import Any, Literal

from msgspec import Struct, json, structs

from tocsin.core.catalogue.target import Target
from tocsin.core.instant import Period
from tocsin.core.rulebook import Rulebook


class Change(Struct, frozen=True):
    """At `path` something was added (`old` is None), removed (`new` is None) or changed; values are plain."""

    path: str
    kind: Literal["added", "removed", "changed"]
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        """One line for people."""
        sign = {"added": "+", "removed": "-", "changed": "~"}[self.kind]
        values = [_short(value) for value in (self.old, self.new) if value is not None]
        return f"{sign} {self.path}: {' -> '.join(values)}"


def diff(old: Rulebook, new: Rulebook) -> tuple[Change, ...]:
    """Every difference from `old` to `new`, in the order of the sections."""
    return tuple(_changes("", plain(old), plain(new)))


def plain(value: Any) -> Any:
    """A value of the rulebook as dicts, lists and texts, durations and targets as they are written; no digests."""
    if isinstance(value, Target | Period):
        return str(value)
    if isinstance(value, Struct):
        tag = {"step": value.__struct_config__.tag} if value.__struct_config__.tag else {}
        fields = {name: plain(item) for name, item in structs.asdict(value).items() if name not in ("digest", "id")}
        return tag | {name: item for name, item in fields.items() if item is not None}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.encode(value).decode()
    return text if len(text) <= 80 else text[:77] + "..."


def _changes(path: str, old: Any, new: Any) -> list[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        return _of_mappings(path, old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _of_lists(path, old, new)
    return [] if old == new else [Change(path, "changed", old, new)]


def _of_mappings(path: str, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    found: list[Change] = []
    for name in [*old, *(name for name in new if name not in old)]:
        at = f"{path}.{name}" if path else name
        if name not in new:
            found.append(Change(at, "removed", old[name], None))
        elif name not in old:
            found.append(Change(at, "added", None, new[name]))
        else:
            found += _changes(at, old[name], new[name])
    return found


def _of_lists(path: str, old: list[Any], new: list[Any]) -> list[Change]:
    """Lists of one length are compared place by place; else equal items are matched, and the rest came or went."""
    if len(old) == len(new):
        return [
            change for at, pair in enumerate(zip(old, new, strict=True)) for change in _changes(f"{path}[{at}]", *pair)
        ]
    before, after = [json.encode(item) for item in old], [json.encode(item) for item in new]
    found: list[Change] = []
    for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(end - start, last - first)
        for step in range(paired):
            found += _changes(f"{path}[{first + step}]", old[start + step], new[first + step])
        found += [Change(f"{path}[{index}]", "removed", old[index], None) for index in range(start + paired, end)]
        found += [Change(f"{path}[{index}]", "added", None, new[index]) for index in range(first + paired, last)]
    return found
