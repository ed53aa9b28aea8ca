"""How a receiver knows that a POST is ours and fresh: HMAC-SHA-256 over the time and the octets of the body.

`X-Tocsin-Signature: v1=<hex>` over `<X-Tocsin-Timestamp>.<body>`. A receiver compares in constant time and refuses a
timestamp that is more than five minutes off; `Idempotency-Key` is the same for every try of one letter.
"""

import hmac

VERSION = "v1"


def sign(key: bytes, seconds: int, body: bytes) -> str:
    """The value of X-Tocsin-Signature."""
    return f"{VERSION}={hmac.digest(key, b'%d.' % seconds + body, 'sha256').hex()}"


def is_ours(key: bytes, seconds: int, body: bytes, signature: str) -> bool:
    """What a receiver does, for tests and for the examples in the docs."""
    return hmac.compare_digest(sign(key, seconds, body), signature)
