"""The operations of a running tocsin, and requests to them: right ones, odd ones and nonsense, by a seeded choice."""

import random
from collections.abc import Iterator
from typing import Any

import httpx
from litestar import Litestar
from msgspec import Struct

from tests.doors import Running
from tocsin import asgi
from tocsin.api.openapi.operations import Operation, operations
from tocsin.api.openapi.routes import described

ODD = ("", "x", "INC-1", "ana", "infra-primary", "scripts", "order-database", "P1", "30m", "-1", "0", "ä ß", "a\x00b",
       "\ud7ff\U0001f600", "'; drop table streams", "../..", "%", "9" * 30, "a" * 300, "2026-01-05T09:00:00Z",
       "2026-01-06T09:00:00+01:00", "=1+1", "<script>", "\r\nX: y", "team:payments", "person:ana", "email")  # fmt: skip


def application(here: Running) -> Litestar:
    """The framework's part of a fresh application over the same site."""
    app = asgi.build(here.site).framework
    assert isinstance(app, Litestar)
    return app


_KNOWN: list[Operation] = []
_DOCUMENTS: dict[str, dict[str, Any]] = {}


def known(here: Running) -> list[Operation]:
    """Every operation but the stream, which does not end: tests/api/test_events.py reads that.

    They are those of the program, whatever site it serves, and are made once.
    """
    if not _KNOWN:
        _KNOWN.extend(one for one in operations(application(here).routes) if one.media != "text/event-stream")
    return _KNOWN


def document(here: Running) -> dict[str, Any]:
    """The whole document; made once for each address."""
    if here.site.url not in _DOCUMENTS:
        _DOCUMENTS[here.site.url] = described(application(here), here.site.url)
    return _DOCUMENTS[here.site.url]


class Call(Struct, frozen=True):
    """One request: what to send."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None

    async def send(self, client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        body = {} if self.body is None else {"json": self.body}
        url = httpx.URL(self.path, params=self.query)
        return await client.request(self.method, url, headers={**self.headers, **headers}, **body)


class Maker:
    """Makes up requests from the document. The same seed makes the same ones."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self._schemas = document["components"]["schemas"]
        self._document = document
        self._dice = random.Random(seed)

    def calls(self, path: str, method: str, n: int) -> Iterator[Call]:
        """So many requests for one operation; the first ones are as it wants them."""
        told = self._document["paths"][path][method]
        for turn in range(n):
            yield self._call(path, method, told, odd=turn >= n // 2)

    def _call(self, path: str, method: str, told: dict[str, Any], *, odd: bool) -> Call:
        query, headers = {}, {}
        for one in told["parameters"]:
            value = str(self.value(one["schema"], odd=odd))
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", _segment(value))
            elif one["in"] == "query" and self._dice.random() < 0.5:
                query[one["name"]] = value
            elif one["in"] == "header" and (one["required"] or self._dice.random() < 0.3):
                headers[one["name"]] = "".join(c for c in value if " " < c < "\x7f")
        body = None
        if "requestBody" in told and not (odd and self._dice.random() < 0.1):
            body = self.value(told["requestBody"]["content"]["application/json"]["schema"], odd=odd)
        return Call(method.upper(), path, query, headers, body)

    def value(self, schema: dict[str, Any], *, odd: bool, depth: int = 0) -> Any:  # noqa: C901, PLR0912
        """Something that fits the schema; now and then something that does not, where it may be odd."""
        dice = self._dice
        if odd and dice.random() < 0.1:
            return dice.choice((None, True, -1, 2**70, 1.5, "x", [], {}, [[]], {"a": {"b": []}}))
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            schema = dice.choice(schema["anyOf"])
            return self.value(schema, odd=odd, depth=depth + 1)
        if "examples" in schema and dice.random() < 0.5:
            return schema["examples"][0]
        if "enum" in schema:
            return dice.choice(schema["enum"])
        match schema.get("type"):
            case "string":
                return dice.choice(ODD) or ("x" if schema.get("minLength") else "")
            case "integer":
                return dice.choice((0, 1, 7, -1, 10**6, *((2**63, -(2**80)) if odd else ())))
            case "number":
                return dice.random()
            case "boolean":
                return dice.random() < 0.5
            case "null":
                return None
            case "array":
                item = schema.get("items") or {}
                return [self.value(item, odd=odd, depth=depth + 1) for _ in range(dice.randrange(3))]
            case "object":
                return self._object(schema, odd=odd, depth=depth)
            case _:
                return dice.choice(ODD)

    def _object(self, schema: dict[str, Any], *, odd: bool, depth: int) -> dict[str, Any]:
        made = {}
        for name, one in schema.get("properties", {}).items():
            if name in schema.get("required", ()) or self._dice.random() < 0.4:
                made[name] = self.value(one, odd=odd, depth=depth + 1)
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            made[self._dice.choice(ODD)] = self.value(more, odd=odd, depth=depth + 1)
        if odd and self._dice.random() < 0.1:
            made["unknown"] = 1
        return made


def _segment(value: str) -> str:
    return "".join(f"%{octet:02X}" for octet in value.encode()) or "x"
