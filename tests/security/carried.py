"""Requests that carry a text of ours in every place where a format reads one: made from its samples and its types.

A format that is new brings its samples and its types, and so is covered without a word here.
"""

import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Struct

from tocsin.core.signal import Signal
from tocsin.intake import registry
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.registry import intakes, receive

HOME = Path(registry.__file__).parent
FORM = "application/x-www-form-urlencoded"
Say = Callable[[int], str]
"""The text for the n-th place."""

SITE = "https://acme.invalid/"
"""Where addresses lead that are carried."""

PLAIN = "plain words"


class Carrier(Struct, frozen=True):
    """One shape of request of one format. `typed` leaves alone what decides how the rest is read."""

    format: str
    name: str
    kind: str
    value: Any
    typed: bool = False
    kept: frozenset[int] = frozenset()

    def request(self, say: Say, address: Say | None = None) -> tuple[bytes, str, str]:
        """Body, content type and query with a text in every place; `address` gives those where one stands."""
        if isinstance(self.value, str):
            return say(0).encode("utf-8", "surrogatepass"), "text/plain", ""
        where = say if address is None else address
        filled = _filled(self.value, say, where, self.kept, named=not self.typed)
        if self.kind == "json":
            return json.dumps(filled).encode(), "application/json", ""
        text = urlencode({name: str(value) for name, value in filled.items()}, errors="replace")
        return (text.encode(), FORM, "") if self.kind == "form" else (b"", "", text)

    def read(self, say: Say) -> tuple[Signal, ...]:
        """What the format makes of it."""
        body, content_type, query = self.request(say)
        found = receive(intakes()[self.format], Arrival("s", body, content_type, dict(parse_qsl(query))))
        return () if isinstance(found, Refusal) else found


def reached(carrier: Carrier) -> frozenset[str]:
    """The fields of signals in which its texts come out."""
    mark = "canary"
    found = set()
    for signal in carrier.read(lambda n: f"{mark}{n}"):
        for name in Signal.__struct_fields__:
            match getattr(signal, name):
                case str() as text if mark in text:
                    found.add(name)
                case dict() as labels:
                    found |= {"labels" for value in labels.values() if mark in value}
                    found |= {"labels: names" for label in labels if mark in label}
    for signal in carrier.read(lambda n: f"{SITE}{mark}{n}"):
        found |= {"links" for link in signal.links if mark in link.href}
        found |= {"links: texts" for link in signal.links if mark in link.text}
    return frozenset(found)


def _filled(value: Any, say: Say, address: Say, kept: frozenset[int], *, named: bool) -> Any:
    """The value with a text in place of every text in it; `named`: and one more member in each object."""
    place = iter(range(10_000))

    def fill(one: Any) -> Any:
        match one:
            case str():
                n = next(place)
                return one if n in kept else (address if one.startswith("http") else say)(n)
            case list():
                return [fill(item) for item in one]
            case dict():
                made = {name: fill(item) for name, item in one.items()}
                return made | {say(next(place)): say(next(place))} if named else made
            case _:
                return one

    return fill(value)


@cache
def carriers() -> tuple[Carrier, ...]:
    """All of all formats: each shape with every text replaced, and with all but those that decide."""
    shapes = [one for name in intakes() for one in (*_samples(name), *_made(name))]
    return tuple(made for one in shapes for made in (one, _typed(one)) if made is not None)


def _samples(name: str) -> Iterator[Carrier]:
    for path in sorted((HOME / name / "samples").glob("*")):
        if path.name.endswith(".signals.json"):
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix in (".form", ".query"):
            yield Carrier(name, path.name, path.suffix[1:], dict(parse_qsl(text)))
            continue
        try:
            yield Carrier(name, path.name, "json", json.loads(text))
        except ValueError:
            yield Carrier(name, path.name, "text", text)


def _typed(carrier: Carrier) -> Carrier | None:
    """The same without names of its own, and with those texts as they are whose change makes it another report."""
    if isinstance(carrier.value, str):
        return None
    plain = msgspec.structs.replace(carrier, typed=True)
    told = _gist(plain.read(lambda n: _leaf(plain.value, n)))
    kept = frozenset(n for n, text in enumerate(leaves(plain.value)) if _gist(plain.read(_but(plain.value, n))) != told)
    return msgspec.structs.replace(plain, kept=kept)


def _but(value: Any, changed: int) -> Say:
    return lambda n: PLAIN if n == changed else _leaf(value, n)


def _gist(signals: tuple[Signal, ...]) -> list[Any]:
    return [(one.action, one.at, one.kind, one.reported_by, one.wants_escalation, one.raw) for one in signals]


def leaves(value: Any) -> list[str]:
    """Every text in it, in its order."""
    match value:
        case str():
            return [value]
        case list():
            return [leaf for item in value for leaf in leaves(item)]
        case dict():
            return [leaf for item in value.values() for leaf in leaves(item)]
        case _:
            return []


def _leaf(value: Any, n: int) -> str:
    found = leaves(value)
    return found[n] if n < len(found) else PLAIN


# --------------------------------------------------------------------------------------- from its types


def _made(name: str) -> Iterator[Carrier]:
    """A body for every type of the wire that no other one holds."""
    package = import_module(f"tocsin.intake.{name}")
    modules = [import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)]
    own = {kind for module in modules for _, kind in inspect.getmembers(module, _is_wire(package.__name__))}
    held = {inner for kind in own for inner in _held(kind)}
    for kind in sorted(own - held, key=lambda one: one.__name__):
        value = _body(kind)
        if isinstance(value, dict) and leaves(value):
            yield Carrier(name, kind.__name__, "json", value)


def _is_wire(package: str) -> Callable[[object], bool]:
    return lambda one: (
        inspect.isclass(one)
        and issubclass(one, Struct)
        and one.__module__.startswith(package)
        and not one.__name__.startswith("_")
    )


def _held(kind: type[Struct]) -> Iterator[type[Struct]]:
    for field in msgspec.inspect.type_info(kind).fields:  # type: ignore[union-attr]
        yield from _structs(field.type)


def _structs(kind: Any) -> Iterator[type[Struct]]:
    match kind:
        case msgspec.inspect.StructType():
            yield kind.cls
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            yield from _structs(kind.item_type)
        case msgspec.inspect.DictType():
            yield from _structs(kind.value_type)
        case msgspec.inspect.UnionType():
            for one in kind.types:
                yield from _structs(one)
        case msgspec.inspect.Metadata():
            yield from _structs(kind.type)


def _body(kind: type[Struct]) -> Mapping[str, Any]:
    return _value(msgspec.inspect.type_info(kind), "x")  # type: ignore[no-any-return]


def _value(kind: Any, name: str) -> Any:
    match kind:
        case msgspec.inspect.Metadata():
            return _value(kind.type, name)
        case msgspec.inspect.StructType():
            fields = {one.encode_name: _value(one.type, one.encode_name) for one in kind.fields}
            return {name: value for name, value in fields.items() if value is not None and "(" not in name}
        case msgspec.inspect.DictType():
            return {f"{name}-name": _value(kind.value_type, name)}
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            return [_value(kind.item_type, name)]
        case msgspec.inspect.LiteralType():
            return kind.values[0] if "trigger" not in kind.values else "trigger"
        case msgspec.inspect.StrType():
            return SITE if name.lower().endswith(("url", "href")) else name
        case msgspec.inspect.UnionType():
            return None  # a time, or nothing
        case msgspec.inspect.IntType():
            return 3
        case msgspec.inspect.BoolType():
            return True
        case _:
            return None
