"""Pages' own calls: a session is as good as a token, but only for requests that its own pages made."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import ADMIN
from tests.doors import URL, Running
from tests.insiders import COOKIE, HASH, PASSWORD, account, caller_of, cookie_for, csrf, show, sit_down
from tests.web.test_forms import ELSEWHERE
from tocsin.access.throttle import FREE
from tocsin.core.instant import HOUR, MINUTE
from tocsin.store import audit_log

FRESH = 15 * MINUTE


async def ask(here: Running, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
    """As a script of our pages asks."""
    ours = {"x-csrf-token": await csrf(here), "sec-fetch-site": "same-origin"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await here.client.request(method, f"/api/v1{path}", json=json, headers=ours | named)


async def test_a_session_says_who_it_is_and_what_it_may(here: Running) -> None:
    sit_down(here, "dana")
    me = (await here.client.get("/api/v1/session")).json()
    assert (me["name"], me["role"], me["person"], me["teams"]) == ("dana", "responder", "dana", ["infrastructure"])
    assert me["proved_at"] == "2026-01-05T09:00:00Z"
    assert (me["may"]["incident.resolve"], me["may"]["contact.edit"]) == ("own", "self")
    assert "account.edit" not in me["may"]


async def test_a_token_says_who_it_is_too(here: Running) -> None:
    me = (await here.client.get("/api/v1/session", headers=ADMIN)).json()
    assert (me["name"], me["role"], me["person"], me["session"]) == ("robot", "admin", None, None)


async def test_a_script_of_ours_acts_as_its_person(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    answer = await ask(here, "POST", "/incidents/INC-1/acknowledge", {})
    assert (answer.status_code, answer.json()["owner"]) == (200, "dana")
    refused = await ask(here, "POST", "/incidents/INC-1/note", {"text": "x", "by": "gita"})
    assert refused.status_code == 403


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize(("method", "path"), [("GET", "/incidents"), ("POST", "/incidents/INC-1/acknowledge")])
async def test_another_site_gets_nothing_with_the_readers_cookie(
    here: Running, method: str, path: str, headers: dict[str, str]
) -> None:
    await here.post()
    sit_down(here, "dana")
    shown = await csrf(here)
    answer = await here.client.request(method, f"/api/v1{path}", json={}, headers={"x-csrf-token": shown} | headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:tocsin:problem:cross-site")
    assert "access-control-allow-origin" not in answer.headers
    assert "Orders fail" not in answer.text


@pytest.mark.parametrize("shown", ["", "x", "a" * 32, COOKIE])
async def test_what_changes_something_shows_what_its_page_was_given(here: Running, shown: str) -> None:
    await here.post()
    sit_down(here, "dana")
    headers = {"x-csrf-token": shown, "origin": URL}
    answer = await here.client.post("/api/v1/incidents/INC-1/acknowledge", json={}, headers=headers)
    assert answer.status_code == 403
    assert (await here.client.get("/api/v1/incidents/INC-1")).json()["owner"] is None


async def test_a_bad_token_is_not_mended_by_a_good_cookie(here: Running) -> None:
    sit_down(here, "dana")
    answer = await here.client.get("/api/v1/incidents", headers={"authorization": "Bearer x"})
    assert answer.status_code == 401


async def test_an_answer_to_another_sites_question_before_a_request_allows_nothing(here: Running) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    answer = await here.client.options("/api/v1/incidents", headers=asked)
    assert not [name for name in answer.headers if name.startswith("access-control")]


# -------------------------------------------------------------------------------------------- proof


async def test_what_is_sensitive_needs_a_fresh_proof(here: Running) -> None:
    nadia = account(here, "nadia", "admin", password=HASH)
    show(here, cookie_for(here, nadia))
    here.clock.advance_to(here.clock.now() + FRESH - 1)
    assert (await ask(here, "POST", "/tokens", {"name": "a", "role": "viewer"})).status_code == 201
    here.clock.advance_to(here.clock.now() + 1)
    refused = await ask(here, "POST", "/tokens", {"name": "b", "role": "viewer"})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:tocsin:problem:prove")
    assert (await ask(here, "GET", "/tokens")).status_code == 200
    before = here.client.cookies[COOKIE]
    assert (await ask(here, "POST", "/session/proof", {"password": "not it"})).status_code == 403
    proved = await ask(here, "POST", "/session/proof", {"password": PASSWORD})
    assert (proved.status_code, proved.json()["until"]) == (200, "2026-01-05T09:30:00Z")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in proved.headers["set-cookie"]
    assert (await caller_of(here, before)) is None
    assert (await ask(here, "POST", "/tokens", {"name": "b", "role": "viewer"})).status_code == 201


async def test_guessing_at_the_proof_is_slow(here: Running) -> None:
    show(here, cookie_for(here, account(here, "nadia", "admin", password=HASH)))
    codes = [
        (await ask(here, "POST", "/session/proof", {"password": "guess"})).status_code
        for _ in range(FREE["account"] + 1)
    ]
    assert codes == [403] * FREE["account"] + [429]


async def test_a_token_is_never_asked_again_and_has_nothing_to_prove(here: Running) -> None:
    here.clock.advance_to(here.clock.now() + HOUR)
    made = await here.client.post("/api/v1/tokens", json={"name": "c", "role": "viewer"}, headers=ADMIN)
    assert made.status_code == 201
    answer = await here.client.post("/api/v1/session/proof", json={"password": "x"}, headers=ADMIN)
    assert answer.status_code == 409


async def test_another_password_ends_sessions_elsewhere_and_not_here(here: Running) -> None:
    dana = account(here, "dana", password=HASH)
    elsewhere = cookie_for(here, dana)
    show(here, cookie_for(here, dana))
    for bad, said in (("short", "12 characters"), ("danadana12345", "guess")):
        refused = await ask(here, "POST", "/session/password", {"password": bad})
        assert (refused.status_code, said in refused.json()["detail"]) == (422, True)
    assert (await ask(here, "POST", "/session/password", {"password": "rain on tin roofs"})).status_code == 204
    assert await caller_of(here, elsewhere) is None
    assert await caller_of(here, here.client.cookies[COOKIE]) is not None
    assert (await ask(here, "POST", "/session/proof", {"password": PASSWORD})).status_code == 403
    assert (await ask(here, "POST", "/session/proof", {"password": "rain on tin roofs"})).status_code == 200
    with here.site.ledger.read() as connection:
        assert [one.what for one in audit_log.latest(connection, 1)] == ["account.password"]


# ----------------------------------------------------------------------------------------- sessions


async def test_whoever_is_in_sees_their_own_sessions_and_ends_them(here: Running) -> None:
    dana = sit_down(here, "dana")
    phone = cookie_for(here, dana, trusted=True)
    (mine, other) = sorted(
        (await ask(here, "GET", "/accounts/dana/sessions")).json()["sessions"], key=lambda one: not one["current"]
    )
    assert (mine["current"], other["current"], other["trusted"]) == (True, False, True)
    assert (await ask(here, "DELETE", f"/accounts/dana/sessions/{other['id']}")).status_code == 204
    assert await caller_of(here, phone) is None
    assert (await ask(here, "DELETE", f"/accounts/dana/sessions/{other['id']}")).status_code == 404
    cookie_for(here, dana)
    assert (await ask(here, "DELETE", "/accounts/dana/sessions")).status_code == 204
    assert len((await ask(here, "GET", "/accounts/dana/sessions")).json()["sessions"]) == 1


async def test_nobody_sees_or_ends_the_sessions_of_others_but_admins(here: Running) -> None:
    gita = account(here, "gita", person="dana")
    theirs = cookie_for(here, gita)
    sit_down(here, "dana")
    for method in ("GET", "DELETE"):
        assert (await ask(here, method, "/accounts/gita/sessions")).status_code == 403
    with here.site.ledger.read() as connection:
        from tocsin.store import sessions

        (one,) = sessions.live(connection, here.clock.now(), gita.id)
    assert (await ask(here, "DELETE", f"/accounts/gita/sessions/{one.id}")).status_code == 403
    assert (await ask(here, "DELETE", f"/accounts/dana/sessions/{one.id}")).status_code == 404
    assert await caller_of(here, theirs) is not None
    listed = await here.client.get("/api/v1/accounts/gita/sessions", headers=ADMIN)
    assert [shown["id"] for shown in listed.json()["sessions"]] == [one.id]
    assert (await here.client.delete("/api/v1/accounts/gita/sessions", headers=ADMIN)).status_code == 204
    assert await caller_of(here, theirs) is None


async def test_ending_sessions_stands_in_the_audit_log(here: Running) -> None:
    dana = sit_down(here, "dana")
    cookie_for(here, dana)
    listed = (await ask(here, "GET", "/accounts/dana/sessions")).json()["sessions"]
    other = next(one["id"] for one in listed if not one["current"])
    for path in (f"/accounts/dana/sessions/{other}", f"/accounts/dana/sessions/{other}", "/accounts/dana/sessions"):
        await ask(here, "DELETE", path)
    with here.site.ledger.read() as connection:
        told = [
            (one.actor, one.object, one.details)
            for one in audit_log.latest(connection, 9)
            if one.what == "account.signed-out"
        ]
    assert [(actor, whose) for actor, whose, _ in told] == [("dana", dana.id)] * 2
    assert [other.encode() in details for *_, details in told] == [False, True]
