"""Whose notifications they are: the key by which push services know this installation (VAPID, RFC 8292)."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NewType
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from tocsin.lib.secrets import derive

KeyId = NewType("KeyId", str)
"""Which key of ours a device listens to: the first of its fingerprint."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256."""

GOOD = 12 * 3600
"""Seconds that one proof is good; push services refuse more than a day."""


class Key:
    """A pair that hangs on the instance's secret: it needs no place of its own, and is the same in each process."""

    def __init__(self, secret: bytes) -> None:
        wide = derive(secret, "push:1") + derive(secret, "push:2")
        private = ec.derive_private_key(int.from_bytes(wide) % (_ORDER - 1) + 1, ec.SECP256R1())
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = armoured(point)
        self.id = KeyId(sha256(point).hexdigest()[:12])
        self._private = ECKey.import_key(private)

    def proof(self, endpoint: str, contact: str, seconds: int) -> str:
        """The value of Authorization for one push service, good from about now: `seconds` since 1970."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": seconds + GOOD, "sub": contact}
        return f"vapid t={jwt.encode({'alg': 'ES256', 'typ': 'JWT'}, claims, self._private)}, k={self.public}"


@lru_cache(maxsize=16)
def key_of(secret: bytes) -> Key:
    """The key that hangs on a secret."""
    return Key(secret)


def keys_of(secrets: tuple[bytes, ...]) -> Mapping[KeyId, Key]:
    """The keys by their names, the one in force first: devices that know an older one are reached by it."""
    return {key.id: key for key in map(key_of, secrets)}


def armoured(data: bytes) -> str:
    """base64url without padding, as browsers write keys."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unarmoured(text: str) -> bytes:
    """The bytes. ValueError for what is none."""
    if not text.isascii():
        raise ValueError("no base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
