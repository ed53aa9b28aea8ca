"""Addresses that lead inside, against every channel that calls where people say: nobody inside is ever called."""

import asyncio
import base64
import inspect
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import tocsin
from tests.contracts.letters import SECRET, letter
from tests.contracts.test_channels_webhook import hook
from tests.security.corpus import corpus
from tocsin.channels.contract import Channel, Outcome, Wiring
from tocsin.channels.push.devices import Device, written
from tocsin.channels.registry import kinds
from tocsin.channels.webhook.send import Webhook
from tocsin.lib.addresses import networks
from tocsin.lib.http import GuardedClient

POINT = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def armoured(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def device(url: str) -> str:
    """A browser whose push service is there."""
    return written((Device(url, armoured(POINT), armoured(bytes(16))),))


WRITTEN = {"webhook": str, "push": device}
"""How each guarded channel writes where it calls: a new one is missed by the test below, and added here."""


def guarded() -> list[str]:
    """The channels that call by the guarded client, as their source says."""
    home = Path(tocsin.__file__).parent / "channels"
    return sorted(path.parent.name for path in home.glob("*/send.py") if "GuardedClient" in path.read_text("utf-8"))


def test_every_channel_that_calls_where_people_say_is_covered_here() -> None:
    assert guarded() == sorted(WRITTEN)
    home = Path(tocsin.__file__).parent
    callers = {"aiohttp", "httpx", "urllib.request", "requests", "http.client"}
    found = {
        path.relative_to(home).as_posix()
        for path in home.rglob("*.py")
        if any(
            f"import {one}" in path.read_text("utf-8") or f"from {one}" in path.read_text("utf-8") for one in callers
        )
    }
    # the guarded client; the identity provider, which the operator names; the command line's own control socket
    assert found <= {"lib/http.py", "lib/fetch.py", "cli/remote.py", "access/oidc.py", "access/provider.py"}, found


@contextmanager
def nobody_is_called() -> Iterator[list[Any]]:
    """Notes every connection and every datagram that this process asks the system for, whoever asks."""
    asked: list[Any] = []
    hooked = [True]

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if hooked[0] and event in ("socket.connect", "socket.sendto"):
            asked.append(arguments[1])

    import sys

    sys.addaudithook(note)
    try:
        yield asked
    finally:
        hooked[0] = False


@pytest.mark.parametrize("name", sorted(WRITTEN))
async def test_no_form_of_an_address_of_our_own_networks_is_called(name: str) -> None:
    channel = kinds()[name].build(Wiring({}, SECRET))
    assert channel is not None
    async with hook() as server:
        addresses = [one.replace("PORT", str(server.port)) for one in corpus("addresses")]
        with nobody_is_called() as asked:
            told = await asyncio.gather(*(channel.send(letter(), WRITTEN[name](one)) for one in addresses))
        await channel.close()
        assert server.requests == []
    internet = [one for one in asked if isinstance(one, tuple)]
    assert internet == []
    sent = [address for address, outcome in zip(addresses, told, strict=True) if outcome.status == "sent"]
    assert sent == []
    assert all(len(outcome.detail) < 300 for outcome in told)


FORMS = [
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "169.254.169.254",
    "10.0.0.1",
    "0.0.0.0",
]
FORMS += ["fd00:ec2::254", "fe80::1%lo", "100.64.0.1", "192.0.0.192", "::", "ff02::1", "2001:db8::1", "::7f00:1"]


@pytest.mark.parametrize("address", FORMS)
async def test_a_name_that_leads_there_is_not_called_either(address: str) -> None:
    outcome = await by_name([["1.1.1.1", address]])
    assert outcome.status == "permanent"
    assert address not in outcome.detail


async def by_name(answers: list[list[str]], port: int = 80, allowed: str = "") -> Outcome:
    """A call to a name whose addresses are these, one list for each time that it is asked for."""

    async def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0)

    channel: Channel = Webhook(GuardedClient(networks(allowed), resolve), b"key")
    try:
        return await channel.send(letter(), f"http://name.invalid:{port}/")
    finally:
        await channel.close()


# ------------------------------------------------------------------------------------------- a name that changes


class Names(asyncio.DatagramProtocol):
    """A name server on loopback that says another address each time: first a good one, then one inside."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        said = self.addresses[min(self.asked, len(self.addresses) - 1)]
        self.asked += 1
        question = data[12 : data.index(b"\0", 12) + 5]
        answer = b"\xc0\x0c\x00\x01\x00\x01" + bytes(4) + b"\x00\x04" + socket.inet_aton(said)
        reply = data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question + answer
        self.transport.sendto(reply, address)  # type: ignore[attr-defined]


@asynccontextmanager
async def names(*addresses: str) -> AsyncIterator[tuple[Names, int]]:
    server = Names(*addresses)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: server, ("127.0.0.1", 0))
    try:
        yield server, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def asking(port: int) -> Any:
    """A resolver that asks that name server over a real socket, and keeps nothing."""

    async def resolve(host: str, _: int) -> list[str]:
        label = host.split(".")
        query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
        query += b"".join(bytes([len(one)]) + one.encode() for one in label) + b"\x00\x00\x01\x00\x01"
        return [await asyncio.to_thread(_asked, query, port)]

    return resolve


def _asked(query: bytes, port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(10)
        line.sendto(query, ("127.0.0.1", port))
        return socket.inet_ntoa(line.recv(512)[-4:])


async def test_a_name_that_leads_inside_from_its_second_answer_on_is_asked_once_for_a_call() -> None:
    async with hook() as server, names("127.0.0.1", "127.0.0.2") as (dns, port):
        channel = Webhook(GuardedClient(networks("127.0.0.1/32"), asking(port)), b"key")
        first = await channel.send(letter(), f"http://rebind.invalid:{server.port}/")
        assert (first.status, dns.asked, len(server.requests)) == ("sent", 1, 1)
        await channel.close()
        second = await channel.send(letter(), f"http://rebind.invalid:{server.port}/")
        await channel.close()
        assert (second.status, dns.asked, len(server.requests)) == ("permanent", 2, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_inside(status: int) -> None:
    async with hook() as inside:
        places = [f"http://127.0.0.1:{inside.port}/", f"//127.0.0.1:{inside.port}/", "file:///etc/passwd", "\\\\x\\y"]
        for place in places:
            async with hook(status, {"Location": place, "Refresh": f"0;url={place}"}) as server:
                outcome = await by_name([["127.0.0.1"]], server.port, "127.0.0.1/32")
            assert outcome.status == "passing"
            assert "127.0.0.1" not in outcome.detail
        assert inside.requests == []


async def test_of_what_is_answered_nothing_is_shown_but_the_status() -> None:
    canary = "canary-of-the-inside"
    headers = {"X-Canary": canary, "Set-Cookie": f"a={canary}", "Retry-After": canary, "WWW-Authenticate": canary}
    for status in (200, 401, 404, 429, 500):
        async with hook(status, headers, body=json.dumps({"secret": canary}).encode()) as server:
            outcome = await by_name([["127.0.0.1"]], server.port, "127.0.0.1/32")
        assert canary not in repr(outcome)


def test_the_guard_asks_for_no_proxy_and_keeps_no_cookie() -> None:
    source = inspect.getsource(GuardedClient)
    assert "trust_env=False" in source
    assert "DummyCookieJar" in source
    assert "allow_redirects=False" in source
