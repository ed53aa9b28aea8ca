"""Between values and the bytes that are stored and hashed: deterministic JSON, and text that every engine accepts."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

KEY_LENGTH, KEY_SHOWN = 300, 200
"""Characters of a key that is kept as it is, and of a longer one before its hash."""

NUL = "\N{SYMBOL FOR NULL}"
_encoder = msgspec.json.Encoder(order="deterministic")


def encode(value: Any) -> bytes:
    """Canonical JSON: the same value gives the same bytes. Half a surrogate pair becomes U+FFFD, nothing is lost."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_mended(msgspec.to_builtins(value)))


def decoder(kind: type[T] | Any) -> Callable[[bytes], T]:
    """A function that reads `kind`, which may be a tagged union, from stored bytes; msgspec's errors say where."""
    decode: Callable[[bytes], T] = msgspec.json.Decoder(kind).decode
    return decode


def clean(text: str) -> str:
    """Text that a database takes: PostgreSQL refuses NUL, nothing encodes half a surrogate pair. The rest stays."""
    if text.isascii():
        return text.replace("\0", NUL) if "\0" in text else text
    return _whole(text.replace("\0", NUL))


def clean_key(text: str) -> str:
    """As `clean`, for what is looked up by: PostgreSQL indexes 2,700 bytes at most, so a longer one ends in a hash."""
    kept = clean(text)
    if len(kept) <= KEY_LENGTH:
        return kept
    return f"{kept[:KEY_SHOWN]}…{sha256(kept.encode()).hexdigest()}"


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(item) for item in value]
    return value
