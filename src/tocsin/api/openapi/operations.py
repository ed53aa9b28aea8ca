"""Routes to operations: what each asks for, takes and answers, as plain values; every answer that can come is named."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_args, get_origin

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from litestar.routes import BaseRoute, HTTPRoute
from litestar.typing import FieldDefinition
from msgspec import Struct

from tocsin.api.here import ANYBODY, KNOWN

JSON = "application/json"

LIMITED = {429, 503}
"""What any request may be told: come again, and when."""


class Parameter(Struct, frozen=True):
    """One value in the path, the query or a header; `type` is its Python type."""

    name: str
    place: str
    type: Any
    default: Any = None
    required: bool = False
    description: str = ""


class Operation(Struct, frozen=True):
    """One method on one path. `takes` is the type of its body, `gives` of its answer; None is no body."""

    method: str
    path: str
    name: str
    part: str
    told: str
    verb: str
    status: int
    media: str
    takes: Any
    gives: Any
    parameters: tuple[Parameter, ...]
    problems: tuple[int, ...]
    etag: bool = False


WORDS = {
    "limit": "How many at most; more than the most is the most.",
    "cursor": "Where to go on: what the page before gave as its `cursor`.",
    "from": "RFC 3339, or a duration from now.",
    "to": "RFC 3339, or a duration from `from`.",
    "at": "RFC 3339, or a duration from now.",
    "since": "RFC 3339.",
    "until": "RFC 3339.",
    "updated_since": "RFC 3339: what changed then or later.",
}
"""Parameters that mean the same wherever they are."""

ONCE = Parameter("Idempotency-Key", "header", str, description="The same key has the effect once, for 7 days.")
MATCH = Parameter("If-Match", "header", str, required=True, description="The ETag that GET gave.")


def operations(routes: Sequence[BaseRoute]) -> Iterator[Operation]:
    """Every operation of an application, in the order of its routes; a route for many acts is one operation each."""
    for route in (one for one in routes if isinstance(one, HTTPRoute)):
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                if each := handler.opt.get("each"):
                    yield from (_act(route, handler, method, name, act) for name, act in each.items())
                else:
                    yield _operation(route, handler, method, handler.opt)


def _act(route: HTTPRoute, handler: HTTPRouteHandler, method: str, name: str, act: Any) -> Operation:
    """One act: the last part of the path is its name, and the body its own."""
    opt = {**handler.opt, "verb": act.verb, "takes": act.takes}
    path = route.path_format.replace("{act}", name)
    return _operation(route, handler, method, opt, path, name)


def _operation(
    route: HTTPRoute, handler: HTTPRouteHandler, method: str, opt: Mapping[str, Any], path: str = "", name: str = ""
) -> Operation:
    path = path or route.path_format
    found = tuple(_parameters(handler, path, method, opt))
    media, gives = _answer(handler, opt)
    fn = getattr(handler.fn, "func", handler.fn)  # the framework wraps what runs in a thread
    part = fn.__module__.rpartition(".")[2]
    return Operation(
        method=method,
        path=path,
        name=f"{part}.{name or fn.__name__.strip('_')}",
        part=part,
        told=(f"{name}: " if name else "") + (fn.__doc__ or "").strip(),
        verb=opt["verb"],
        status=handler.status_code,
        media=media,
        takes=opt.get("takes"),
        gives=gives,
        parameters=found,
        problems=tuple(sorted(_problems(opt, found))),
        etag=bool(opt.get("etag")),
    )


def _parameters(handler: HTTPRouteHandler, path: str, method: str, opt: Mapping[str, Any]) -> Iterator[Parameter]:
    found = handler.parsed_fn_signature.parameters
    given = handler.resolve_dependencies()
    for one in given.values():
        found = {**one.parsed_fn_signature.parameters, **found}
    for name, field in found.items():
        if name in ("request", *given) or (
            isinstance(field.kwarg_definition, PathParameter) and f"{{{name}}}" not in path
        ):
            continue
        yield _parameter(name, field)
    if method == "POST":
        yield ONCE
    if opt.get("match"):
        yield MATCH


def _parameter(name: str, field: FieldDefinition) -> Parameter:
    known = field.kwarg_definition
    if isinstance(known, PathParameter):
        return Parameter(name, "path", str, required=True)
    name = getattr(known, "name", None) or name
    return Parameter(name, "query", field.annotation, field.default, description=WORDS.get(name, ""))


def _answer(handler: HTTPRouteHandler, opt: Mapping[str, Any]) -> tuple[str, Any]:
    """The media type and the type of an answer; no type where it is not JSON."""
    if handler.status_code == HTTPStatus.NO_CONTENT:
        return "", None
    if media := opt.get("gives"):
        return media, None
    kind = handler.parsed_fn_signature.return_type.annotation
    return JSON, get_args(kind)[0] if get_origin(kind) is Response else kind


def _problems(opt: Mapping[str, Any], parameters: Sequence[Parameter]) -> set[int]:
    """The statuses of everything that may go wrong."""
    found = {*opt.get("also", ()), 503}
    if opt["verb"] != ANYBODY:
        found |= {401, 403, 429}
    places = {one.place for one in parameters}
    if "path" in places:
        found |= {404}
    if opt.get("takes") is not None:
        found |= {400, 413, 422}
    if "query" in places:
        found |= {422}
    if ONCE in parameters:
        found |= {400, 409}
    if MATCH in parameters:
        found |= {412, 428}
    return found


__all__ = ["ANYBODY", "JSON", "KNOWN", "LIMITED", "MATCH", "ONCE", "Operation", "Parameter", "operations"]
