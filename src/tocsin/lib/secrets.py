"""The instance's one secret and all that hangs on it: signed links, access tokens, keys kept only as hashes.

Every use derives a key of its own from the secret (HMAC-SHA-256 over its purpose), so that a signature made for one
purpose is noise to every other. Times are integer microseconds UTC and come from the caller.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

SHORTEST = 16
"""Characters that a secret must have."""

_TOKEN = re.compile(r"toc_([a-z2-7]{8,16})_([a-z2-7]{32})")
_LINK = re.compile(r"tsl_([A-Za-z0-9_-]{1,4000})\.([A-Za-z0-9_-]{43})")
_MICROSECONDS = 1_000_000


def load_or_make(path: Path, given: str = "") -> bytes:
    """The secret: as `given` by the operator, else the file's, else a new one kept in the file for its owner alone."""
    if given:
        return _long_enough(given.encode(), "TOCSIN_SECRET")
    if not path.exists():
        _make(path)
    path.chmod(0o600)
    return _long_enough(path.read_bytes().strip(), str(path))


def older(path: Path, given: str = "") -> tuple[bytes, ...]:
    """Secrets of before, whose signatures are still good: those `given`, apart by spaces, and the file's lines."""
    lines = path.read_bytes().split() if path.exists() else []
    said = [_long_enough(one.encode(), "TOCSIN_SECRET_OLD") for one in given.split()]
    return (*said, *(_long_enough(one, str(path)) for one in lines))


def _make(path: Path) -> None:
    """The file appears whole or not at all, whatever ends us; where another process was first, its secret stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_urlsafe(32).encode())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _long_enough(secret: bytes, place: str) -> bytes:
    if len(secret) < SHORTEST:
        raise ValueError(
            f"{place}: the secret has {len(secret)} characters; use at least {SHORTEST}, best 43 random ones"
        )
    return secret


def derive(secret: bytes, purpose: str) -> bytes:
    """The 32-byte key for one purpose."""
    return hmac.digest(secret, f"tocsin:{purpose}".encode(), "sha256")


class Refused(Struct, frozen=True):
    """Why a signed text is not accepted. Show `expired` to people; the others only mean a broken or forged link."""

    reason: Literal["malformed", "forged", "expired"]


class _Seal(Struct, frozen=True, array_like=True):
    expires: int
    claims: dict[str, str]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Seal)


def sign(purpose: str, claims: Mapping[str, str], expires_at: int, secret: bytes) -> str:
    """A compact text that fits in a path, good for one purpose until `expires_at` (kept to the second)."""
    payload = _ENCODER.encode(_Seal(expires_at // _MICROSECONDS, dict(sorted(claims.items()))))
    return f"tsl_{_armour(payload)}.{_armour(_seal(purpose, payload, secret))}"


def verify(token: str, purpose: str, now: int, *keys: bytes) -> dict[str, str] | Refused:
    """What was signed with one of these secrets, or why not. That is judged before anything inside is read."""
    match = _LINK.fullmatch(token)
    if match is None:
        return Refused("malformed")
    payload, seal = _disarm(match[1]), _disarm(match[2])
    if payload is None or seal is None:
        return Refused("malformed")
    if not any(hmac.compare_digest(seal, _seal(purpose, payload, key)) for key in keys):
        return Refused("forged")
    found = _DECODER.decode(payload)
    return found.claims if now < found.expires * _MICROSECONDS else Refused("expired")


def stamp(purpose: str, data: bytes, secret: bytes) -> bytes:
    """A signature over octets that do not expire: HMAC-SHA-256 under the purpose's own key, 32 bytes."""
    return hmac.digest(derive(secret, purpose), data, "sha256")


def stamped(purpose: str, data: bytes, signature: bytes, *keys: bytes) -> bool:
    """Whether it is our stamp, under one of these secrets; takes as long whether it is or not."""
    return any(hmac.compare_digest(stamp(purpose, data, key), signature) for key in keys)


def _seal(purpose: str, payload: bytes, secret: bytes) -> bytes:
    return stamp(f"link:{purpose}", payload, secret)


def _armour(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _disarm(text: str) -> bytes | None:
    """The bytes, or None; one text only is accepted for the same bytes, so that a token cannot be varied."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if _armour(data) == text else None


class Minted(Struct, frozen=True):
    """A new access token: `text` is shown once, `id` finds its row, `digest` is all that is kept of it."""

    text: str
    id: str
    digest: str


def mint() -> Minted:
    """A token of 160 random bits, `toc_<id>_<secret>`, in a form that secret scanners can recognise."""
    ident, secret = _base32(5), _base32(20)
    text = f"toc_{ident}_{secret}"
    return Minted(text, ident, digest(text))


def token_id(text: str) -> str:
    """The id in a token, '' when it is no token of ours."""
    match = _TOKEN.fullmatch(text)
    return match[1] if match else ""


def digest(key: str) -> str:
    """What is kept of a key: hex SHA-256, enough for keys that are long and random."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def matches(key: str, kept: str) -> bool:
    """Whether a key is the one whose digest was kept; takes as long whether it is or not. An empty one never is."""
    return hmac.compare_digest(digest(key), kept.lower()) and bool(key)


def _base32(size: int) -> str:
    return base64.b32encode(secrets.token_bytes(size)).decode().rstrip("=").lower()


def reference() -> tuple[str, bytes]:
    """A text of 256 random bits that stands for something kept, and all that is kept of it: its SHA-256."""
    text = secrets.token_urlsafe(32)
    return text, fingerprint(text)


def fingerprint(text: str) -> bytes:
    """The SHA-256 of a text that somebody shows: what a reference, a token or a key is looked up by."""
    return bytes.fromhex(digest(text))


def mark(purpose: str, text: str, secret: bytes) -> str:
    """What only we can make of a text, for one purpose: 160 bits as base 32."""
    return base64.b32encode(_seal(purpose, text.encode(), secret)[:20]).decode().lower()


def marked(purpose: str, text: str, shown: str, *keys: bytes) -> bool:
    """Whether `shown` is the mark of a text under one of these secrets."""
    given = shown.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(mark(purpose, text, key).encode(), given) for key in keys)
