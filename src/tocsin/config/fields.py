"""The shapes of the language: records, tables and lists that describe themselves, read themselves and complain."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from msgspec import Struct

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.tree import Mapping, Node, Scalar, Sequence


class Bad:
    """What reading gives where it has complained: the value is missing, its neighbours are read all the same."""


BAD: Final = Bad()

Schema = dict[str, Any]


class Kind(Protocol):
    """What a field may hold. Readers, the JSON Schema and the reference derive from the same description."""

    @property
    def words(self) -> str:
        """What it is, for people: `a duration`."""

    def read(self, node: Node, reader: Reader) -> Any:
        """The value, or BAD after a complaint."""

    def schema(self, shared: Schema) -> Schema:
        """JSON Schema 2020-12; records put themselves under their name into `shared` and give a reference."""


def empty(node: Node) -> bool:
    """Whether nothing was written at all."""
    return isinstance(node, Scalar) and not node.text and not node.style


def misshapen(node: Node, wanted: str, reader: Reader, hint: str = "") -> Bad:
    """Complain that something else than `wanted` stands here."""
    if empty(node):
        reader.complain("F004", node.at, f"no value; {wanted} is wanted", hint)
    else:
        given = {Scalar: "a text", Sequence: "a list", Mapping: "a mapping"}[type(node)]
        reader.complain("F003", node.at, f"{given}, where {wanted} is wanted", hint or "change its shape")
    return BAD


class Field(Struct, frozen=True):
    """One field of a record: its name, what it holds, what it means, whether it must stand, its default in words."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    default: str = ""
    example: str = ""
    unit: str = ""

    @property
    def label(self) -> str:
        """The name as a form would show it."""
        return self.name.replace("_", " ").capitalize()


Made = Callable[[dict[str, Any], Mapping, Reader], Any]
"""Makes the value of a record from the fields that were given and read well; BAD after a complaint."""


def as_dict(values: dict[str, Any], _node: Mapping, _reader: Reader) -> Any:
    """A record that is just its fields."""
    return values


class Record(Struct, frozen=True):
    """A mapping with known fields; `make` turns what was read into the value, where all of it read well."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    make: Made = as_dict

    @property
    def words(self) -> str:
        return f"a mapping ({self.name})"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            return misshapen(node, "a mapping", reader)
        values = {key.text: self._field(key, value, reader) for key, value in node.entries}
        missing = [field.name for field in self.fields if field.required and field.name not in values]
        for name in missing:
            reader.complain("F002", node.at, f"{self.name} has no {name}", self._example(name))
        if missing or any(value is BAD for value in values.values()):
            return BAD
        return self.make(values, node, reader)

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def _field(self, key: Scalar, value: Node, reader: Reader) -> Any:
        field = self.field(key.text)
        if field is not None:
            return field.kind.read(value, reader)
        known = [field.name for field in self.fields]
        hint = nearest(key.text, known) or f"known are {', '.join(known)}"
        reader.complain("F001", key.at, f"{self.name} has no field {key.text!r}", hint)
        return BAD

    def _example(self, name: str) -> str:
        field = self.field(name)
        return f"add {name}: {field.example}" if field and field.example else f"add {name}"

    def schema(self, shared: Schema) -> Schema:
        if self.name not in shared:
            shared[self.name] = {}
            required = [field.name for field in self.fields if field.required]
            shared[self.name] = {
                "type": "object",
                "title": self.name,
                "description": self.meaning,
                "properties": {field.name: self._property(field, shared) for field in self.fields},
                "additionalProperties": False,
            } | ({"required": required} if required else {})
        return {"$ref": f"#/$defs/{self.name.replace(' ', '%20')}"}

    @staticmethod
    def _property(field: Field, shared: Schema) -> Schema:
        about = {"title": field.label, "description": field.meaning}
        if field.example:
            about["examples"] = [field.example]  # type: ignore[assignment]
        return field.kind.schema(shared) | about


class Either(Struct, frozen=True):
    """A record chosen by the one verb it names: a step, an action. `elsewhere` are verbs that belong to others."""

    name: str
    records: dict[str, Record]
    elsewhere: dict[str, str] = {}

    @property
    def words(self) -> str:
        return f"one of {', '.join(self.records)}"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            return misshapen(node, f"a mapping with {self.words}", reader)
        given = [key for key, _value in node.entries if key.text in self.records]
        if len(given) == 1:
            return self.records[given[0].text].read(node, reader)
        if given:
            text = f"{self.name} is both {given[0].text} and {given[1].text}"
            reader.complain("F033", given[1].at, text, "write two of them")
            return BAD
        return self._no_verb(node, reader)

    def _no_verb(self, node: Mapping, reader: Reader) -> Bad:
        hint = ""
        for key, _value in node.entries:
            if key.text in self.elsewhere:
                hint = f"{key.text} {self.elsewhere[key.text]}"
            hint = hint or nearest(key.text, self.records)
        reader.complain("F033", node.at, f"{self.name} names none of {', '.join(self.records)}", hint)
        return BAD

    def schema(self, shared: Schema) -> Schema:
        return {"oneOf": [record.schema(shared) for record in self.records.values()]}


class Many(Struct, frozen=True):
    """A list; a single value may stand for a list of one. `distinct` refuses the same text twice."""

    kind: Kind
    at_least: int = 0
    distinct: bool = False
    single: bool = True

    @property
    def words(self) -> str:
        return f"a list, each {self.kind.words}"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Sequence):
            if self.single and not empty(node) and self.at_least <= 1:
                value = self.kind.read(node, reader)
                return BAD if value is BAD else (value,)
            return misshapen(node, "a list", reader, "write it in brackets: [one, two]")
        if len(node.items) < self.at_least:
            wanted = "something" if self.at_least == 1 else f"at least {self.at_least}"
            reader.complain("F004", node.at, f"{len(node.items) or 'nothing'} in the list; {wanted} is wanted")
            return BAD
        values = [self.kind.read(item, reader) for item in node.items]
        repeated = self.distinct and self._repeated(node, reader)
        return BAD if repeated or any(value is BAD for value in values) else tuple(values)

    @staticmethod
    def _repeated(node: Sequence, reader: Reader) -> bool:
        seen: set[str] = set()
        before = len(reader.complaints)
        for item in node.items:
            if isinstance(item, Scalar) and item.text in seen:
                reader.complain("F028", item.at, f"{item.text!r} is listed twice")
            elif isinstance(item, Scalar):
                seen.add(item.text)
        return len(reader.complaints) > before

    def schema(self, shared: Schema) -> Schema:
        one = self.kind.schema(shared)
        many: Schema = {"type": "array", "items": one}
        if self.at_least:
            many["minItems"] = self.at_least
        if self.distinct:
            many["uniqueItems"] = True
        return {"anyOf": [one, many]} if self.single and self.at_least <= 1 else many


class Table(Struct, frozen=True):
    """A mapping from names of the author's choice. Gives the entries that read well, sorted by name.

    `named` makes the value from a name and what was read; without it the value is what was read.
    """

    key: Kind
    kind: Kind
    what: str
    named: Callable[[Any, Any, Place, Reader], Any] | None = None
    partial: bool = False

    @property
    def words(self) -> str:
        return f"a mapping from {self.what} to {self.kind.words}"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            return misshapen(node, f"a mapping from {self.what}", reader)
        found: dict[Any, Any] = {}
        bad = False
        for key, value in node.entries:
            name, content = self.key.read(key, reader), self.kind.read(value, reader)
            if self.named is not None and name is not BAD and content is not BAD:
                content = self.named(name, content, key.at, reader)
            if name is BAD or content is BAD:
                bad = True
            else:
                found[name] = content
        return BAD if bad and not self.partial else dict(sorted(found.items()))

    def schema(self, shared: Schema) -> Schema:
        names = {name: word for name, word in self.key.schema(shared).items() if name != "type"}
        return {"type": "object", "propertyNames": names, "additionalProperties": self.kind.schema(shared)}
