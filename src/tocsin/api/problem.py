"""What went wrong, as RFC 9457 problem details: what it is, what happened here, and what would help."""

from http import HTTPStatus
from typing import Any

import msgspec

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer other than success. `code` is stable and names the kind; `hint` says what would be right."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        hint: str = "",
        *,
        retry_after: int | None = None,
        allow: str = "",
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.retry_after = retry_after
        self.allow = allow
        self.more = more

    @property
    def members(self) -> dict[str, Any]:
        """The members of the JSON object; those that say nothing are left out."""
        told: dict[str, Any] = {"type": f"urn:tocsin:problem:{self.code}", "title": HTTPStatus(self.status).phrase}
        told |= {"status": self.status, "detail": self.detail}
        return told | ({"hint": self.hint} if self.hint else {}) | self.more

    @property
    def body(self) -> bytes:
        """The members as JSON."""
        return msgspec.json.encode(self.members)

    @property
    def headers(self) -> dict[str, str]:
        """What belongs to the status: when to come again, how to sign in."""
        found = {"cache-control": "no-store"}
        if self.retry_after is not None:
            found["retry-after"] = str(self.retry_after)
        if self.allow:
            found["allow"] = self.allow
        if self.status == HTTPStatus.UNAUTHORIZED:
            found["www-authenticate"] = 'Bearer realm="tocsin"'
        return found
