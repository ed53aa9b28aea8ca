"""The page about the API names every route, every act and every role that it needs, and nothing that does not exist."""

import re
from pathlib import Path

from litestar import Litestar

from tests.doors import Running
from tocsin import asgi
from tocsin.access.permissions import TABLE, least
from tocsin.api.v1.acts import ACTS

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def routes(here: Running) -> dict[str, str]:
    """`GET /api/v1/incidents/*` of every route, with the role that it needs."""
    app = asgi.build(here.site).framework
    assert isinstance(app, Litestar)
    found = {}
    for route in app.routes:
        for handler in route.route_handlers:  # type: ignore[union-attr]
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                path = re.sub(r"\{[^}]*\}", "*", route.path)
                found[f"{method} {path}"] = least(verb) if (verb := handler.opt["verb"]) in TABLE else ""
    return found


def test_every_route_and_its_role_are_documented_and_no_others(here: Running) -> None:
    told = re.findall(r"^\| `(GET|POST|PUT|PATCH|DELETE) ([^`?]+)[^`]*` \| ([\w-]*)", PAGE, re.MULTILINE)
    documented = {f"{method} {re.sub('INC-1|NAME|ID', '*', path)}": role for method, path, role in told}
    expected = routes(here)
    del expected["POST /api/v1/incidents/*/*"]
    assert documented == expected


def test_every_act_and_its_role_are_documented_and_no_others() -> None:
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| ([\w-]+)", PAGE, re.MULTILINE)
    documented = {name: role for names, role in rows for name in re.findall(r"`([a-z-]+)`", names)}
    assert documented == {name: least(act.verb) for name, act in ACTS.items()}
