"""Accounts, tokens with scopes, keys of sources and the audit log, by the API."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import ADMIN
from tests.cast import MONDAY, small_rulebook
from tests.doors import KEY, Running, running
from tests.insiders import PASSWORD, account, another_browser, csrf, sit_down
from tocsin.access.permissions import TABLE, Caller, may
from tocsin.api.intake import RELOAD
from tocsin.core.instant import HOUR
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.store.queries import sent

NEW = {"login": "Dana", "role": "responder", "person": "dana"}


async def admin(here: Running, method: str, path: str, json: Any = None) -> httpx.Response:
    return await here.client.request(method, f"/api/v1{path}", json=json, headers=ADMIN)


async def test_an_account_is_made_invited_and_its_owner_comes_in(here: Running) -> None:
    made = await admin(here, "POST", "/accounts", NEW)
    assert (made.status_code, made.json()["account"]["login"]) == (201, "dana")
    assert made.json()["expires_at"] == "2026-01-05T10:00:00Z"
    (listed,) = (await admin(here, "GET", "/accounts")).json()["accounts"]
    assert (listed["has_password"], listed["person"]) == (False, "dana")
    path = made.json()["link"].removeprefix("https://tocsin.acme.example")
    assert path not in (await admin(here, "GET", "/audit")).text
    assert (await here.client.post(path, data={"password": PASSWORD})).status_code == 303
    assert (await here.client.get("/api/v1/session")).json()["person"] == "dana"
    assert (await admin(here, "GET", "/accounts")).json()["accounts"][0]["has_password"] is True


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (NEW | {"login": "gita"}, 409),
        (NEW | {"login": "GITA "}, 409),
        (NEW | {"login": "a b"}, 422),
        (NEW | {"login": ""}, 422),
        (NEW | {"role": "god"}, 422),
        (NEW | {"person": "nobody"}, 422),
        (NEW | {"password": "x"}, 422),
        ({"role": "viewer"}, 422),
    ],
)
async def test_an_account_without_sense_is_not_made(here: Running, body: dict[str, str], status: int) -> None:
    account(here, "gita")
    assert (await admin(here, "POST", "/accounts", body)).status_code == status
    assert len((await admin(here, "GET", "/accounts")).json()["accounts"]) == 1


async def test_an_account_is_changed_disabled_and_enabled_and_the_last_admin_stays(here: Running) -> None:
    gita = account(here, "gita")
    changed = await admin(here, "PATCH", "/accounts/gita", {"role": "team-lead", "person": ""})
    assert (changed.json()["role"], changed.json()["person"]) == ("team-lead", None)
    assert (await admin(here, "PATCH", f"/accounts/{gita.id}", {"disabled": True})).json()["disabled_at"] is not None
    assert (await admin(here, "PATCH", "/accounts/gita", {"disabled": False})).json()["disabled_at"] is None
    assert (await admin(here, "PATCH", "/accounts/none", {"role": "viewer"})).status_code == 404
    assert (await admin(here, "PATCH", "/accounts/gita", {"person": "nobody"})).status_code == 422
    account(here, "nadia", "admin")
    refused = await admin(here, "PATCH", "/accounts/nadia", {"disabled": True})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tocsin:problem:last-admin")


async def test_a_reset_link_is_made_and_ends_what_was_before(here: Running) -> None:
    gita = account(here, "gita", password="$argon2id$x")
    answer = await admin(here, "POST", f"/accounts/{gita.id}/invitation", {"purpose": "reset"})
    assert (answer.status_code, answer.json()["account"]["has_password"]) == (201, False)
    assert (await admin(here, "POST", "/accounts/none/invitation", {})).status_code == 404


async def test_everybody_sees_their_own_account_and_no_other(here: Running) -> None:
    account(here, "gita")
    sit_down(here, "dana")
    found = (await here.client.get("/api/v1/accounts")).json()["accounts"]
    assert [one["login"] for one in found] == ["dana"]
    headers = {"x-csrf-token": await csrf(here)}
    for path in ("/api/v1/accounts/dana", "/api/v1/accounts/gita"):
        answer = await here.client.patch(path, json={"role": "admin"}, headers=headers)
        assert answer.status_code == 403


# ------------------------------------------------------------------------------------------- tokens


async def test_a_token_with_scopes_may_what_they_cover_and_no_more(here: Running) -> None:
    await here.post()
    body = {"name": "prometheus", "role": "admin", "scopes": ["metrics.read", "incident.read"]}
    made = (await admin(here, "POST", "/tokens", body)).json()["token"]
    headers = {"authorization": f"Bearer {made}"}
    for path, status in (
        ("/metrics", 200),
        ("/api/v1/incidents", 200),
        ("/api/v1/outbox", 403),
        ("/api/v1/audit", 403),
    ):
        assert (await here.client.get(path, headers=headers)).status_code == status, path
    answer = await here.client.post("/api/v1/incidents/INC-1/resolve", json={}, headers=headers)
    assert (answer.status_code, "scopes" in answer.json()["detail"]) == (403, True)
    (told,) = [one for one in (await admin(here, "GET", "/tokens")).json()["tokens"] if one["name"] == "prometheus"]
    assert told["scopes"] == ["metrics.read", "incident.read"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"role": "viewer", "scopes": ["rulebook.apply"]}, "rulebook.apply"),
        ({"role": "admin", "scopes": ["everything"]}, "everything"),
        ({"role": "responder", "teams": ["paymets"]}, "paymets"),
    ],
)
async def test_scopes_and_teams_that_say_nothing_are_refused(here: Running, body: dict[str, Any], said: str) -> None:
    answer = await admin(here, "POST", "/tokens", {"name": "x"} | body)
    assert (answer.status_code, said in answer.json()["detail"]) == (422, True)


async def test_a_token_that_is_bound_to_a_team_acts_for_that_one_alone(here: Running) -> None:
    ours = await here.post()
    theirs = await here.post(key="other", labels={"service": "checkout"})
    body = {"name": "infra", "role": "responder", "teams": ["infrastructure"]}
    headers = {"authorization": f"Bearer {(await admin(here, 'POST', '/tokens', body)).json()['token']}"}
    for incident, status in ((ours, 200), (theirs, 403)):
        answer = await here.client.post(f"/api/v1/incidents/{incident}/note", json={"text": "x"}, headers=headers)
        assert answer.status_code == 200
        answer = await here.client.post(f"/api/v1/incidents/{incident}/resolve", json={}, headers=headers)
        assert answer.status_code == status, incident


async def test_a_token_that_ends_is_of_no_use_from_then_on_for_programs_and_for_sign_in(here: Running) -> None:
    body = {"name": "guest", "role": "viewer", "expires_at": "2026-01-05T10:00:00Z"}
    made = (await admin(here, "POST", "/tokens", body)).json()["token"]
    headers = {"authorization": f"Bearer {made}"}
    (told,) = [one for one in (await admin(here, "GET", "/tokens")).json()["tokens"] if one["name"] == "guest"]
    assert told["expires_at"] == body["expires_at"]
    here.clock.advance_to(MONDAY + HOUR - 1)
    assert (await here.client.get("/api/v1/session", headers=headers)).status_code == 200
    browser = another_browser(here)
    assert (await browser.post("/signin", data={"token": made})).status_code == 303
    here.clock.advance_to(MONDAY + HOUR)
    assert (await here.client.get("/api/v1/session", headers=headers)).status_code == 401
    assert (await browser.get("/")).status_code == 303
    assert (await another_browser(here).post("/signin", data={"token": made})).status_code != 303
    refused = await admin(here, "POST", "/tokens", body)
    assert (refused.status_code, refused.json()["detail"]) == (422, "expires_at: that is over.")


async def test_a_token_without_scopes_opens_neither_metrics_nor_api(here: Running) -> None:
    made = (await admin(here, "POST", "/tokens", {"name": "none", "role": "admin", "scopes": []})).json()["token"]
    for path in ("/metrics", "/api/v1/incidents", "/api/v1/health"):
        assert (await here.client.get(path, headers={"authorization": f"Bearer {made}"})).status_code == 403
    for path in ("/health", "/ready"):
        assert (await here.client.get(path)).status_code == 200


# ------------------------------------------------------------------------------------ keys of sources


async def send(here: Running, key: str) -> int:
    body = {"title": "x", "labels": {"service": "checkout"}}
    answer = await here.client.post("/in/scripts", json=body, headers={"authorization": f"Bearer {key}"})
    return answer.status_code


async def test_a_key_is_changed_without_a_moment_in_which_nobody_can_send(here: Running) -> None:
    first = (await admin(here, "POST", "/sources/scripts/keys")).json()
    second = (await admin(here, "POST", "/sources/scripts/keys")).json()
    assert [await send(here, key) for key in (KEY, first["key"], second["key"])] == [202, 202, 202]
    third = await admin(here, "POST", "/sources/scripts/keys")
    assert (third.status_code, third.json()["type"]) == (409, "urn:tocsin:problem:two-live")
    assert (await admin(here, "DELETE", f"/sources/scripts/keys/{first['id']}")).status_code == 204
    here.clock.advance_to(here.clock.now() + RELOAD)
    assert await send(here, second["key"]) == 202
    here.clock.advance_to(here.clock.now() + 1)
    assert [await send(here, key) for key in (first["key"], second["key"], KEY)] == [401, 202, 202]
    listed = (await admin(here, "GET", "/sources/scripts/keys")).json()
    assert {one["id"]: one["state"] for one in listed["keys"]} == {first["id"]: "revoked", second["id"]: "live"}
    assert listed["from_environment"] is True
    assert first["key"].rpartition("_")[2] not in str(listed)
    assert (await admin(here, "POST", "/sources/scripts/keys")).status_code == 201


async def test_a_key_of_a_source_opens_no_other(here: Running) -> None:
    made = (await admin(here, "POST", "/sources/prometheus/keys")).json()
    assert await send(here, made["key"]) == 401
    assert (await admin(here, "DELETE", f"/sources/scripts/keys/{made['id']}")).status_code == 404
    assert (await admin(here, "POST", "/sources/none/keys")).status_code == 404


# -------------------------------------------------------------------------------------- audit log


async def test_what_was_administered_is_in_the_log_with_who_did_it_and_no_secret(here: Running) -> None:
    made = (await admin(here, "POST", "/accounts", NEW)).json()
    token = (await admin(here, "POST", "/tokens", {"name": "ci", "role": "viewer", "scopes": ["*.read"]})).json()
    key = (await admin(here, "POST", "/sources/scripts/keys")).json()
    await admin(here, "PATCH", "/accounts/dana", {"role": "manager"})
    await admin(here, "DELETE", f"/tokens/{token['id']}")
    answer = await admin(here, "GET", "/audit?limit=4")
    told = answer.json()["entries"]
    assert [one["what"] for one in told] == ["token.revoked", "account.role", "source.key-made", "token.made"]
    assert {one["actor"] for one in told} == {"token:robot"}
    assert told[1]["details"] == {"before": "responder", "login": "dana", "role": "manager"}
    rest = (await admin(here, "GET", f"/audit?cursor={answer.json()['cursor']}")).json()
    assert [one["what"] for one in rest["entries"]] == ["account.invited", "account.created"]
    assert rest["cursor"] is None
    accounts = (await admin(here, "GET", "/audit?what=account")).json()["entries"]
    assert [one["what"] for one in accounts] == ["account.role", "account.invited", "account.created"]
    for secret in (made["link"].rpartition("/")[2], token["token"].rpartition("_")[2], key["key"].rpartition("_")[2]):
        assert secret not in answer.text + str(rest)


async def test_the_auditor_reads_the_log_and_changes_nothing(here: Running) -> None:
    sit_down(here, "lena", "security-audit")
    assert (await here.client.get("/api/v1/audit")).json()["entries"]
    headers = {"x-csrf-token": await csrf(here)}
    assert (await here.client.post("/api/v1/accounts", json=NEW, headers=headers)).status_code == 403
    may_not = [verb for verb in TABLE if not may(Caller("lena", "security-audit"), verb)]
    assert "incident.acknowledge" in may_not


# ------------------------------------------------------------------------------------- broken glass


async def test_broken_glass_is_read_for_an_hour_written_down_and_told(sqlite_url: str) -> None:
    hush = Criterion("hush", "signal.severity == 'critical'", Raise(confidential=True))
    with running(sqlite_url, rulebook=small_rulebook(criteria=(hush,))) as here:
        incident = await here.post()
        sit_down(here, "sofia", "manager")
        headers = {"x-csrf-token": await csrf(here)}
        path = f"/api/v1/incidents/{incident}"

        async def break_(body: dict[str, str], name: str = path) -> httpx.Response:
            return await here.client.post(f"{name}/break-glass", json=body, headers=headers)

        assert (await here.client.get(path)).status_code == 404
        assert (await break_({"reason": " "})).status_code == 422
        assert (await break_({"reason": "x"}, "/api/v1/incidents/INC-99")).status_code == 404
        broken = await break_({"reason": "the regulator asks"})
        assert (broken.status_code, broken.json()["until"]) == (201, "2026-01-05T10:00:00Z")
        assert (await here.client.get(path)).json()["title"] == "Orders fail"
        assert incident in (await here.client.get("/api/v1/incidents")).text
        assert (await break_({"reason": "again"})).status_code == 409
        assert (await here.client.post(f"{path}/resolve", json={}, headers=headers)).status_code == 403
        with here.site.ledger.read() as connection:
            told = [one for one in sent.of_incident(connection, incident) if one.id.startswith("glass.")]
        assert [(one.person, one.purpose) for one in told] == [("frank", "inform")]
        here.clock.advance_to(here.clock.now() + HOUR)
        sit_down(here, "omar", "admin")
        (entry,) = (await here.client.get("/api/v1/audit?what=incident")).json()["entries"]
        assert (entry["actor"], entry["object"], entry["details"]) == (
            "sofia", incident, {"reason": "the regulator asks"},
        )  # fmt: skip
        assert (await here.client.get(path)).status_code == 404


async def test_a_login_is_not_found_out_by_anybody(here: Running) -> None:
    account(here, "dana")
    stranger = another_browser(here)
    for path in ("/api/v1/accounts/dana/sessions", "/api/v1/accounts/none/sessions"):
        assert (await stranger.get(path)).status_code == 401
