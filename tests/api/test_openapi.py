"""The document about the API: every route, every body and every example in it is true, and the page of it is alone."""

import inspect
import re
from typing import Any

import msgspec

from tests.api.conftest import ADMIN
from tests.api.described import application, document, known
from tests.doors import Running
from tocsin.api.v1.acts import ACTS


def references(value: Any) -> set[str]:
    """Every `$ref` in it."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(one) for one in value.values()))
    return set().union(*(references(one) for one in value)) if isinstance(value, list | tuple) else set()


async def test_the_document_needs_a_token_and_names_every_route(here: Running) -> None:
    assert (await here.client.get("/api/openapi.json")).status_code == 401
    told = (await here.client.get("/api/openapi.json", headers=ADMIN)).json()
    assert told["openapi"] == "3.1.0"
    routes = {
        (route.path_format, method.lower())
        for route in application(here).routes
        for method in route.methods - {"OPTIONS", "HEAD"}  # type: ignore[union-attr]
    }
    acts = {(f"/api/v1/incidents/{{incident}}/{name}", "post") for name in ACTS}
    expected = (routes - {("/api/v1/incidents/{incident}/{act}", "post")}) | acts | {("/in/{source}", "post")}
    assert {(path, method) for path, methods in told["paths"].items() for method in methods} == expected


def test_whatever_it_points_at_exists_and_operations_have_names_of_their_own(here: Running) -> None:
    told = document(here)
    for ref in references(told):
        value: Any = told
        for part in ref.removeprefix("#/").split("/"):
            value = value[part]
    names = [one["operationId"] for methods in told["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    for path, methods in told["paths"].items():
        for one in methods.values():
            declared = {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"}
            assert declared == set(re.findall(r"\{(\w+)\}", path)), path


def test_what_a_route_takes_is_what_it_reads(here: Running) -> None:
    wrong = []
    for route in application(here).routes:
        for handler in route.route_handlers:  # type: ignore[union-attr]
            fn = getattr(handler.fn, "func", handler.fn)
            if handler.http_methods == {"OPTIONS"} or handler.opt.get("each"):
                continue
            read = re.findall(r"body_of\(request, (\w+)\)", inspect.getsource(fn))
            takes = handler.opt.get("takes")
            if read != ([] if takes is None else [takes.__name__]):
                wrong.append((route.path, read, takes))
    assert wrong == []


def test_every_example_is_one(here: Running) -> None:
    told = document(here)["components"]["schemas"]
    found = 0
    for one in known(here):
        schema = told.get(getattr(one.takes, "__name__", ""), {})
        for example in schema.get("examples", ()):
            msgspec.convert(example, one.takes)
            found += 1
    assert found >= 4


async def test_the_page_is_read_offline_and_runs_nothing(here: Running) -> None:
    assert (await here.client.get("/api/docs")).status_code == 401
    answer = await here.client.get("/api/docs", headers=ADMIN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert re.findall(r"<(?:script|link|img|iframe|object)\b|(?:src|href)=\"(?!#|/api/)", answer.text) == []
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) <= set(ids)


async def test_a_method_that_is_not_there_says_which_are(here: Running) -> None:
    for method in ("DELETE", "TRACE"):
        answer = await here.client.request(method, "/api/v1/incidents", headers=ADMIN)
        assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
        assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))
