"""The doors as one ASGI application: signals straight to their own door, everything else through the framework."""

from tocsin.api.body import Receive, Scope, Send
from tocsin.api.intake import PREFIX, Intake
from tocsin.engine.site import Site


class Application:
    """What the server calls for each request."""

    def __init__(self, site: Site, *, local: bool) -> None:
        self._intake = Intake(site)
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own beginning and end."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._intake(scope, receive, send)


def build(site: Site, *, local: bool = False) -> Application:
    """The application over `site`. `local`: it listens on the control socket, whose every caller counts as admin."""
    return Application(site, local=local)
