"""The document as a page that can be read offline: one HTML text, one style of its own, nothing from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any

import msgspec

_CODE = re.compile(r"`([^`]*)`")

STYLE = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem 1rem 4rem}
h2{margin-top:2.5rem}h3{margin:0 0 .3rem;font-size:1rem;overflow-wrap:anywhere}
article{border:1px solid #8886;border-radius:.5rem;padding:.8rem 1rem;margin:.8rem 0}
table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:.25rem .6rem .25rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow-x:auto}
summary{cursor:pointer;padding:.3rem 0}nav a{display:inline-block;padding:.25rem .8rem .25rem 0}
a{color:LinkText}p{margin:.3rem 0}
"""

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing runs on it and nothing is fetched for it; its one style is known by its hash."""


def page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    info = document["info"]
    body = "\n".join(
        (
            f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>",
            f"<p>{_told(info['description'])}</p>",
            '<p><a href="/api/openapi.json">openapi.json</a></p>',
            *_contents(document),
            *(part for tag in document["tags"] for part in _tag(tag["name"], document)),
            *_schemas(document["components"]["schemas"]),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def _contents(document: Mapping[str, Any]) -> Iterator[str]:
    links = (f'<a href="#part-{escape(tag["name"])}">{escape(tag["name"])}</a>' for tag in document["tags"])
    yield f'<nav aria-label="Contents">{"".join(links)}<a href="#schemas">schemas</a></nav>'


def _tag(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h2 id="part-{escape(name)}">{escape(name)}</h2>'
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if name in told["tags"]:
                yield _operation(path, method, told)


def _operation(path: str, method: str, told: Mapping[str, Any]) -> str:
    ident = escape(told["operationId"])
    verb = told.get("x-verb", "")
    parts = [
        f'<article id="{ident}"><h3><code>{method.upper()} {escape(path)}</code></h3>',
        f"<p>{_told(told['summary'])}</p>",
        f"<p>Permission: <code>{escape(verb)}</code></p>" if verb else "",
        _parameters(told["parameters"]),
        _body(told.get("requestBody")),
        _answers(told["responses"]),
        "</article>",
    ]
    return "".join(parts)


def _parameters(found: list[Mapping[str, Any]]) -> str:
    if not found:
        return ""
    rows = (
        f'<tr><th scope="row"><code>{escape(one["name"])}</code></th>'
        f"<td>{one['in']}{', required' if one['required'] else ''}</td>"
        f"<td>{_type(one['schema'])}</td><td>{_told(one.get('description', ''))}</td></tr>"
        for one in found
    )
    return f"<table>{''.join(rows)}</table>"


def _body(body: Mapping[str, Any] | None) -> str:
    if body is None:
        return ""
    told = ", ".join(f"{media}: {_type(one['schema'])}" for media, one in body["content"].items())
    return f"<p>Body: {told}</p>"


def _answers(responses: Mapping[str, Any]) -> str:
    told = []
    for status, one in responses.items():
        content = next(iter(one.get("content", {}).values()), None)
        told.append(f"<code>{status}</code>{' ' + _type(content['schema']) if content else ''}")
    return f"<p>Answers: {', '.join(told)}</p>"


def _schemas(schemas: Mapping[str, Any]) -> Iterator[str]:
    yield '<h2 id="schemas">schemas</h2>'
    for name, schema in sorted(schemas.items()):
        yield f'<article id="schema-{escape(name)}"><h3>{escape(schema.get("title", name))}</h3>'
        yield f"<p>{_told(schema.get('description', ''))}</p>{_fields(schema)}"
        for example in schema.get("examples", ()):
            shown = msgspec.json.format(msgspec.json.encode(example), indent=2).decode()
            yield f"<details><summary>Example</summary><pre>{escape(shown)}</pre></details>"
        yield "</article>"


def _fields(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = (
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{_type(one)}</td>'
        f"<td>{'required' if name in required else ''}</td></tr>"
        for name, one in schema.get("properties", {}).items()
    )
    return f"<table>{''.join(rows)}</table>" if schema.get("properties") else ""


def _told(text: str) -> str:
    """A sentence of ours: what stands between back ticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a word or two, with a link to those that have a name."""
    if ref := schema.get("$ref"):
        name = escape(ref.rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    if isinstance(inner := schema.get("additionalProperties"), dict):
        return f"map of {_type(inner)}"
    return escape(str(schema.get("type", "anything")))
