"""Signing in by an identity provider: a real one on loopback, and everything that a false one could try."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from tests.access.idp import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.doors import ENVIRONMENT, Running, running
from tests.insiders import COOKIE, account, another_browser, caller_of, csrf, sit_down
from tocsin.access.accounts import Change, change
from tocsin.access.oidc import PENDING, Provider, from_environment, role_for
from tocsin.access.permissions import Role, stale
from tocsin.access.sessions import SHARED
from tocsin.core.instant import MINUTE, SECOND
from tocsin.store import accounts, audit_log

DANA = {"preferred_username": "Dana.D", "email": "dana@acme.example", "groups": ["ops"]}
ROLES = "ops=responder, leads=team-lead, root=admin, audit=security-audit"


def settings(provider: IdentityProvider, **more: str) -> dict[str, str]:
    own = {"ISSUER": provider.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "ROLES": ROLES, "NAME": "Acme ID"}
    return ENVIRONMENT | {f"TOCSIN_OIDC_{name}": value for name, value in (own | more).items()}


@asynccontextmanager
async def both(url: str, **more: str) -> AsyncIterator[tuple[Running, IdentityProvider]]:
    async with identity_provider() as provider:
        with running(url, environment=settings(provider, **more)) as here:
            provider.now = here.clock.now() // SECOND
            provider.people["42"] = dict(DANA)
            yield here, provider


@pytest_asyncio.fixture
async def here_and_there(sqlite_url: str) -> AsyncIterator[tuple[Running, IdentityProvider]]:
    async with both(sqlite_url) as pair:
        yield pair


Both = tuple[Running, IdentityProvider]


async def sent(client: httpx.AsyncClient, **query: str) -> str:
    answer = await client.get("/signin/oidc", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def enter(
    pair: Both, subject: str = "42", client: httpx.AsyncClient | None = None, **query: str
) -> httpx.Response:
    here, provider = pair
    browser = client or here.client
    return await browser.get(provider.signs_in(await sent(browser, **query), subject))


def logins(here: Running) -> dict[str, str]:
    with here.site.ledger.read() as connection:
        return {one.login: one.role for one in accounts.everything(connection)}


async def test_somebody_new_comes_in_with_the_role_that_their_groups_give(here_and_there: Both) -> None:
    here, _ = here_and_there
    assert "Sign in with Acme ID" in (await here.client.get("/signin")).text
    answer = await enter(here_and_there, next="/incidents/INC-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/INC-1")
    found = await caller_of(here, here.client.cookies[COOKIE])
    assert found is not None
    assert (found.name, found.role, found.person) == ("dana.d", "responder", None)
    with here.site.ledger.read() as connection:
        told = [(one.actor.startswith("oidc:http"), one.what) for one in audit_log.latest(connection, 5)]
    assert told == [(True, "account.joined"), (True, "account.created")]


async def test_what_is_asked_of_the_provider_binds_its_answer_to_us_and_to_this_browser(here_and_there: Both) -> None:
    here, provider = here_and_there
    asked = parse_qs(urlsplit(await sent(here.client)).query)
    again = parse_qs(urlsplit(await sent(another_browser(here))).query)
    assert asked["redirect_uri"] == ["https://tocsin.acme.example/signin/oidc/back"]
    assert asked["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 43
        assert asked[name] != again[name]
    assert SECRET not in str(asked)
    cookie = here.client.cookies["__Host-tocsin-oidc"]
    assert provider.issuer not in cookie


async def test_the_same_subject_is_the_same_account_whatever_it_is_called_now(here_and_there: Both) -> None:
    here, provider = here_and_there
    await enter(here_and_there)
    provider.people["42"] |= {"preferred_username": "dana.married", "email": "other@acme.example"}
    await enter(here_and_there, client=another_browser(here))
    assert logins(here) == {"dana.d": "responder"}


async def test_nobody_becomes_an_account_by_having_its_name_or_its_address(here_and_there: Both) -> None:
    here, provider = here_and_there
    account(here, "nadia", "admin", password="$argon2id$x")
    provider.people["666"] = {"preferred_username": "nadia", "email": "nadia@acme.example", "groups": ["ops"]}
    await enter(here_and_there, "666")
    found = await caller_of(here, here.client.cookies[COOKIE])
    assert found is not None
    assert found.role == "responder"
    assert found.name.startswith("nadia-")
    assert logins(here)["nadia"] == "admin"


async def test_the_role_follows_the_groups_and_whoever_has_none_left_is_out(here_and_there: Both) -> None:
    here, provider = here_and_there
    await enter(here_and_there)
    cookie = here.client.cookies[COOKIE]
    provider.people["42"]["groups"] = ["ops", "leads"]
    await enter(here_and_there, client=another_browser(here))
    assert logins(here) == {"dana.d": "team-lead"}
    provider.people["42"]["groups"] = ["kitchen"]
    refused = await enter(here_and_there, client=another_browser(here))
    assert (refused.status_code, "none of your groups" in refused.text) == (403, True)
    assert await caller_of(here, cookie) is None


async def test_an_account_that_was_disabled_here_stays_out_whatever_the_provider_says(here_and_there: Both) -> None:
    here, _ = here_and_there
    await enter(here_and_there)
    now = here.clock.now()

    def body(tx: Any) -> None:
        kept = accounts.by_login(tx.connection, "dana.d")
        assert kept is not None
        change(tx.connection, kept.id, Change(disabled=True), "nadia", now)

    here.site.ledger.transact(body)
    refused = await enter(here_and_there, client=another_browser(here))
    assert (refused.status_code, "This account is closed" in refused.text) == (403, True)


async def test_such_a_session_lasts_a_day_at_most_so_that_leavers_do_not_stay(here_and_there: Both) -> None:
    here, _ = here_and_there
    answer = await enter(here_and_there)
    session = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
    assert "Max-Age" not in session
    here.clock.advance_to(here.clock.now() + SHARED.absolute)
    assert await caller_of(here, here.client.cookies[COOKIE]) is None


async def test_a_claim_names_the_person_only_where_the_operator_said_so(sqlite_url: str) -> None:
    async with both(sqlite_url, PERSON="employee") as pair:
        here, provider = pair
        provider.people["42"] |= {"employee": "dana"}
        provider.people["43"] = DANA | {"preferred_username": "x", "employee": "nobody"}
        for subject, person in (("42", "dana"), ("43", None)):
            await enter(pair, subject, another_browser(here) if subject == "43" else None)
            with here.site.ledger.read() as connection:
                known = accounts.identity(connection, provider.issuer, subject)
                kept = accounts.by_id(connection, known.account) if known else None
            assert kept is not None
            assert (kept.person or None) == person


async def test_groups_that_only_the_other_endpoint_tells_count_if_it_speaks_of_the_same(here_and_there: Both) -> None:
    here, provider = here_and_there
    provider.groups_by_userinfo = True
    assert (await enter(here_and_there)).status_code == 303
    assert logins(here) == {"dana.d": "responder"}
    provider.userinfo_subject = "666"
    assert (await enter(here_and_there, client=another_browser(here))).status_code == 403


# ----------------------------------------------------------------------------------- false answers


SPOILED: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"aud": "somebody else"},
    {"aud": [CLIENT, "other"]},
    {"azp": "other"},
    {"nonce": "another"},
    {"nonce": None},
    {"sub": None},
    {"sub": ""},
    {"sub": 42},
    {"exp": 0},
    {"exp": None},
    {"iat": None},
    {"iat": 99_999_999_999},
    {"nbf": 99_999_999_999},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
]


@pytest.mark.parametrize("spoil", SPOILED, ids=str)
async def test_an_id_token_that_is_not_for_us_of_now_and_of_them_lets_nobody_in(
    here_and_there: Both, spoil: dict[str, Any]
) -> None:
    here, provider = here_and_there
    provider.spoil = spoil
    answer = await enter(here_and_there)
    assert answer.status_code == 403, answer.text
    assert logins(here) == {}
    assert COOKIE not in here.client.cookies


@pytest.mark.parametrize("how", ["none", "HS256 with the public key", "a key of their own under a known name"])
async def test_an_id_token_that_the_provider_did_not_sign_lets_nobody_in(here_and_there: Both, how: str) -> None:
    from joserfc.jwk import RSAKey

    here, provider = here_and_there
    if how == "none":
        provider.algorithm = "none"
    elif how.startswith("HS256"):
        provider.algorithm = "HS256"
    else:
        provider.key = RSAKey.generate_key(2048, {"kid": "rsa-1"})
    assert (await enter(here_and_there)).status_code == 403
    assert logins(here) == {}


async def test_an_answer_is_good_for_the_browser_that_asked_and_once(here_and_there: Both) -> None:
    here, provider = here_and_there
    back = provider.signs_in(await sent(here.client), "42")
    thief = another_browser(here)
    assert (await thief.get(back)).status_code == 403
    cookie = here.client.cookies["__Host-tocsin-oidc"]
    assert (await here.client.get(back)).status_code == 303
    thief.cookies.set("__Host-tocsin-oidc", cookie)
    assert (await thief.get(back)).status_code == 403
    assert (await here.client.get(back)).status_code == 403


@pytest.mark.parametrize("change_", ["state", "missing", "foreign", "issuer", "code", "error", "late"])
async def test_a_changed_answer_lets_nobody_in(here_and_there: Both, change_: str) -> None:
    here, provider = here_and_there
    back = provider.signs_in(await sent(here.client), "42")
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    if change_ == "late":
        here.clock.advance_to(here.clock.now() + PENDING)
    query |= {
        "state": {"state": "x" * 43}, "foreign": {"state": "\N{SNOWMAN}"},
        "issuer": {"iss": "https://evil.example"}, "code": {"code": "made up"},
        "error": {"error": "access_denied"},
    }.get(change_, {})  # fmt: skip
    if change_ == "missing":
        del query["state"]
    answer = await here.client.get("/signin/oidc/back", params=query)
    assert answer.status_code in (403, 503)
    assert COOKIE not in here.client.cookies
    assert logins(here) == {}


async def test_another_client_cannot_use_a_code_for_it_does_not_know_the_verifier(here_and_there: Both) -> None:
    here, provider = here_and_there
    stolen = provider.signs_in(await sent(here.client), "42")
    thief = another_browser(here)
    theirs = parse_qs(urlsplit(await sent(thief)).query)
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    answer = await thief.get("/signin/oidc/back", params={"code": code, "state": theirs["state"][0]})
    assert answer.status_code == 503
    assert logins(here) == {}


async def test_keys_that_the_provider_changed_are_asked_for_but_not_at_every_try(here_and_there: Both) -> None:
    here, provider = here_and_there
    assert (await enter(here_and_there)).status_code == 303
    provider.rotate("ec-2")
    here.clock.advance_to(here.clock.now() + MINUTE)
    provider.now += 60
    assert (await enter(here_and_there, client=another_browser(here))).status_code == 303
    before = provider.asked.count("/keys")
    provider.spoil = {"aud": "somebody else"}
    for _ in range(5):
        assert (await enter(here_and_there, client=another_browser(here))).status_code == 403
    assert provider.asked.count("/keys") == before


async def test_a_provider_that_is_down_is_said_to_be_and_passwords_still_work(here_and_there: Both) -> None:
    here, provider = here_and_there
    provider.broken = True
    answer = await here.client.get("/signin/oidc")
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)
    assert (await here.client.get("/signin")).status_code == 200


async def test_a_provider_that_calls_itself_otherwise_is_not_believed(here_and_there: Both) -> None:
    here, provider = here_and_there
    issuer, provider.issuer = provider.issuer, "https://evil.example"
    assert (await here.client.get("/signin/oidc")).status_code == 503
    provider.issuer = issuer
    assert (await here.client.get("/signin/oidc")).status_code == 303


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_coming_back_leads_nowhere_else(here_and_there: Both, wanted: str) -> None:
    assert (await enter(here_and_there, next=wanted)).headers["location"] == "/"


# ------------------------------------------------------------------------------------------ joining


async def test_an_account_is_joined_with_an_identity_by_its_owner_and_keeps_its_role(here_and_there: Both) -> None:
    here, _ = here_and_there
    gita = sit_down(here, "gita", "manager")
    here.site.ledger.transact(lambda tx: accounts.change(tx.connection, gita.id, 0, password="$argon2id$x"))
    answer = await enter(here_and_there, connect=await csrf(here))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    fresh = another_browser(here)
    assert (await enter(here_and_there, client=fresh)).status_code == 303
    found = await caller_of(here, fresh.cookies[COOKIE])
    assert found is not None
    assert (found.name, found.role) == ("gita", "manager")
    assert logins(here) == {"gita": "manager"}


@pytest.mark.parametrize("shown", ["x", "a" * 32])
async def test_another_site_cannot_join_somebodys_account_with_an_identity_of_its_own(
    here_and_there: Both, shown: str
) -> None:
    here, _ = here_and_there
    sit_down(here, "gita")
    assert (await here.client.get("/signin/oidc", params={"connect": shown})).status_code == 403
    assert (await another_browser(here).get("/signin/oidc", params={"connect": shown})).status_code == 403


async def test_joining_needs_a_fresh_proof_and_an_identity_that_is_nobodys(here_and_there: Both) -> None:
    here, _ = here_and_there
    await enter(here_and_there, client=another_browser(here))
    sit_down(here, "gita")
    shown = await csrf(here)
    answer = await enter(here_and_there, connect=shown)
    assert (answer.status_code, "already" in answer.text) == (409, True)
    here.clock.advance_to(here.clock.now() + 15 * MINUTE)
    first = await here.client.get("/signin/oidc", params={"connect": shown})
    assert first.headers["location"].startswith("/signin/again")


async def test_what_is_sensitive_waits_until_they_have_shown_it_there_again(here_and_there: Both) -> None:
    here, provider = here_and_there
    await enter(here_and_there)
    found = await caller_of(here, here.client.cookies[COOKIE])
    assert found is not None
    assert found.proved_at == here.clock.now() - 86_400 * SECOND
    assert stale(found, "account.secure", here.clock.now())
    assert "/signin/oidc?again=yes&amp;next=/account" in (await here.client.get("/signin/again?next=/account")).text
    address = await sent(here.client, again="yes", next="/account")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    answer = await here.client.get(provider.signs_in(address, "42"))
    assert answer.headers["location"] == "/account"
    found = await caller_of(here, here.client.cookies[COOKIE])
    assert found is not None
    assert not stale(found, "account.secure", here.clock.now())


@pytest.mark.parametrize("said", [None, "now", True, 99_999_999_999])
async def test_a_provider_that_does_not_say_when_is_not_taken_to_mean_now(here_and_there: Both, said: Any) -> None:
    here, provider = here_and_there
    provider.spoil = {"auth_time": said}
    await enter(here_and_there)
    found = await caller_of(here, here.client.cookies[COOKIE])
    assert found is not None
    assert stale(found, "account.secure", here.clock.now())


async def test_without_a_provider_there_is_no_such_way(here: Running) -> None:
    assert (await here.client.get("/signin/oidc")).status_code == 404
    assert (await here.client.get("/signin/oidc/back?code=x&state=y")).status_code == 403
    assert "/signin/oidc" not in (await here.client.get("/signin")).text


# ----------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("groups", "ceiling", "role"),
    [
        ([], "manager", None),
        (["ops"], "manager", "responder"),
        (["ops", "leads"], "manager", "team-lead"),
        (["root"], "manager", "manager"),
        (["root"], "admin", "admin"),
        (["audit"], "manager", None),
        (["audit"], "admin", "security-audit"),
        (["audit", "ops"], "admin", "responder"),
        (["*"], "admin", None),
        (["kitchen"], "admin", None),
    ],
)
def test_groups_give_the_highest_of_their_roles_under_the_ceiling(
    groups: list[str], ceiling: Role, role: Role | None
) -> None:
    table: dict[str, Role] = {"ops": "responder", "leads": "team-lead", "root": "admin", "audit": "security-audit"}
    assert role_for(Provider("i", "c", "s", roles=table, ceiling=ceiling), groups) == role
    everybody = role_for(Provider("i", "c", "s", roles=table | {"*": "viewer"}, ceiling=ceiling), groups)
    assert everybody == (role or "viewer")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ISSUER": "http://idp.acme.example"}, "must begin with https"),
        ({"CLIENT_SECRET": ""}, "must be set beside"),
        ({"ROLES": "ops=king"}, "'king' is no role"),
        ({"ROLES": "ops"}, "'ops' is no role"),
        ({"CEILING": "god"}, "TOCSIN_OIDC_CEILING"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(wrong: dict[str, str], said: str) -> None:
    good = {
        "ISSUER": "https://idp.acme.example/realms/a",
        "CLIENT_ID": "c",
        "CLIENT_SECRET": "s",
        "ROLES": "a=b=viewer",
    }
    known = from_environment({f"TOCSIN_OIDC_{name}": value for name, value in good.items()})
    assert known is not None
    assert (known.roles, known.name, known.ceiling) == ({"a=b": "viewer"}, "idp.acme.example", "manager")
    with pytest.raises(ValueError, match=said):
        from_environment({f"TOCSIN_OIDC_{name}": value for name, value in (good | wrong).items()})
