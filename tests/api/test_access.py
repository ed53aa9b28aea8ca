"""Who may: every route names its permission, every role is held to the table, revoked tokens are worthless soon."""

import io
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from tests.api.conftest import ADMIN, token_for
from tests.cast import small_rulebook
from tests.doors import Running, running
from tocsin import asgi
from tocsin.access.permissions import ROLES, TABLE, Caller, Role, Verb, may
from tocsin.api.here import ANYBODY, KNOWN
from tocsin.core.instant import SECOND
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.lib import logs

CALLS: list[tuple[str, str, Verb, Any]] = [
    ("GET", "/api/v1/incidents", "incident.read", None),
    ("GET", "/api/v1/incidents/INC-1", "incident.read", None),
    ("GET", "/api/v1/incidents/INC-1/timeline", "incident.read", None),
    ("POST", "/api/v1/incidents", "incident.report", {"title": "x"}),
    ("POST", "/api/v1/incidents/INC-1/acknowledge", "incident.acknowledge", {"by": "ana"}),
    ("POST", "/api/v1/incidents/INC-1/note", "incident.note", {"text": "x"}),
    ("POST", "/api/v1/incidents/INC-1/priority", "incident.priority", {"priority": "P2", "reason": "x"}),
    ("POST", "/api/v1/incidents/INC-1/escalate", "incident.escalate", {"reason": "x"}),
    ("POST", "/api/v1/incidents/INC-1/undo", "incident.undo", {}),
    ("POST", "/api/v1/incidents/acts/undo", "incident.bulk", {"undo": "INC-1:2"}),
    ("GET", "/api/v1/oncall", "oncall.read", None),
    ("GET", "/api/v1/schedules/infra-primary/shifts", "oncall.read", None),
    ("GET", "/api/v1/outbox", "outbox.read", None),
    ("GET", "/api/v1/rulebook", "rulebook.read", None),
    ("PUT", "/api/v1/rulebook", "rulebook.apply", {}),
    ("GET", "/api/v1/tokens", "tokens.read", None),
    ("GET", "/api/v1/audit", "audit.read", None),
    ("GET", "/api/v1/accounts", "account.read", None),
    ("POST", "/api/v1/accounts", "account.edit", {"login": "x", "role": "viewer"}),
    ("PATCH", "/api/v1/accounts/none", "account.edit", {}),
    ("POST", "/api/v1/accounts/none/invitation", "account.edit", {}),
    ("POST", "/api/v1/setup", "account.edit", None),
    ("GET", "/api/v1/accounts/none/sessions", "account.read", None),
    ("DELETE", "/api/v1/accounts/none/sessions", "session.end", None),
    ("DELETE", "/api/v1/accounts/none/sessions/none", "session.end", None),
    ("POST", "/api/v1/session/password", "account.secure", {}),
    ("GET", "/api/v1/sources/scripts/keys", "source.read", None),
    ("POST", "/api/v1/sources/scripts/keys", "source.keys", None),
    ("DELETE", "/api/v1/sources/scripts/keys/none", "source.keys", None),
    ("POST", "/api/v1/incidents/INC-1/break-glass", "incident.break-glass", {"reason": "x"}),
    ("POST", "/api/v1/tokens", "tokens.manage", {"name": "x", "role": "viewer"}),
    ("DELETE", "/api/v1/tokens/none", "tokens.manage", None),
    ("GET", "/api/v1/health", "health.read", None),
    ("GET", "/metrics", "metrics.read", None),
]


def everything_on_disk(here: Running) -> bytes:
    file = here.site.ledger.url.removeprefix("sqlite:///")
    return b"".join(Path(path).read_bytes() for path in (file, f"{file}-wal"))


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


async def test_every_route_names_a_permission_that_exists(here: Running) -> None:
    app = asgi.build(here.site).framework
    assert isinstance(app, Litestar)
    handlers = [(route.path, handler) for route in app.routes for handler in route.route_handlers]  # type: ignore[union-attr]
    named = {(path, one.opt.get("verb")) for path, one in handlers if one.http_methods != {"OPTIONS"}}
    unnamed = [
        path for path, verb in named if verb not in (*TABLE, ANYBODY, KNOWN) and path.startswith(("/api", "/metrics"))
    ]
    assert unnamed == []
    assert {path for path, verb in named if verb == ANYBODY and path.startswith("/api")} == set()


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_what_the_table_says_and_no_more(here: Running, role: Role) -> None:
    await here.post()
    headers = bearer(token_for(here, role, f"a-{role}"))
    for method, path, verb, body in CALLS:
        status = (await here.client.request(method, path, json=body, headers=headers)).status_code
        refused = not may(Caller("robot", role), verb) or verb == "incident.break-glass"  # that is for people alone
        assert (status == 403) == refused, (role, method, path, status)
        assert status < 500


@pytest.mark.parametrize(
    "shown", ["", "Bearer ", "Bearer x", "Bearer toc_aaaaaaaa_" + "a" * 32, "Basic YTpi", "bearer"]
)
async def test_without_a_good_token_everything_answers_nothing(here: Running, shown: str) -> None:
    await here.post()
    for method, path, _, body in CALLS:
        answer = await here.client.request(method, path, json=body, headers={"authorization": shown} if shown else {})
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:tocsin:problem:unauthorized"), path


async def test_a_revoked_token_is_worthless_at_once_here_and_within_a_minute_elsewhere(here: Running) -> None:
    text = token_for(here, "viewer", "old")
    made = (await here.client.get("/api/v1/tokens", headers=ADMIN)).json()["tokens"]
    ident = next(one["id"] for one in made if one["name"] == "old")
    with_other_memory = Running(here.site, here.clock)
    for client in (here.client, with_other_memory.client):
        assert (await client.get("/api/v1/incidents", headers=bearer(text))).status_code == 200
    assert (await here.client.delete(f"/api/v1/tokens/{ident}", headers=ADMIN)).status_code == 204
    assert (await here.client.get("/api/v1/incidents", headers=bearer(text))).status_code == 401
    here.clock.advance_to(here.clock.now() + 60 * SECOND)
    assert (await with_other_memory.client.get("/api/v1/incidents", headers=bearer(text))).status_code == 401
    assert (await here.client.delete(f"/api/v1/tokens/{ident}", headers=ADMIN)).status_code == 404


async def test_a_token_is_shown_once_and_kept_as_a_hash(here: Running) -> None:
    answer = await here.client.post("/api/v1/tokens", json={"name": "ci", "role": "responder"}, headers=ADMIN)
    text = answer.json()["token"]
    assert (await here.client.get("/api/v1/incidents", headers=bearer(text))).status_code == 200
    listing = (await here.client.get("/api/v1/tokens", headers=ADMIN)).text
    assert text.rpartition("_")[2] not in listing
    ci = next(
        one for one in (await here.client.get("/api/v1/tokens", headers=ADMIN)).json()["tokens"] if one["name"] == "ci"
    )
    assert (ci["role"], ci["last_used"]) == ("responder", "2026-01-05T09:00:00Z")
    assert text.rpartition("_")[2].encode() not in everything_on_disk(here)


@pytest.mark.parametrize(
    "body", [{}, {"name": "", "role": "admin"}, {"name": "x", "role": "god"}, {"name": "a\nb", "role": "admin"}]
)
async def test_a_token_without_sense_is_not_made(here: Running, body: dict[str, str]) -> None:
    assert (await here.client.post("/api/v1/tokens", json=body, headers=ADMIN)).status_code == 422


async def test_whoever_reaches_the_control_socket_is_admin(sqlite_url: str) -> None:
    with running(sqlite_url, local=True) as there:
        assert (await there.client.get("/api/v1/tokens")).status_code == 200
        assert (await there.client.get("/metrics")).status_code == 200


async def test_a_header_cannot_make_a_request_local(here: Running) -> None:
    headers = {"x-forwarded-for": "127.0.0.1", "tocsin.local": "1", "host": "localhost", "x-tocsin-local": "true"}
    assert (await here.client.get("/api/v1/tokens", headers=headers)).status_code == 401


async def test_a_confidential_incident_does_not_exist_for_tokens_admins_included(sqlite_url: str) -> None:
    secret = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))
    with running(sqlite_url, rulebook=small_rulebook(criteria=(secret,)), local=True) as there:
        hidden = await there.post(labels={"category": "security", "service": "order-database"})
        shown = await there.post(key="other")
        listed = (await there.client.get("/api/v1/incidents?status=all")).json()["incidents"]
        assert [one["id"] for one in listed] == [shown]
        unknown = (await there.client.get("/api/v1/incidents/INC-99")).json()
        for path in ("", "/timeline"):
            answer = await there.client.get(f"/api/v1/incidents/{hidden}{path}")
            assert answer.json() == unknown | {"detail": f"There is no incident {hidden}."}
        assert (await there.client.post(f"/api/v1/incidents/{hidden}/resolve", json={})).status_code == 404
        assert (await there.client.get(f"/api/v1/outbox?incident={hidden}")).status_code == 404
        messages = (await there.client.get("/api/v1/outbox")).json()["messages"]
        assert {one["incident"] for one in messages} == {shown}
        assert (await there.client.get("/api/v1/health")).json()["live"] == {"P1": 1}


async def test_no_log_line_holds_a_token(here: Running) -> None:
    stream = io.StringIO()
    logs.configure(lambda: "now", as_json=True, stream=stream)
    text = token_for(here, "viewer", "canary")
    await here.client.get("/api/v1/tokens", headers=bearer(text))
    await here.client.get(f"/api/v1/incidents?token={text}", headers=bearer(text[:-1] + "a"))
    assert "denied" in stream.getvalue()
    assert text.rpartition("_")[2] not in stream.getvalue()
