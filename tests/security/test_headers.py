"""What every kind of answer says to a browser, by snapshot; and who may ask from where."""

import asyncio
import re
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from msgspec.structs import replace

from tests.api.conftest import token_for
from tests.doors import KEY, URL, Running
from tests.insiders import COOKIE, HASH, PASSWORD, account, csrf, sit_down
from tests.security.corpus import corpus
from tests.web.conftest import here
from tests.web.reading import link
from tocsin import asgi
from tocsin.access.origin import place_of
from tocsin.app import _configured
from tocsin.core.instant import MINUTE
from tocsin.lib import logs
from tocsin.store.tables import METADATA
from tocsin.web.headers import PLAIN, SCRIPTED
from tocsin.web.layout.assets import assets

__all__ = ["here"]

SNAPSHOT = Path(__file__).parent / "answers.txt"
TOLD = (
    "content-type", "content-disposition", "cache-control", "content-security-policy", "strict-transport-security",
    "x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "location", "allow", "www-authenticate",
    "set-cookie", "access-control-allow-origin", "server", "x-powered-by",
)  # fmt: skip
VARYING = (
    (re.escape(SCRIPTED), "(of pages)"),  # tests/web/test_answers.py has them in full
    (re.escape(PLAIN), "(of links: no script at all)"),
    (r"(tocsin(?:-device)?=)[^;]+", r"\1..."),
    (r"(sha256-)[^']+", r"\1..."),
    (r"expires=[^;]+", "expires=..."),
    (r"/l/tsl_\S+", "/l/..."),
)


def told(name: str, status: int, headers: httpx.Headers) -> str:
    """One answer as the snapshot has it."""
    lines = [f"{key}: {value}" for key in TOLD for value in headers.get_list(key)]
    text = "\n".join(f"  {line}" for line in lines)
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return f"{name}: {status}\n{text}\n"


async def begun(here: Running, path: str, **headers: str) -> tuple[int, httpx.Headers]:
    """How a stream begins; it does not end by itself."""
    first: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        if not first.done():
            first.set_result(message)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    raw = [(name.encode(), value.encode()) for name, value in ({"host": URL.partition("//")[2]} | headers).items()]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": raw,
    }
    scope |= {
        "http_version": "1.1",
        "scheme": "https",
        "client": ("192.0.2.1", 1),
        "server": ("x", 443),
        "root_path": "",
    }
    task = asyncio.create_task(here.client._transport.app(scope, receive, send))  # type: ignore[attr-defined]
    message = await asyncio.wait_for(first, 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return message["status"], httpx.Headers(message["headers"])


async def answers(here: Running) -> str:
    """Every kind of answer there is."""
    await here.post()
    token = {"authorization": f"Bearer {token_for(here, 'admin')}"}
    account(here, "dana", "responder", password=HASH)
    found = []

    async def ask(name: str, method: str, path: str, **more: Any) -> None:
        answer = await here.client.request(method, path, **more)
        found.append(told(name, answer.status_code, answer.headers))

    key = {"authorization": f"Bearer {KEY}"}
    await ask("signal taken", "POST", "/in/scripts", json={"title": "x"}, headers=key)
    await ask("signal without its key", "POST", "/in/scripts", json={"title": "x"})
    await ask("signal by GET", "GET", "/in/scripts")
    await ask("page for strangers", "GET", "/signin")
    await ask("page for insiders, to strangers", "GET", "/")
    await ask("page of a signed link", "GET", link(here, "INC-1", "dana"))
    await ask("page of a forged link", "GET", "/l/forged")
    await ask("no page", "GET", "/nowhere")
    await ask("method that is none", "DELETE", "/signin")
    await ask("form from another site", "POST", "/signin", data={}, headers={"sec-fetch-site": "cross-site"})
    await ask("form that is too large", "POST", "/signin", data={"login": "x" * 70_000})
    await ask("style", "GET", "/static/tocsin.css")
    await ask("script", "GET", "/static/board.js")
    await ask("picture", "GET", "/favicon.ico")
    await ask("no file", "GET", "/static/none.js")
    await ask("report of a broken policy", "POST", "/csp", content=b"{}")
    await ask("alive", "GET", "/health")
    await ask("api without a token", "GET", "/api/v1/incidents")
    await ask("api from another site", "GET", "/api/v1/incidents", headers=token | {"origin": "https://evil.invalid"})
    await ask("api before a request from another site", "OPTIONS", "/api/v1/incidents", headers={
        "origin": "https://evil.invalid", "access-control-request-method": "GET"})  # fmt: skip
    await ask("api", "GET", "/api/v1/incidents", headers=token)
    await ask("api, nothing there", "GET", "/api/v1/incidents/INC-9", headers=token)
    await ask("api, wrong body", "POST", "/api/v1/incidents", json=7, headers=token)
    await ask("export", "GET", "/api/v1/incidents.csv", headers=token)
    await ask("calendar", "GET", "/api/v1/schedules/infra-primary/shifts.ics", headers=token)
    await ask("description", "GET", "/api/openapi.json", headers=token)
    await ask("reference", "GET", "/api/docs", headers=token)
    await ask("numbers", "GET", "/metrics", headers=token)
    found.append(told("stream for programs", *(await begun(here, "/api/v1/events", **token))))
    await ask("sign-in", "POST", "/signin", data={"login": "dana", "password": PASSWORD})
    cookie = here.client.cookies[COOKIE]
    await ask("page for insiders", "GET", "/")
    await ask("pieces of a page", "GET", "/board/fresh")
    found.append(told("stream for pages", *(await begun(here, "/changes", cookie=f"{COOKIE}={cookie}"))))
    shown = await csrf(here)
    await ask("act", "POST", "/incidents/INC-1/acknowledge", data={"by": "dana", "csrf": shown})
    await ask("sign-out", "POST", "/signout", data={"csrf": shown})
    return "\n".join(found)


async def test_every_kind_of_answer_says_what_the_snapshot_says(here: Running) -> None:
    found = await answers(here)
    assert found == SNAPSHOT.read_text("utf-8"), f"if that is meant, write this into {SNAPSHOT.name}:\n{found}"


async def test_without_https_no_browser_is_told_to_ask_by_https_and_no_cookie_needs_it(here: Running) -> None:
    account(here, "dana", "responder", password=HASH)
    plain = httpx.ASGITransport(asgi.build(replace(here.site, url="http://tocsin.acme.example")))
    async with httpx.AsyncClient(transport=plain, base_url="http://tocsin.acme.example") as client:
        answer = await client.post("/signin", data={"login": "dana", "password": PASSWORD})
    assert answer.status_code == 303
    assert "strict-transport-security" not in answer.headers
    assert "tocsin=" in answer.headers["set-cookie"]
    assert "secure" not in answer.headers["set-cookie"].lower()


REPORTS = [
    (b'{"csp-report": {"document-uri": "https://x/oncall?a", "blocked-uri": "inline"}}', "page=/oncall?a"),
    (b'{"csp-report": {"document-uri": "https://x/setup/canary-of-a-link"}}', "page=/setup/***"),
    (b'{"csp-report": {"document-uri": "https://x/l/tsl_canary.canary"}}', "page=/l/***"),
    (b'{"csp-report": {"blocked-uri": "\\u001b[31m\\ncanary-line"}}', "policy_broken"),
    (b'{"csp-report": []}', "policy_broken"),
    (b"[" * 60_000, "policy_broken"),
    (b"\xff\x00", "policy_broken"),
    (b"", "policy_broken"),
]


async def test_a_broken_policy_is_counted_always_and_written_once_a_minute_without_secrets(here: Running) -> None:
    for body, written in REPORTS:
        stream = StringIO()
        logs.configure(lambda: "2026-01-05T09:00:00Z", as_json=False, stream=stream)
        here.clock.advance_to(here.clock.now() + MINUTE)
        for _ in range(5):
            assert (await here.client.post("/csp", content=body)).status_code == 204
        out = stream.getvalue()
        assert out.count("policy_broken") == 1
        assert written in out
        assert "canary-of-a-link" not in out
        assert "tsl_canary" not in out
    assert f"tocsin_policy_reports_total {5.0 * len(REPORTS)}".encode() in here.site.metrics.exposition()


def test_no_script_of_ours_uses_what_the_policy_forbids() -> None:
    scripts = "".join(body.decode() for name, (body, _) in assets().items() if name.endswith(".js"))
    assert not re.search(r"\.style\.cssText|setAttribute\(.style|new Worker\(|data:text|importScripts", scripts)


# --------------------------------------------------------------------------------------------------- from elsewhere

SITES = {
    "our own page": ({"sec-fetch-site": "same-origin", "origin": URL}, True),
    "typed by hand": ({"sec-fetch-site": "none"}, True),
    "a program": ({}, True),
    "an old browser, our page": ({"origin": URL}, True),
    "another site": ({"sec-fetch-site": "cross-site", "origin": "https://evil.invalid"}, False),
    "another site, hiding": ({"sec-fetch-site": "cross-site", "origin": "null"}, False),
    "a sister": ({"sec-fetch-site": "same-site", "origin": "https://other.acme.example"}, False),
    "an old browser, another site": ({"origin": "https://evil.invalid"}, False),
    "the same host, not safe": ({"origin": URL.replace("https", "http")}, False),
    "a longer name": ({"origin": f"{URL}.evil.invalid"}, False),
    "another port": ({"origin": f"{URL}:8443"}, False),
}


async def test_what_another_site_sends_is_refused_at_every_door(here: Running) -> None:
    await here.post()
    sit_down(here, "dana", "admin")
    shown = await csrf(here)
    for site, (headers, ours) in SITES.items():
        form = await here.client.post("/incidents/INC-1/note", data={"text": "x", "csrf": shown}, headers=headers)
        told_by_api = await here.client.post(
            "/api/v1/incidents/INC-1/note", json={"text": "x"}, headers=headers | {"x-csrf-token": shown}
        )
        opened = await here.client.post("/signin", data={"login": "", "password": ""}, headers=headers)
        refused = ["Another site sent this" in form.text, "cross-site" in told_by_api.text]
        assert [*refused, "Another site sent this" in opened.text] == [not ours] * 3, site
        assert "access-control-allow-origin" not in told_by_api.headers


PRETENDED = [
    {"x-forwarded-for": "127.0.0.1"},
    {"x-forwarded-host": "127.0.0.1"},
    {"forwarded": "for=127.0.0.1;host=localhost"},
    {"x-real-ip": "127.0.0.1", "x-forwarded-proto": "http"},
    {"x-original-url": "/api/v1/incidents", "x-rewrite-url": "/api/v1/incidents"},
    {"x-http-method-override": "DELETE", "x-method-override": "DELETE"},
    {
        "x-remote-user": "admin",
        "remote-user": "admin",
        "x-auth-request-user": "admin",
        "x-ssl-client-verify": "SUCCESS",
    },
    {"host": "evil.invalid", "x-forwarded-host": "evil.invalid"},
    {"host": "localhost"},
]
"""What a proxy might have said, had there been one that is trusted."""


async def test_no_header_of_a_stranger_makes_them_anybody(here: Running) -> None:
    await here.post()
    for headers in PRETENDED:
        assert (await here.client.get("/api/v1/incidents", headers=headers)).status_code == 401, headers
        page = await here.client.get("/", headers=headers)
        assert (page.status_code, page.headers["location"]) == (303, "/signin")
        assert "evil.invalid" not in page.text
        signal = await here.client.post(
            "/in/scripts", json={"title": "x"}, headers={"authorization": f"Bearer {KEY}"} | headers
        )
        assert signal.json()["incidents"][0]["url"].startswith(URL + "/")


@pytest.mark.parametrize(
    ("peer", "told", "seen"),
    [
        ("192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9, 127.0.0.1", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
    ],
)
async def test_only_a_proxy_that_is_trusted_says_who_asks(peer: str, told: str, seen: str) -> None:
    found: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope["client"][0])

    config = _configured(inner)  # type: ignore[arg-type]
    config.load()
    raw = [(b"x-forwarded-for", told.encode()), (b"x-forwarded-proto", b"https")]
    scope: Any = {"type": "http", "scheme": "http", "headers": raw, "client": (peer, 1), "server": ("x", 1)}
    await config.loaded_app(scope, None, None)  # type: ignore[arg-type]
    assert found == [seen]


# ------------------------------------------------------------------------------------------------------ next=


async def test_nobody_is_led_elsewhere_by_what_a_link_to_the_sign_in_asks_for(here: Running) -> None:
    account(here, "dana", "responder", password=HASH)
    for wanted in corpus("places"):
        assert place_of(wanted) == "/", wanted
    for wanted in corpus("places")[::10]:
        answer = await here.client.post("/signin", data={"login": "dana", "password": PASSWORD, "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), wanted
    for wanted in corpus("places"):
        page = (await here.client.get(f"/signin?next={quote(wanted, errors='replace')}")).text
        assert 'name="next" value="/"' in page, wanted


# ------------------------------------------------------------------------------------------------- by GET alone


async def test_an_admin_who_follows_every_link_changes_nothing(here: Running) -> None:
    incident = await here.post()
    sit_down(here, "dana", "admin", trusted=False)
    await here.client.get("/")
    known = _everything(here)
    seen, ahead = (
        set(),
        ["/", f"/incidents/{incident}", "/account", "/components", "/report", "/oncall", "/services", "/start"],
    )
    ahead += ["/mine", "/settings", "/signin", "/signin/again", link(here, incident, "dana"), "/api/v1/incidents"]
    while ahead and len(seen) < 60:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = await here.client.get(path)
        assert answer.status_code < 500, path
        found = re.findall(r'href="(/[^"#]*)"', answer.text) if "html" in answer.headers.get("content-type", "") else []
        ahead += [one.replace("&amp;", "&") for one in found if not one.startswith(("/static", "//"))]
    assert len(seen) > 15
    assert _everything(here) == known


def _everything(here: Running) -> dict[str, list[Any]]:
    """All rows of all tables, but for when somebody was last seen."""
    with here.site.ledger.read() as connection:
        tables = [one for one in METADATA.sorted_tables if one.name != "sessions"]
        return {one.name: sorted(map(str, connection.execute(one.select()))) for one in tables}
