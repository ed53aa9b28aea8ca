"""OpenID Connect: what is asked of an identity provider, and whom its answer names. Pure: no network, no clock.

Somebody is an issuer and a subject, never an e-mail address or a name: those can be given to somebody else tomorrow.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from msgspec import Struct

from tocsin.access.permissions import ROLES, Role
from tocsin.core.instant import MINUTE, SECOND, Duration, Instant
from tocsin.lib import secrets

PENDING: Duration = 10 * MINUTE
"""How long somebody may take at their provider."""

SKEW = 60
"""Seconds by which its clock may differ from ours."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that are believed: those whose key is public. `none` and those with a shared key are not among them."""

AUDITOR: Role = "security-audit"

_COUNTERPART = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class Provider(Struct, frozen=True):
    """One identity provider. `roles` are the roles that its groups give here, `*` to everybody; none above `ceiling`.

    `login`, `groups` and `person` are the names of claims; without `person` nobody is anybody of the rulebook until an
    admin says so.
    """

    issuer: str
    client: str
    secret: str
    name: str = ""
    scopes: str = "openid profile"
    roles: Mapping[str, Role] = {}
    ceiling: Role = "manager"
    login: str = "preferred_username"
    groups: str = "groups"
    person: str = ""


class Pending(Struct, frozen=True):
    """What is remembered of somebody who was sent to their provider. `account` wants to be joined with them.

    `again`: they are to show it there once more, now, whether or not they are signed in there.
    """

    state: str
    nonce: str
    verifier: str
    place: str = "/"
    account: str = ""
    again: str = ""


class Subject(Struct, frozen=True):
    """Whom a provider names; `role` is what their groups give, None for nothing.

    `proved_at` is when they last showed it there, None where it does not say.
    """

    issuer: str
    subject: str
    login: str
    person: str
    role: Role | None
    proved_at: Instant | None = None


class UnprovenError(Exception):
    """The answer proves nothing: why, in words for the log."""


def from_environment(env: Mapping[str, str]) -> Provider | None:
    """The provider of TOCSIN_OIDC_ISSUER and the variables beside it, or None. ValueError where one is wrong."""
    issuer = env.get("TOCSIN_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError(f"TOCSIN_OIDC_ISSUER: {issuer!r} must begin with https://")
    client, secret = env.get("TOCSIN_OIDC_CLIENT_ID", ""), env.get("TOCSIN_OIDC_CLIENT_SECRET", "")
    if not client or not secret:
        raise ValueError("TOCSIN_OIDC_CLIENT_ID and TOCSIN_OIDC_CLIENT_SECRET must be set beside TOCSIN_OIDC_ISSUER")
    said = {name: env[f"TOCSIN_OIDC_{name.upper()}"] for name in _TEXTS if env.get(f"TOCSIN_OIDC_{name.upper()}")}
    ceiling = _role(env.get("TOCSIN_OIDC_CEILING", "manager"), "TOCSIN_OIDC_CEILING")
    roles = _roles(env.get("TOCSIN_OIDC_ROLES", ""))
    named = {"name": parts.hostname or "", **said}
    return Provider(issuer, client, secret, roles=roles, ceiling=ceiling, **named)


_TEXTS = ("name", "scopes", "login", "groups", "person")


def _roles(text: str) -> dict[str, Role]:
    """`ops=responder, leads=team-lead, *=viewer`."""
    pairs = [one.strip().rpartition("=") for one in text.split(",") if one.strip()]
    return {group.strip(): _role(role.strip(), "TOCSIN_OIDC_ROLES") for group, _, role in pairs}


def _role(text: str, name: str) -> Role:
    known = {role: role for role in ROLES}
    if text not in known:
        raise ValueError(f"{name}: {text!r} is no role; there are {', '.join(ROLES)}")
    return known[text]


# -------------------------------------------------------------------------------------------- asking


def begin(place: str = "/", account: str = "", *, again: bool = False) -> Pending:
    """Somebody is about to be sent there: a state, a nonce and a verifier that nobody can guess."""
    state, nonce, verifier = (secrets.reference()[0] for _ in range(3))
    return Pending(state, nonce, verifier, place, account, "yes" if again else "")


def question(provider: Provider, endpoint: str, pending: Pending, back: str) -> str:
    """Where they are sent: for a code, bound to us by PKCE, to come back to `back`."""
    asked: str = prepare_grant_uri(
        endpoint,
        provider.client,
        "code",
        redirect_uri=back,
        scope=provider.scopes,
        state=pending.state,
        nonce=pending.nonce,
        code_challenge=create_s256_code_challenge(pending.verifier),
        code_challenge_method="S256",
        **({"prompt": "login", "max_age": "0"} if pending.again else {}),
    )
    return asked


def exchange(provider: Provider, code: str, pending: Pending, back: str) -> tuple[dict[str, str], dict[str, str]]:
    """The form and the headers by which a code becomes tokens."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": pending.verifier,
        "client_id": provider.client,
    }
    basic = base64.b64encode(f"{provider.client}:{provider.secret}".encode()).decode()
    return form, {"authorization": f"Basic {basic}"}


# ------------------------------------------------------------------------------------------ answering


def claims_of(
    provider: Provider, token: str, keys: KeySet, pending: Pending, access_token: str, now: Instant
) -> dict[str, Any]:
    """What an ID token says, if it is for us, for this sign-in, of now, and signed by the provider."""
    try:
        read = jwt.decode(token, keys, algorithms=ALGORITHMS)
        registry = JWTClaimsRegistry(
            now=now // SECOND,
            leeway=SKEW,
            iss={"essential": True, "value": provider.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": provider.client},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": pending.nonce},
        )
        registry.validate(read.claims)
    except (JoseError, ValueError, TypeError, KeyError) as problem:
        raise UnprovenError(f"the ID token is not good: {type(problem).__name__} {problem}"[:200]) from None
    claims: dict[str, Any] = read.claims
    _whole(provider, claims, str(read.header.get("alg", "")), access_token)
    return claims


def _whole(provider: Provider, claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    subject, audience, party = claims["sub"], claims["aud"], claims.get("azp")
    if not isinstance(subject, str) or not subject or len(subject) > 255:
        raise UnprovenError("the ID token names nobody")
    many = isinstance(audience, list) and len(audience) > 1
    if (many and party is None) or (party is not None and party != provider.client):
        raise UnprovenError("the ID token was given to somebody else")
    hashed = claims.get("at_hash")
    if hashed is not None and not _hash_fits(str(hashed), access_token, algorithm):
        raise UnprovenError("the access token is not the one of the ID token")


def _hash_fits(hashed: str, access_token: str, algorithm: str) -> bool:
    digest = _COUNTERPART.get(algorithm[-3:], hashlib.sha512)(access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    return hmac.compare_digest(half, hashed)


def subject_of(provider: Provider, claims: Mapping[str, Any]) -> Subject:
    """Whom claims name, and what their groups give them here."""
    groups = claims.get(provider.groups, ())
    named = [str(group) for group in groups] if isinstance(groups, list | tuple) else [str(groups)]
    login, person = (str(claims.get(name, "")) if name else "" for name in (provider.login, provider.person))
    at = claims.get("auth_time")
    proved = int(at) * SECOND if isinstance(at, int | float) and not isinstance(at, bool) else None
    return Subject(provider.issuer, str(claims["sub"]), login, person, role_for(provider, named), proved)


def role_for(provider: Provider, groups: list[str]) -> Role | None:
    """The highest role that the groups give, though none above the ceiling, else what `*` gives.

    `security-audit` is beside the others: whoever has another role has that; and only an admin's ceiling reaches it.
    """
    given = [provider.roles[group] for group in groups if group in provider.roles and group != "*"]
    ranked = [role for role in given if role != AUDITOR]
    if not ranked and AUDITOR in given and provider.ceiling == "admin":
        return AUDITOR
    fallback = provider.roles.get("*")
    if not ranked and fallback is not None and fallback != AUDITOR:
        ranked = [fallback]
    highest = max(map(ROLES.index, ranked), default=None)
    return None if highest is None else ROLES[min(highest, ROLES.index(provider.ceiling))]
