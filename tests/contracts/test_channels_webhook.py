"""Webhooks over real sockets: signed, guarded, and honest about what came back."""

import asyncio
import json
import shutil
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
from aiohttp import web

from tests.contracts.letters import NOW, SECRET, authority, letter
from tocsin.channels.contract import Wiring
from tocsin.channels.webhook.send import KIND, Webhook, build, signing_key
from tocsin.channels.webhook.signature import is_ours
from tocsin.lib import secrets
from tocsin.lib.addresses import networks
from tocsin.lib.http import GuardedClient

KEY = b"signing key"
LOOPBACK = networks("127.0.0.0/8")


class Hook(NamedTuple):
    port: int
    requests: list


@asynccontextmanager
async def hook(status=200, headers=None, ssl_context=None, wait=0.0, body=b"ok"):
    """A real server that answers as told and keeps what it was sent."""
    requests = []

    async def answer(request):
        requests.append((dict(request.headers), await request.read(), request.path, request.host))
        await asyncio.sleep(wait)
        return web.Response(status=status, headers=headers, body=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context)
    await site.start()
    try:
        yield Hook(runner.addresses[0][1], requests)
    finally:
        await runner.cleanup()


async def post(url, allowed=LOOPBACK, one=None, **client):
    channel = Webhook(GuardedClient(allowed, **client), KEY)
    try:
        return await channel.send(one or letter(), url)
    finally:
        await channel.close()


async def test_a_letter_arrives_as_signed_json_with_its_key():
    async with hook() as server:
        outcome = await post(f"http://127.0.0.1:{server.port}/tocsin?x=1")
        ((headers, body, path, _),) = server.requests
    assert (outcome.status, path) == ("sent", "/tocsin")
    assert is_ours(KEY, int(headers["X-Tocsin-Timestamp"]), body, headers["X-Tocsin-Signature"])
    assert not is_ours(KEY, NOW // 1_000_000, body + b" ", headers["X-Tocsin-Signature"])
    assert headers["Idempotency-Key"] == "INC-7.1.ana.email"
    told = json.loads(body)
    assert (told["incident"], told["purpose"], told["title"]) == ("INC-7", "page", "Disk full on db-3")


async def test_the_signed_link_in_the_body_leads_back():
    async with hook() as server:
        await post(f"http://127.0.0.1:{server.port}/")
        told = json.loads(server.requests[0][1])
    token = told["act_url"].rpartition("/")[2]
    assert secrets.verify(token, "acknowledge", NOW, SECRET)["person"] == "ana"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "sent"),
        (202, "sent"),
        (204, "sent"),
        (301, "passing"),
        (400, "passing"),
        (401, "passing"),
        (403, "passing"),
        (404, "permanent"),
        (410, "permanent"),
        (429, "passing"),
        (500, "passing"),
        (503, "passing"),
    ],
)
async def test_a_status_is_permanent_only_where_nobody_is_there_any_more(status, expected):
    async with hook(status, body=b"" if status == 204 else b"secret inside") as server:
        outcome = await post(f"http://127.0.0.1:{server.port}/")
    assert outcome.status == expected
    assert str(status) in outcome.detail
    assert "secret" not in outcome.detail


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("99999", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
async def test_a_provider_that_names_a_time_is_heard(header, seconds):
    async with hook(429, {"Retry-After": header}) as server:
        outcome = await post(f"http://127.0.0.1:{server.port}/")
    assert outcome.retry_after == seconds


async def test_a_redirect_is_not_followed():
    async with hook() as inside, hook(302, {"Location": f"http://127.0.0.1:{inside.port}/"}) as server:
        outcome = await post(f"http://127.0.0.1:{server.port}/")
        assert inside.requests == []
    assert "final URL" in outcome.detail


async def test_a_slow_receiver_costs_no_more_than_the_deadline():
    async with hook(wait=5) as server:
        outcome = await post(f"http://127.0.0.1:{server.port}/", total=0.2)
    assert (outcome.status, outcome.detail) == ("passing", "no answer within 0.2 s")


async def test_nobody_listening_and_no_such_name_are_passing_failures():
    async with hook() as server:
        pass
    assert (await post(f"http://127.0.0.1:{server.port}/")).status == "passing"

    async def unknown(host, port):
        raise OSError("no such name")

    assert (await post("http://gone.example/", resolve=unknown)).status == "passing"


async def test_a_connection_that_is_cut_is_a_passing_failure():
    async def cut(reader, writer):
        writer.transport.abort()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    outcome = await post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    server.close()
    assert outcome.status == "passing"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],
)
async def test_our_own_machine_is_closed_however_it_is_written(host):
    async with hook() as server:
        outcome = await post(f"http://{host}:{server.port}/", allowed=())
        assert server.requests == []
    assert outcome.status == "permanent"
    assert "TOCSIN_WEBHOOK_ALLOW" in outcome.detail


async def test_one_closed_address_among_open_ones_closes_the_name():
    async def mixed(host, port):
        return ["93.184.216.34", "10.0.0.1"]

    outcome = await post("http://mixed.example/", resolve=mixed, allowed=())
    assert outcome.status == "permanent"
    assert "10.0.0.1" not in outcome.detail


async def test_a_name_is_resolved_once_for_a_call_and_judged_anew_for_the_next():
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return answers[len(asked) - 1]

    async with hook() as server:
        channel = Webhook(GuardedClient(networks("127.0.0.1"), rebinding), KEY)
        url = f"http://rebind.example:{server.port}/"
        first = await channel.send(letter(), url)
        assert (first.status, asked) == ("sent", ["rebind.example"])
        await channel.close()
        second = await channel.send(letter(), url)
        await channel.close()
        assert (second.status, len(asked), len(server.requests)) == ("permanent", 2, 1)


def leading_to(address):
    async def resolve(host, port):
        return [address]

    return resolve


async def test_the_connection_goes_to_the_checked_address_with_the_name_in_host_and_certificate(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make certificates")
    tls = authority(tmp_path)
    resolve = leading_to("127.0.0.1")
    async with hook(ssl_context=tls.server) as server:
        url = f"https://hooks.example:{server.port}/"
        outcome = await post(url, resolve=resolve, trust=tls.client)
        other = await post(url.replace("hooks", "other"), resolve=resolve, trust=tls.client)
    assert (outcome.status, server.requests[0][3]) == ("sent", f"hooks.example:{server.port}")
    assert (other.status, len(server.requests)) == ("passing", 1)


async def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with hook() as server:
        assert (await post(f"http://127.0.0.1:{server.port}/")).status == "sent"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "http://",
        "http://a b/",
        "http://x:99999/",
        "http://x\\@y/",
    ],
)
async def test_what_is_no_url_is_permanent(url):
    assert KIND.check(url)
    assert (await post(url)).status == "permanent"


def test_the_signing_key_is_the_operators_or_derived():
    assert signing_key(Wiring({"TOCSIN_WEBHOOK_SECRET": "own"}, SECRET)) == b"own"
    assert signing_key(Wiring({}, SECRET)) == signing_key(Wiring({}, SECRET)) != signing_key(Wiring({}, SECRET + b"!"))
    with pytest.raises(ValueError, match="TOCSIN_WEBHOOK_ALLOW"):
        build(Wiring({"TOCSIN_WEBHOOK_ALLOW": "10.0.0.0/99"}, SECRET))
