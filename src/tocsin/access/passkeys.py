"""Passkeys: a device or a key of somebody's signs a challenge of ours, for this site alone, after it has seen them.

The challenge and whom it was for are in a signed cookie for a few minutes; each is good once.
"""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tocsin.access.oidc import UnprovenError
from tocsin.access.origin import origin_of
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.lib import secrets
from tocsin.store.accounts import Account
from tocsin.store.passkeys import Passkey

PENDING: Duration = 5 * MINUTE
"""How long somebody may take to touch their key."""

MOST = 20
"""Passkeys of one account."""

_PURPOSE = "passkey"


class Place(Struct, frozen=True):
    """The site for which passkeys are: the host of its public address, and that address's origin."""

    host: str
    origin: str


class Challenge(Struct, frozen=True):
    """What is to be signed, and for what: `enter`, `again` or `add`. `account` is whose it must be, '' anybody's."""

    text: str
    act: str
    account: str = ""


def place_of(url: str) -> Place:
    """The site at a public address."""
    return Place(urlsplit(url).hostname or "", origin_of(url))


def challenge(act: str, account: str = "") -> Challenge:
    """A new one, of 256 random bits."""
    return Challenge(secrets.reference()[0], act, account)


def sealed(what: Challenge, now: Instant, key: bytes) -> str:
    """A challenge as the text of a cookie."""
    return secrets.sign(_PURPOSE, msgspec.to_builtins(what), now + PENDING, key)


def unsealed(cookie: str, act: str, now: Instant, *keys: bytes) -> Challenge | None:
    """The challenge of a cookie, if it was for that act and it is not too late."""
    claims = secrets.verify(cookie, _PURPOSE, now, *keys)
    if isinstance(claims, secrets.Refused) or claims.get("act") != act:
        return None
    return msgspec.convert(claims, Challenge)


def invitation(place: Place, account: Account, known: list[Passkey], what: Challenge) -> str:
    """What a browser is asked to make a passkey of, as JSON: found without a login, and only after it saw its owner."""
    return options_to_json(
        generate_registration_options(
            rp_id=place.host,
            rp_name="tocsin",
            user_id=account.id.encode(),
            user_name=account.login,
            user_display_name=account.login,
            challenge=base64url_to_bytes(what.text),
            exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one.id)) for one in known],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
    )


def made(place: Place, credential: dict[str, Any], what: Challenge, name: str, now: Instant) -> Passkey:
    """The passkey that a browser made. Raises UnprovenError."""
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(what.text),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as problem:
        raise UnprovenError(f"no passkey was made: {problem}"[:200]) from None
    ident = bytes_to_base64url(found.credential_id)
    return Passkey(ident, what.account, name, found.credential_public_key, found.sign_count, now)


def question(place: Place, what: Challenge, known: list[Passkey]) -> str:
    """What a browser is asked to sign, as JSON; with `known` ones, by one of those."""
    return options_to_json(
        generate_authentication_options(
            rp_id=place.host,
            challenge=base64url_to_bytes(what.text),
            allow_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one.id)) for one in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def id_of(credential: dict[str, Any]) -> str:
    """The passkey that a browser says it used; '' for none."""
    found = credential.get("id")
    return found if isinstance(found, str) and len(found) <= 2000 else ""


def signed(place: Place, credential: dict[str, Any], what: Challenge, passkey: Passkey) -> int:
    """The counter of a passkey that signed the challenge. Raises UnprovenError, also where a copy seems to be about."""
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(what.text),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as problem:
        raise UnprovenError(f"the passkey proves nothing: {problem}"[:200]) from None
    handle = credential.get("response", {}).get("userHandle")
    if handle and base64url_to_bytes(str(handle)) != passkey.account.encode():
        raise UnprovenError("the passkey is somebody else's")
    return found.new_sign_count
