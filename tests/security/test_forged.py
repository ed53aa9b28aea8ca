"""Links, tokens and cookies that were altered, taken for one another, replayed or looked at by machines."""

import base64
import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import token_for
from tests.doors import KEY, SECRET, URL, Running
from tests.insiders import COOKIE, account, another_browser, caller_of, cookie_for, csrf, show, sit_down
from tests.web.conftest import here
from tests.web.reading import Taken, facts, link, state
from tocsin.access import feeds
from tocsin.access.accounts import invite
from tocsin.access.links import Link, Links
from tocsin.core.ids import IncidentId, PersonId
from tocsin.core.incident import events as ev
from tocsin.core.instant import DAY, HOUR, SECOND
from tocsin.lib import secrets

__all__ = ["here"]

NOW = 1_790_000_000_000_000
LINK = Link(IncidentId("INC-1"), PersonId("dana"), "page")
TEXT = Links(SECRET, URL).address(LINK, NOW + HOUR).rpartition("/")[2]
SCANNERS = [
    {"user-agent": "Mozilla/5.0 (compatible; SafeLinks)", "purpose": "prefetch"},
    {"user-agent": "Mozilla/5.0", "sec-purpose": "prefetch;prerender", "sec-fetch-dest": "document"},
    {"user-agent": "Slackbot-LinkExpanding 1.0", "range": "bytes=0-32768"},
    {"user-agent": "facebookexternalhit/1.1", "x-moz": "prefetch"},
    {},
]


def reads(text: str) -> Link | secrets.Refused:
    return Links(SECRET, URL).read(text, NOW)


# -------------------------------------------------------------------------------------------------- altered


def mutated(text: str) -> Iterator[str]:
    """Every text that differs in one place, is cut or longer; and the usual ways to write the same octets anew."""
    for at in range(len(text)):
        for sign in "A0z_-.=":
            if text[at] != sign:
                yield text[:at] + sign + text[at + 1 :]
        yield text[:at]
        yield text[:at] + text[at + 1 :]
        yield text[:at] + text[at].swapcase() + text[at + 1 :] if text[at].isalpha() else text[:at]
    body, _, seal = text.removeprefix("tsl_").partition(".")
    yield from (
        f"tsl_{body}=.{seal}",
        f"tsl_{body}.{seal}=",
        f"tsl_{body}.{seal}.",
        f"tsl_{seal}.{body}",
        f"tsl_{body}.",
    )
    yield from (f" {text}", f"{text} ", f"{text}\n", f"{text}\0", f"{text}%00", f"{text}/", f"{text}?x", text * 2)


def test_no_altered_link_is_read_and_the_whole_one_is() -> None:
    assert reads(TEXT) == LINK
    known = [text for text in mutated(TEXT) if text != TEXT and not isinstance(reads(text), secrets.Refused)]
    assert known == []


def test_other_claims_under_the_same_seal_are_nobodys() -> None:
    seal = TEXT.partition(".")[2]
    claims = {"i": "INC-1", "p": "dana", "u": "page"}
    for changed in ({"p": "eve"}, {"i": "INC-2"}, {"u": "decide"}, {"o": "yes"}, {"r": "r9"}):
        for expires in (NOW + HOUR, NOW + 365 * DAY):
            body = msgspec.msgpack.encode([expires // SECOND, dict(sorted((claims | changed).items()))])
            text = f"tsl_{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}.{seal}"
            assert reads(text) == secrets.Refused("forged")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda one: "tsl_" + base64.urlsafe_b64encode(one).decode()))
@settings(max_examples=150)
def test_garbage_is_refused_and_breaks_nothing(text: str) -> None:
    assert isinstance(reads(text), secrets.Refused)
    assert not secrets.marked("csrf", "session", text, SECRET)
    assert isinstance(secrets.verify(text, "device", NOW, SECRET), secrets.Refused)


@pytest.mark.parametrize(
    "purpose", ["device", "csrf", "session", "oidc", "passkey", "acknowledge", "root", "ACT", " act", ""]
)
def test_what_was_sealed_for_another_purpose_is_no_link(purpose: str) -> None:
    claims = {"i": "INC-1", "p": "dana", "u": "page"}
    assert reads(secrets.sign(purpose, claims, NOW + HOUR, SECRET)) == secrets.Refused("forged")
    assert isinstance(secrets.verify(TEXT, purpose, NOW, SECRET), secrets.Refused)


# ---------------------------------------------------------------------------------- one thing taken for another


async def shown_everywhere(here: Running, text: str) -> dict[str, int]:
    """That text in every place where something is shown: what each answers."""
    async with another_browser(here) as client:
        found: dict[str, Any] = {}
        found["link"] = await client.get(f"/l/{text}")
        found["setup"] = await client.get(f"/setup/{text}")
        found["calendar"] = await client.get(f"/calendar/{text}")
        found["feed"] = await client.get(f"/calendar/{text}.ics")
        found["api"] = await client.get("/api/v1/session", headers={"authorization": f"Bearer {text}"})
        found["source"] = await client.post(
            "/in/scripts", json={"title": "x"}, headers={"authorization": f"Bearer {text}"}
        )
        found["query"] = await client.post(f"/in/scripts?key={text}", json={"title": "x"})
        found["sign-in"] = await client.post("/signin", data={"token": text})
        found["session"] = await client.get("/api/v1/session", headers={"cookie": f"{COOKIE}={text}"})
        found["device"] = await client.get("/api/v1/session", headers={"cookie": f"__Host-tocsin-device={text}"})
        return {name: answer.status_code for name, answer in found.items()}


NOTHING = {
    "link": 404,
    "setup": 404,
    "calendar": 404,
    "feed": 404,
    "api": 401,
    "source": 401,
    "query": 401,
    "sign-in": 403,
    "session": 401,
    "device": 401,
}


async def test_each_secret_opens_its_own_door_and_no_other(here: Running) -> None:
    await here.post()
    dana = account(here, "dana")
    invited = here.site.ledger.transact(lambda tx: invite(tx.connection, dana, "invite", "tests", here.clock.now()))
    what, now = "schedule:infra-primary", here.clock.now()
    feed, _ = here.site.ledger.transact(lambda tx: feeds.make(tx.connection, dana.id, what, "tests", URL, now))
    cookie = cookie_for(here, dana)
    show(here, cookie)
    opened = {
        "link": (link(here, "INC-1", "dana").removeprefix("/l/"), {"link": 200}),
        "invitation": (invited, {"setup": 200}),
        "token": (token_for(here, "admin"), {"api": 200, "sign-in": 303}),
        "key": (KEY, {"source": 202, "query": 202}),
        "cookie": (cookie, {"session": 200}),
        "feed": (feed.rpartition("/")[2].removesuffix(".ics"), {"calendar": 200, "feed": 200}),
        "csrf": (await csrf(here), {}),
        "session id": ((await caller_of(here, cookie)).session, {}),  # type: ignore[union-attr]
        "instance secret": (SECRET.decode().replace(" ", "+"), {}),
    }
    for name, (text, doors) in opened.items():
        assert await shown_everywhere(here, text) == NOTHING | doors, name


async def test_a_link_acts_for_its_person_its_incident_and_its_purpose_alone(here: Running) -> None:
    await here.post()
    await here.post(key="another")
    path = link(here, "INC-1", "dana")
    for data in (
        {"action": "acknowledge", "by": "eve", "person": "eve", "incident": "INC-2", "i": "INC-2", "p": "eve"},
        {"action": "resolve"},
        {"action": "snooze", "until": "7d"},
        {"action": "close"},
        {"action": "reassign", "to": "eve"},
    ):
        await here.client.post(path, data=data)
    assert (state(here, "INC-1").owner, state(here, "INC-1").status) == ("dana", "acknowledged")
    assert (state(here, "INC-2").owner, state(here, "INC-2").status) == (None, "open")


async def test_a_link_does_not_sign_in_and_shows_no_other_page(here: Running) -> None:
    await here.post()
    answer = await here.client.post(link(here, "INC-1", "dana"), data={"action": "acknowledge"})
    assert "set-cookie" not in answer.headers
    assert (await here.client.get("/incidents/INC-1")).status_code == 303
    assert (await here.client.get("/api/v1/incidents")).status_code == 401


# ------------------------------------------------------------------------------------ looked at by machines, again


async def test_a_machine_that_looks_at_a_link_does_nothing(here: Running) -> None:
    await here.post()
    before = state(here, "INC-1")
    for method, headers in itertools.product(("GET", "HEAD", "OPTIONS"), SCANNERS):
        await here.client.request(method, link(here, "INC-1", "dana"), headers=headers)
        await here.client.request(
            method, link(here, "INC-1", "dana") + "?action=acknowledge&_method=POST", headers=headers
        )
    assert state(here, "INC-1") == before


async def test_the_page_of_a_link_has_nothing_that_sends_itself(here: Running) -> None:
    await here.post()
    page = Taken((await here.client.get(link(here, "INC-1", "dana"))).text)
    tags = {tag for tag, _ in page.nodes}
    assert "form" in tags
    assert not tags & {"script", "iframe", "object", "embed", "img", "video", "audio"}
    assert not [value for tag, name, value in page.attributes if tag == "meta" and name == "http-equiv"]
    assert {value for tag, name, value in page.attributes if (tag, name) == ("form", "method")} == {"post"}


async def test_a_press_that_is_sent_again_and_again_is_one(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    for _ in range(20):
        await here.client.post(path, data={"action": "acknowledge"})
    assert len(facts(here, "INC-1", ev.Acknowledged)) == 1


async def test_a_cookie_of_before_is_worth_nothing_after_signing_out_or_proving_anew(here: Running) -> None:
    sit_down(here, "dana")
    before = here.client.cookies[COOKIE]
    await here.client.post("/signout", data={"csrf": await csrf(here)})
    assert await caller_of(here, before) is None
    assert (await here.client.get("/api/v1/session", headers={"cookie": f"{COOKIE}={before}"})).status_code == 401
