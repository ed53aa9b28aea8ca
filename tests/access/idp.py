"""An identity provider on loopback: real sockets, real signatures, codes that are good once; and ways to misbehave."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "tocsin", "the client's secret"


class IdentityProvider:
    """`people` by their subject: their claims. `spoil` changes the claims of an ID token, `sign` how it is signed."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.keys = KeySet([RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})])
        self.now = int(time.time())
        self.spoil: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.key: Any = None
        self.groups_by_userinfo = False
        self.userinfo_subject = ""
        self.broken = False
        self.asked: list[str] = []
        self.issuer = ""
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, str] = {}

    def app(self) -> web.Application:
        """Its endpoints."""
        made = web.Application(middlewares=[self._mood])
        made.router.add_get("/.well-known/openid-configuration", self._metadata)
        made.router.add_get("/keys", self._jwks)
        made.router.add_post("/token", self._token)
        made.router.add_get("/userinfo", self._userinfo)
        return made

    def signs_in(self, address: str, subject: str) -> str:
        """What a person at their browser does: the address to which they are sent back, with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self._codes[code] = asked | {"sub": subject}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def rotate(self, kid: str) -> None:
        """Another key from now on; the old one is gone."""
        self.keys = KeySet([ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})])
        self.algorithm = "ES256"

    @web.middleware
    async def _mood(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.broken:
            raise web.HTTPServiceUnavailable
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _metadata(self, _request: web.Request) -> web.Response:
        places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        places |= {"userinfo_endpoint": "/userinfo"}
        told = {name: f"{self.issuer}{path}" for name, path in places.items()}
        return web.json_response({"issuer": self.issuer} | told)

    async def _jwks(self, _request: web.Request) -> web.Response:
        return web.json_response(self.keys.as_dict(private=False))

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form.get("code")), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proved = asked is not None and create_s256_code_challenge(str(form["code_verifier"])) == asked["code_challenge"]
        same = asked is not None and form["redirect_uri"] == asked["redirect_uri"]
        if asked is None or not proved or not same or request.headers.get("authorization") != f"Basic {basic}":
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = token_urlsafe(16)
        self._tokens[access] = asked["sub"]
        return web.json_response(
            {"access_token": access, "token_type": "Bearer", "id_token": self._signed(asked, access)}
        )

    def _signed(self, asked: dict[str, str], access: str) -> str:
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {"iss": self.issuer, "sub": asked["sub"], "aud": CLIENT, "nonce": asked["nonce"]}
        claims |= {"iat": self.now, "exp": self.now + 300}
        claims |= {"auth_time": self.now if asked.get("prompt") == "login" else self.now - 86_400}
        claims |= {"at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode()}
        claims |= self.people.get(asked["sub"], {}) | self.spoil
        if self.groups_by_userinfo:
            claims.pop("groups", None)
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.key or self.keys.keys[0]
        if self.algorithm in ("none", "HS256"):
            return self._by_hand(claims)
        header = {"alg": self.algorithm, "kid": getattr(key, "kid", None) or "rsa-1"}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def _by_hand(self, claims: dict[str, Any]) -> str:
        """Not signed at all; or with the public key taken for a shared secret, as attackers hope it will be."""
        header = {"alg": self.algorithm, "kid": "rsa-1"}
        head, body = (_armour(json.dumps(part).encode()) for part in (header, claims))
        if self.algorithm == "none":
            return f"{head}.{body}."
        public = self.keys.keys[0].as_pem(private=False)  # type: ignore[union-attr]
        return f"{head}.{body}.{_armour(hmac.digest(public, f'{head}.{body}'.encode(), 'sha256'))}"

    async def _userinfo(self, request: web.Request) -> web.Response:
        subject = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "), "")
        groups = self.people.get(subject, {}).get("groups", [])
        return web.json_response({"sub": self.userinfo_subject or subject, "groups": groups})


def _armour(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@asynccontextmanager
async def identity_provider() -> AsyncIterator[IdentityProvider]:
    """One that runs."""
    provider = IdentityProvider()
    runner = web.AppRunner(provider.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    provider.issuer = f"http://127.0.0.1:{port}"
    try:
        yield provider
    finally:
        await runner.cleanup()
