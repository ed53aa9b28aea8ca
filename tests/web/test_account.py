"""One's own account: password, sessions and passkeys; and what a forged passkey could try."""

from typing import Any

import httpx
import pytest

from tests.access.authenticator import Authenticator
from tests.api.conftest import token_for
from tests.doors import URL, Running
from tests.insiders import COOKIE, HASH, PASSWORD, account, another_browser, caller_of, cookie_for, csrf, show, sit_down
from tocsin.access.accounts import Change, change
from tocsin.core.instant import HOUR, MINUTE
from tocsin.store import accounts, audit_log, passkeys, sessions
from tocsin.store.accounts import Account, Identity

HOST = URL.partition("//")[2]
JSON = {"content-type": "application/json"}


def device() -> Authenticator:
    return Authenticator(URL, HOST)


async def posted(here: Running, path: str, body: dict[str, Any], client: httpx.AsyncClient | None = None) -> Any:
    browser = client or here.client
    headers = JSON if client is not None else JSON | {"x-csrf-token": await csrf(here)}
    return await browser.post(path, json=body, headers=headers)


async def with_passkey(here: Running, login: str = "dana") -> tuple[Account, Authenticator]:
    """Somebody who is signed in and has added a passkey."""
    made, key = sit_down(here, login), device()
    asked = await posted(here, "/account/passkeys/options", {})
    assert asked.status_code == 200, asked.text
    answer = await posted(here, "/account/passkeys", {"credential": key.make(asked.json()), "name": " my phone\n"})
    assert answer.status_code == 201, answer.text
    return made, key


async def enter(here: Running, key: Authenticator, client: httpx.AsyncClient | None = None) -> Any:
    browser = client or another_browser(here)
    asked = (await posted(here, "/signin/passkey/options", {}, browser)).json()
    return await posted(here, "/signin/passkey", {"credential": key.sign(asked), "next": "/incidents/INC-1"}, browser)


def deeds(here: Running) -> list[str]:
    with here.site.ledger.read() as connection:
        return [one.what for one in audit_log.latest(connection, 20)]


# ----------------------------------------------------------------------------------------- passkeys


async def test_a_passkey_is_added_and_signs_in_without_a_login(here: Running) -> None:
    dana, key = await with_passkey(here)
    page = (await here.client.get("/account")).text
    assert "my phone" in page
    browser = another_browser(here)
    answer = await enter(here, key, browser)
    assert (answer.status_code, answer.json()) == (200, {"next": "/incidents/INC-1"})
    found = await caller_of(here, browser.cookies[COOKIE])
    assert found is not None
    assert found.account == dana.id
    assert deeds(here)[0] == "account.passkey-added"
    with here.site.ledger.read() as connection:
        (kept,) = passkeys.of(connection, dana.id)
        methods = {one.method for one in sessions.live(connection, here.clock.now(), dana.id)}
    assert (kept.uses, kept.used_at) == (1, here.clock.now())
    assert methods == {"password", "passkey"}


async def test_it_is_asked_for_a_key_of_this_site_that_sees_its_owner(here: Running) -> None:
    sit_down(here, "dana")
    asked = (await posted(here, "/account/passkeys/options", {})).json()
    assert (asked["rp"]["id"], asked["user"]["name"]) == (HOST, "dana")
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    again = (await posted(here, "/account/passkeys/options", {})).json()
    assert asked["challenge"] != again["challenge"]
    assert len(asked["challenge"]) >= 43


@pytest.mark.parametrize("what", ["origin", "host", "unverified", "absent", "challenge", "key", "owner"])
async def test_what_another_site_or_nobody_signed_lets_nobody_in(here: Running, what: str) -> None:
    _, key = await with_passkey(here)
    forger = device()
    forger.id, forger.handle = key.id, key.handle
    match what:
        case "origin":
            key.origin = "https://tocsin.evil.example"
        case "host":
            key.host = "evil.example"
        case "unverified":
            key.flags = 0x01
        case "absent":
            key.flags = 0x04
        case "owner":
            key.handle = b"somebody else"
    browser = another_browser(here)
    asked = (await posted(here, "/signin/passkey/options", {}, browser)).json()
    signs = forger if what == "key" else key
    credential = signs.sign(asked | ({"challenge": "A" * 43} if what == "challenge" else {}))
    answer = await posted(here, "/signin/passkey", {"credential": credential}, browser)
    assert (answer.status_code, answer.json()["wrong"]) == (403, "unproven")
    assert COOKIE not in browser.cookies


async def test_a_signature_is_good_once_and_for_the_browser_that_was_asked(here: Running) -> None:
    _, key = await with_passkey(here)
    browser, thief = another_browser(here), another_browser(here)
    asked = (await posted(here, "/signin/passkey/options", {}, browser)).json()
    said = {"credential": key.sign(asked)}
    assert (await posted(here, "/signin/passkey", said, thief)).status_code == 403
    cookie = browser.cookies["__Host-tocsin-passkey"]
    assert (await posted(here, "/signin/passkey", said, browser)).status_code == 200
    thief.cookies.set("__Host-tocsin-passkey", cookie)
    assert (await posted(here, "/signin/passkey", said, thief)).status_code == 403


async def test_a_challenge_for_one_thing_is_no_good_for_another_and_not_for_long(here: Running) -> None:
    _, key = await with_passkey(here)
    asked = (await posted(here, "/signin/passkey/options", {})).json()
    said = {"credential": key.sign(asked)}
    assert (await posted(here, "/signin/again/passkey", said)).status_code == 403
    browser = another_browser(here)
    asked = (await posted(here, "/signin/passkey/options", {}, browser)).json()
    here.clock.advance_to(here.clock.now() + 5 * MINUTE)
    assert (await posted(here, "/signin/passkey", {"credential": key.sign(asked)}, browser)).status_code == 403


async def test_a_copy_of_a_key_is_noticed_by_its_counter(here: Running) -> None:
    _, key = await with_passkey(here)
    assert (await enter(here, key)).status_code == 200
    key.uses = 0
    assert (await enter(here, key)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"credential": {}}',
        b'{"credential": {"id": 5}}',
        b'{"credential": {"id": "x", "response": []}}',
    ],
)
async def test_nonsense_is_refused_in_the_same_way(here: Running, body: str) -> None:
    browser = another_browser(here)
    await posted(here, "/signin/passkey/options", {}, browser)
    answer = await browser.post("/signin/passkey", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["wrong"]) == (403, "unproven")
    sit_down(here, "dana")
    await posted(here, "/account/passkeys/options", {})
    headers = JSON | {"x-csrf-token": await csrf(here)}
    assert (await here.client.post("/account/passkeys", content=body, headers=headers)).status_code == 403


async def test_a_disabled_account_is_not_entered_by_its_passkey_and_a_removed_one_is_of_no_use(here: Running) -> None:
    dana, key = await with_passkey(here)
    now = here.clock.now()
    here.site.ledger.transact(lambda tx: change(tx.connection, dana.id, Change(disabled=True), "nadia", now))
    assert (await enter(here, key)).status_code == 403
    here.site.ledger.transact(lambda tx: change(tx.connection, dana.id, Change(disabled=False), "nadia", now))
    show(here, cookie_for(here, dana))
    with here.site.ledger.read() as connection:
        (kept,) = passkeys.of(connection, dana.id)
    data = {"key": kept.id, "csrf": await csrf(here)}
    assert (await here.client.post("/account/passkeys/remove", data=data)).status_code == 303
    assert deeds(here)[0] == "account.passkey-removed"
    assert (await enter(here, key)).status_code == 403


async def test_nobody_removes_the_passkey_of_another(here: Running) -> None:
    dana, _ = await with_passkey(here)
    with here.site.ledger.read() as connection:
        (kept,) = passkeys.of(connection, dana.id)
    sit_down(here, "gita")
    await here.client.post("/account/passkeys/remove", data={"key": kept.id, "csrf": await csrf(here)})
    with here.site.ledger.read() as connection:
        assert passkeys.of(connection, dana.id) == [kept]


async def test_a_passkey_shows_that_it_is_still_them_but_not_that_it_is_somebody_else(here: Running) -> None:
    _, key = await with_passkey(here)
    here.clock.advance_to(here.clock.now() + HOUR)
    asked = (await posted(here, "/signin/again/passkey/options", {})).json()
    assert [one["id"] for one in asked["allowCredentials"]] == [key.sign(asked)["id"]]
    body = {"credential": key.sign(asked), "next": "/account"}
    before = here.client.cookies[COOKIE]
    answer = await posted(here, "/signin/again/passkey", body)
    assert (answer.status_code, answer.json()["next"]) == (200, "/account")
    found = await caller_of(here, here.client.cookies[COOKIE])
    assert found is not None
    assert found.proved_at == here.clock.now()
    assert await caller_of(here, before) is None
    sit_down(here, "gita")
    assert (await posted(here, "/signin/again/passkey/options", {})).status_code == 409
    assert (await posted(here, "/signin/again/passkey", body)).status_code == 403


async def test_adding_a_passkey_needs_a_fresh_proof_and_a_form_of_ours(here: Running) -> None:
    sit_down(here, "dana")
    asked = (await posted(here, "/account/passkeys/options", {})).json()
    body = {"credential": device().make(asked)}
    assert (await here.client.post("/account/passkeys", json=body)).status_code == 403
    elsewhere = JSON | {"x-csrf-token": await csrf(here), "sec-fetch-site": "cross-site"}
    assert (await here.client.post("/account/passkeys", json=body, headers=elsewhere)).status_code == 403
    here.clock.advance_to(here.clock.now() + 15 * MINUTE)
    refused = await posted(here, "/account/passkeys/options", {})
    assert (refused.status_code, refused.json()["next"]) == (403, "/signin/again?next=/account")


# ------------------------------------------------------------------------- password, sessions, ways


async def test_the_page_shows_where_one_is_signed_in_and_ends_it(here: Running) -> None:
    dana = sit_down(here, "dana")
    phone, desk = cookie_for(here, dana), cookie_for(here, dana)
    page = (await here.client.get("/account")).text
    assert page.count('name="session"') == 3
    with here.site.ledger.read() as connection:
        mine = {one.id for one in sessions.live(connection, here.clock.now(), dana.id)}
    current = await caller_of(here, here.client.cookies[COOKIE])
    assert current is not None
    one = min(mine - {current.session})
    data = {"csrf": await csrf(here)}
    assert (await here.client.post("/account/sessions", data=data | {"session": one})).status_code == 303
    assert [await caller_of(here, cookie) is None for cookie in (phone, desk)].count(True) == 1
    await here.client.post("/account/sessions", data=data | {"session": "others"})
    assert [await caller_of(here, cookie) is None for cookie in (phone, desk)] == [True, True]
    assert await caller_of(here, here.client.cookies[COOKIE]) is not None
    with here.site.ledger.read() as connection:
        assert [one.what for one in audit_log.latest(connection, 2)] == ["account.signed-out"] * 2


async def test_nobody_ends_the_session_of_another_on_their_own_page(here: Running) -> None:
    gita = account(here, "gita")
    theirs = cookie_for(here, gita)
    with here.site.ledger.read() as connection:
        (one,) = sessions.live(connection, here.clock.now(), gita.id)
    sit_down(here, "dana")
    await here.client.post("/account/sessions", data={"session": one.id, "csrf": await csrf(here)})
    assert await caller_of(here, theirs) is not None


async def test_another_password_is_set_after_a_fresh_proof(here: Running) -> None:
    dana = account(here, "dana", password=HASH)
    show(here, cookie_for(here, dana))
    data = {"csrf": await csrf(here), "password": "short"}
    wrong = await here.client.post("/account/password", data=data)
    assert (wrong.status_code, "at least 12" in wrong.text) == (422, True)
    here.clock.advance_to(here.clock.now() + 15 * MINUTE)
    first = await here.client.post("/account/password", data=data | {"password": "rain on tin roofs"})
    assert first.headers["location"] == "/signin/again?next=/account"
    await here.client.post("/signin/again", data=data | {"password": PASSWORD})
    done = await here.client.post("/account/password", data=data | {"password": "rain on tin roofs"})
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    entry = {"login": "dana", "password": "rain on tin roofs"}
    assert (await another_browser(here).post("/signin", data=entry)).status_code == 303


async def test_the_only_way_in_is_not_taken_away(here: Running) -> None:
    dana = sit_down(here, "dana")
    known = Identity("https://idp.acme.example", "42", dana.id, here.clock.now())
    here.site.ledger.transact(lambda tx: accounts.link(tx.connection, known))
    data = {"csrf": await csrf(here), "issuer": known.issuer, "subject": known.subject}
    refused = await here.client.post("/account/identities", data=data)
    assert (refused.status_code, "only way" in refused.text) == (409, True)
    here.site.ledger.transact(lambda tx: accounts.change(tx.connection, dana.id, 0, password=HASH))
    assert (await here.client.post("/account/identities", data=data)).status_code == 303
    assert deeds(here)[0] == "account.parted"
    with here.site.ledger.read() as connection:
        assert accounts.identities_of(connection, dana.id) == []


async def test_whoever_looks_at_a_demonstration_has_no_account(demo: Running) -> None:
    assert (await demo.client.get("/account")).status_code == 404


async def test_whoever_has_no_account_is_told_so(here: Running) -> None:
    assert (await here.client.get("/account")).headers["location"] == "/signin?next=/account"
    await here.client.post("/signin", data={"token": token_for(here, "viewer")})
    answer = await here.client.get("/account")
    assert (answer.status_code, "no account behind" in answer.text) == (404, True)
