"""The JSON Schema says of a file what an editor can know: acme passes, and traps of shape and spelling do not."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tocsin import config

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = config.schema()
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def as_an_editor_reads(text: str) -> Any:
    """The file with YAML 1.2's own types, which is what a schema sees; days are texts to JSON."""
    return _json(YAML(typ="safe", pure=True).load(text))


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def faults(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where a value does not follow a schema; knows the keywords that the language's schema uses, and no others."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/").replace("%20", " ")
        yield from faults(value, SCHEMA["$defs"][name], path)
        return
    for word, need in (("anyOf", 1), ("oneOf", 1)):
        fits = sum(not any(faults(value, option, path)) for option in schema.get(word, ()))
        if word in schema and (fits < need or (word == "oneOf" and fits != 1)):
            yield f"{path}: fits {fits} of {word}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not one of {schema['enum']}"
    wanted = TYPES.get(schema.get("type", ""))
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif isinstance(value, dict):
        yield from _faults_of_mapping(value, schema, path)
    elif isinstance(value, list):
        yield from _faults_of_list(value, schema, path)
    elif not _fits(value, schema):
        yield f"{path}: {value!r} is out of bounds"


def _fits(value: str | int, schema: dict[str, Any]) -> bool:
    if isinstance(value, str):
        length = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6)
        return length and bool(re.search(schema.get("pattern", ""), value))
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def _faults_of_list(value: list[Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"{path}: too few"
    if schema.get("uniqueItems") and len(set(map(str, value))) < len(value):
        yield f"{path}: the same twice"
    for index, item in enumerate(value):
        yield from faults(item, schema.get("items", {}), f"{path}[{index}]")


def _faults_of_mapping(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    yield from (f"{path}: no {name}" for name in schema.get("required", ()) if name not in value)
    for name, item in value.items():
        known, more = schema.get("properties", {}), schema.get("additionalProperties", {})
        yield from faults(name, schema.get("propertyNames", {}), f"{path}.{name}")
        if name not in known and more is False:
            yield f"{path}: unknown {name}"
        yield from faults(item, known.get(name, more or {}), f"{path}.{name}")


def test_acme_follows_the_schema() -> None:
    text = (ROOT / "examples" / "acme.yaml").read_text("utf-8")
    assert list(faults(as_an_editor_reads(text), SCHEMA)) == []


SMALL = """\
tocsin: 1
organisation: O
last_resort: [person:a]
unrouted: {team: t, policy: p, priority: P2}
people: {a: {name: A}}
teams: {t: {members: [a]}}
policies: {p: {functional: [{notify: team, wait: 5m}]}}
"""

MISTAKES = {
    "F001": ("{name: A}", "{name: A, nmae: B}"),
    "F002": ("last_resort: [person:a]\n", ""),
    "F003": ("members: [a]", "members: {a: b}"),
    "F005": ("{members: [a]}", "{members: [a], assign: x}"),
    "F006": ("{members: [a]}", "{members: [a], tier: 10}"),
    "F008": ("{name: A}}", "{name: A}, b c: {name: B}}"),
    "F011": ("wait: 5m", "wait: 5 m"),
    "F021": ("people:", "slas: {s: {targets: {x: {else: 1h}}, levels: {x: {7: {inform: owner}}}}}\npeople:"),
    "F022": ("notify: team", "notify: teams"),
    "F023": ("priority: P2", "priority: P6"),
    "F028": ("members: [a]", "members: [a, a]"),
}


@pytest.mark.parametrize("code", MISTAKES)
def test_the_schema_refuses_what_the_language_refuses_by_shape(code: str) -> None:
    text = SMALL.replace(*MISTAKES[code], 1)
    assert list(faults(as_an_editor_reads(SMALL), SCHEMA)) == []
    assert [complaint.code for complaint in config.loads({"a": text}).errors] == [code]
    assert list(faults(as_an_editor_reads(text), SCHEMA)) != []
