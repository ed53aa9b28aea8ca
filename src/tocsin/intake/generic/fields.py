"""An object's fields, found by any of their names and taken once, so that what nobody asked for is still there."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tocsin.intake.payload import as_text

T = TypeVar("T")


class Fields:
    """What one object says. Names are compared without case, `-` and spaces read as `_`; null and '' say nothing."""

    def __init__(self, item: dict[str, Any]) -> None:
        self._left: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        for name, value in item.items():
            if value or isinstance(value, int | float):  # not None, "", [], {}; but 0 and false say something
                self._left[name] = value
                self._names.setdefault(_plain(name), name)

    def text(self, *names: str) -> str:
        """Take the first field of these names as text; '' when there is none."""
        for name in names:
            if (found := self._names.get(name)) in self._left and (text := as_text(self._left[found]).strip()):
                del self._left[found]
                return text
        return ""

    def scalar(self, name: str) -> str:
        """Take a field as text unless it is an object or a list."""
        return "" if isinstance(self._left.get(self._names.get(name, "")), dict | list) else self.text(name)

    def taken(self, convert: Callable[[Any], T | None], *names: str) -> T | None:
        """Take the first field that can be converted; what cannot stays."""
        for name in names:
            if (found := self._names.get(name)) in self._left and (value := convert(self._left[found])) is not None:
                del self._left[found]
                return value
        return None

    def every(self, *names: str) -> Iterator[Any]:
        """Take all fields of these names, as they are."""
        for name in names:
            if (found := self._names.get(name)) in self._left:
                yield self._left.pop(found)

    def rest(self) -> dict[str, str]:
        """What nobody has taken, as text."""
        return {name: as_text(value) for name, value in self._left.items()}

    def gist(self) -> str:
        """The first three fields in a line, for a title where none was given."""
        return ", ".join(f"{name}: {as_text(value)}" for name, value in list(self._left.items())[:3])


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")
