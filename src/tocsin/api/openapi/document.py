"""The OpenAPI 3.1 document: operations, the schemas that msgspec makes of their types, examples from docstrings"""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from tocsin.api.openapi.operations import ANYBODY, JSON, LIMITED, Operation, Parameter
from tocsin.api.openapi.signals import INTAKE, RECEIPT
from tocsin.api.problem import CONTENT_TYPE

REF = "#/components/schemas/{name}"

_EXAMPLE = re.compile(r"\s*Example: (\{.*\})\s*$", re.DOTALL)

TOLD = (
    "Everything that the pages of tocsin can do, for programs. Times are RFC 3339 in UTC; durations are `30s 5m 2h 1d` "
    "or sums of them. What goes wrong is told as RFC 9457 problem details. `x-verb` names the permission that an "
    "operation needs."
)

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong. `type` is stable and names the kind; `hint` says what would be right.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:tocsin:problem:"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}

SECURITY: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "`tocsin token create NAME --role ROLE` prints one."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tocsin",
        "description": "The session of a page; what changes something shows its X-CSRF-Token too. "
        "Behind https the cookie's name begins with `__Host-`.",
    },
    "source": {"type": "http", "scheme": "bearer", "description": "The key of a source, for /in alone."},
}


def document(found: Sequence[Operation], version: str, url: str) -> dict[str, Any]:
    """All of it, as plain values."""
    types = [kind for one in found for kind in (one.takes, one.gives) if kind is not None]
    parameters = [parameter for one in found for parameter in one.parameters]
    kinds = [*types, *(one.type for one in parameters), RECEIPT]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REF)
    known = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, known)
    paths["/in/{source}"] = {"post": INTAKE}
    return {
        "openapi": "3.1.0",
        "info": {"title": "tocsin", "version": version, "description": TOLD, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": url}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": part} for part in dict.fromkeys(one.part for one in found)] + [{"name": "signals"}],
        "paths": paths,
        "components": {
            "schemas": {**_with_examples(components), "Problem": PROBLEM},
            "securitySchemes": SECURITY,
            "responses": {str(status): problem_response(status) for status in _statuses(found)},
        },
    }


def _statuses(found: Iterable[Operation]) -> list[int]:
    return sorted({status for one in found for status in one.problems} | {400, 401, 405, 413, 415, 503})


def problem_response(status: int) -> dict[str, Any]:
    """A problem as an answer with that status."""
    told: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {CONTENT_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}},
    }
    if status in LIMITED:
        seconds = {"description": "Seconds after which to come again.", "schema": {"type": "string"}}
        told["headers"] = {"Retry-After": seconds}
    return told


def _operation(one: Operation, known: dict[str, Any]) -> dict[str, Any]:
    first, _, rest = one.told.partition("\n\n")
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.part],
        "summary": " ".join(first.split()),
        "x-verb": one.verb,
        "parameters": [_parameter(parameter, known) for parameter in one.parameters],
        "responses": {str(one.status): _success(one, known)}
        | {str(status): {"$ref": f"#/components/responses/{status}"} for status in one.problems},
    }
    if rest:
        told["description"] = rest
    if one.verb == ANYBODY:
        told["security"] = []
    if one.takes is not None:
        schema = known[repr(one.takes)]
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return told


def _success(one: Operation, known: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(one.status).phrase}
    if one.media:
        schema = known[repr(one.gives)] if one.gives is not None else {"type": "string"}
        told["content"] = {one.media: {"schema": schema}}
    if one.etag:
        told["headers"] = {"ETag": {"description": "The version; show it as If-Match.", "schema": {"type": "string"}}}
    return told


def _parameter(one: Parameter, known: dict[str, Any]) -> dict[str, Any]:
    schema = dict(known[repr(one.type)])
    if one.place == "path":
        schema["minLength"] = 1
    if isinstance(one.default, str | int) and one.default != "":
        schema["default"] = one.default
    told: dict[str, Any] = {"name": one.name, "in": one.place, "required": one.required, "schema": schema}
    return told | ({"description": one.description} if one.description else {})


def _with_examples(components: dict[str, Any]) -> dict[str, Any]:
    """What a docstring says after `Example:` is the schema's example."""
    for schema in components.values():
        if found := _EXAMPLE.search(schema.get("description", "")):
            schema["description"] = schema["description"][: found.start()]
            schema["examples"] = [msgspec.json.decode(found[1])]
    return components
