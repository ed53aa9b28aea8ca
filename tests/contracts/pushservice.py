"""A push service on loopback and a browser behind it, which opens what it gets by its own arithmetic (RFC 8291)."""

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import urandom
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.channels.push.devices import Device


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def un64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Browser:
    """The keys of one subscription."""

    def __init__(self, private: bytes = b"", auth: bytes = b"") -> None:
        self.private = (
            ec.derive_private_key(int.from_bytes(private), ec.SECP256R1())
            if private
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.auth = auth or urandom(16)

    def device(self, endpoint: str, **more: Any) -> Device:
        return Device(endpoint, b64(point(self.private.public_key())), b64(self.auth), **more)

    def opened(self, body: bytes) -> bytes:
        """RFC 8188 and RFC 8291: header, two derivations, one record, its padding."""
        salt, size, length = body[:16], struct.unpack("!L", body[16:20])[0], body[20]
        theirs, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\0" + point(self.private.public_key()) + theirs
        secret = hkdf(self.auth, shared, info, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        plain, mark, padding = AESGCM(key).decrypt(nonce, record, None).rpartition(b"\x02")
        assert mark
        assert not padding.strip(b"\0")
        return plain


def proven(authorization: str) -> dict[str, Any]:
    """The claims of a VAPID header (RFC 8292), whose signature holds under the key that it names."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    assert json.loads(un64(head))["alg"] == "ES256"
    raw = un64(signature)
    encoded = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), un64(parts["k"]))
    key.verify(encoded, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    found: dict[str, Any] = json.loads(un64(claims)) | {"k": parts["k"]}
    return found


class Service:
    """What came, and what is answered for each path."""

    def __init__(self) -> None:
        self.port = 0
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}

    def endpoint(self, name: str = "a") -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((request.path, dict(request.headers), await request.read()))
        status, headers = self.answers.get(request.path, (201, {"Location": "/m/1"}))
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def push_service() -> AsyncIterator[Service]:
    """A real one, on a real socket."""
    service = Service()
    app = web.Application()
    app.router.add_post("/{path:.*}", service.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)
