"""What every answer says to the browser: run nothing but our own, be framed by nobody, tell nobody where you were."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LINKS = "/l/"

_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp",
}
SCRIPTED = "; ".join(f"{name} {value}" for name, value in _POLICY.items())
_BY_SCRIPT = ("script-src", "connect-src", "worker-src", "manifest-src")
PLAIN = "; ".join(f"{name} {value}" for name, value in _POLICY.items() if name not in _BY_SCRIPT)
"""For signed links: there is no script at all, so none may run."""


def headers_for(path: str) -> dict[str, str]:
    """The headers of an answer, by the path that was asked for."""
    return {
        "content-security-policy": PLAIN if path.startswith(LINKS) else SCRIPTED,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }


class Guarded:
    """An application whose every answer carries them, errors included; what a handler sets itself stays.

    HEAD is answered as GET is, without the body.
    """

    def __init__(self, inner: App) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        wanted, bodiless = headers_for(scope.get("path", "")), scope.get("method") == "HEAD"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                known = {name.lower() for name, _ in given}
                given += [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in known]
                message = {**message, "headers": given}
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        await self._inner({**scope, "method": "GET"} if bodiless else scope, receive, guarded)
