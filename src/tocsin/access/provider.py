"""The identity provider itself: where it is asked, its keys, and codes that become names; remembered for a while."""

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tocsin.access import oidc
from tocsin.access.gate import Clock
from tocsin.access.oidc import Pending, Provider, Subject, UnprovenError
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.lib.fetch import UnfetchedError, fetch

REMEMBERED: Duration = 10 * MINUTE
"""How long what it says of itself is believed; keys are asked for again as soon as one is missing, once a minute."""


class Identities:
    """One provider, as it is reached."""

    def __init__(self, provider: Provider, clock: Clock, back: str) -> None:
        """`back` is the address to which it sends people back."""
        self.provider = provider
        self.back = back
        self._clock = clock
        self._metadata: dict[str, Any] = {}
        self._keys = KeySet([])
        self._known_at: Instant | None = None
        self._keys_at: Instant | None = None

    async def send(self, pending: Pending) -> str:
        """Where somebody is sent. Raises UnfetchedError, UnprovenError."""
        await self._meet()
        return oidc.question(self.provider, str(self._metadata["authorization_endpoint"]), pending, self.back)

    async def named(self, code: str, pending: Pending) -> Subject:
        """Whom a code stands for. Raises UnfetchedError, UnprovenError."""
        await self._meet()
        form, headers = oidc.exchange(self.provider, code, pending, self.back)
        tokens = await fetch(str(self._metadata["token_endpoint"]), form, headers)
        id_token, access_token = str(tokens.get("id_token", "")), str(tokens.get("access_token", ""))
        claims = await self._claims(id_token, pending, access_token)
        if self.provider.groups not in claims and self.provider.roles and self._metadata.get("userinfo_endpoint"):
            claims |= await self._more(access_token, str(claims["sub"]))
        return oidc.subject_of(self.provider, claims)

    async def _claims(self, id_token: str, pending: Pending, access_token: str) -> dict[str, Any]:
        """With the keys that are known, else with those that it has now: it may have changed them."""
        now = self._clock.now()
        try:
            return oidc.claims_of(self.provider, id_token, self._keys, pending, access_token, now)
        except UnprovenError:
            if self._keys_at is not None and self._clock.steady() - self._keys_at < MINUTE:
                raise
        await self._get_keys()
        return oidc.claims_of(self.provider, id_token, self._keys, pending, access_token, now)

    async def _more(self, access_token: str, subject: str) -> dict[str, Any]:
        """What only its other endpoint says; worth something only if it speaks of the same subject."""
        told = await fetch(str(self._metadata["userinfo_endpoint"]), None, {"authorization": f"Bearer {access_token}"})
        if told.get("sub") != subject:
            raise UnprovenError("the provider speaks of somebody else")
        return {name: told[name] for name in (self.provider.groups,) if name in told}

    async def _meet(self) -> None:
        now = self._clock.steady()
        if self._known_at is not None and now - self._known_at < REMEMBERED:
            return
        url = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        told = await fetch(url)
        if told.get("issuer") != self.provider.issuer:
            raise UnprovenError(f"the provider calls itself {str(told.get('issuer'))[:100]}")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        secure = self.provider.issuer.startswith("https://")
        if any(not str(told.get(name, "")).startswith("https://" if secure else "http") for name in wanted):
            raise UnprovenError("the provider does not say where it is asked")
        self._metadata, self._known_at = told, now
        if self._keys_at is None:
            await self._get_keys()

    async def _get_keys(self) -> None:
        told = await fetch(str(self._metadata["jwks_uri"]))
        try:
            self._keys = KeySet.import_key_set({"keys": [key for key in told.get("keys", []) if _usable(key)]})
        except (JoseError, ValueError, TypeError, AttributeError) as problem:
            raise UnprovenError(f"the provider's keys cannot be read: {type(problem).__name__}") from None
        self._keys_at = self._clock.steady()


def _usable(key: Any) -> bool:
    """Keys to verify signatures with, and none that is shared."""
    return isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"


__all__ = ["REMEMBERED", "Identities", "UnfetchedError"]
