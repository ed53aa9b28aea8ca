"""A POST to an address that somebody wrote: to private networks only where they are opened, and judged by its status"""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.channels.contract import Outcome, Wiring
from tocsin.lib.addresses import networks
from tocsin.lib.http import BlockedError, GuardedClient, Reply, UnansweredError

GONE = frozenset({404, 410})
"""Nobody is there any more: the address is broken (RFC 8030, 7.3). A 401 or 403 is a lost key on their side and is
tried again."""

LONGEST_WAIT = 3600.0


class Posting(Struct, frozen=True):
    """How a channel posts: `allow` names the setting that opens networks, the others are what its statuses mean."""

    allow: str
    taken: str = ""
    gone: str = ""
    moved: str = ""

    def client(self, wiring: Wiring) -> GuardedClient:
        """One that may call where the setting allows. ValueError where that says no networks."""
        try:
            return GuardedClient(networks(wiring.settings.get(self.allow, "")))
        except ValueError as error:
            raise ValueError(f"{self.allow}: {error}; write networks such as 10.1.0.0/16, 192.168.7.9") from None

    async def post(self, client: GuardedClient, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Post once. What is answered beyond the status is neither read into anything nor shown."""
        try:
            return self._judge(await client.post(url, body, headers))
        except BlockedError as error:
            return Outcome("permanent", f"{error}; {self.allow} opens networks")
        except UnansweredError as error:
            return Outcome("passing", str(error))

    def _judge(self, reply: Reply) -> Outcome:
        """2xx was taken, 404 and 410 are gone for good, all else may pass; 3xx is not followed."""
        detail = f"HTTP {reply.status}"
        if 200 <= reply.status < 300:
            return Outcome("sent", detail + self.taken)
        if reply.status in GONE:
            return Outcome("permanent", detail + self.gone)
        if 300 <= reply.status < 400:
            detail += self.moved
        return Outcome("passing", detail, retry_after=_wait(reply.retry_after))


def _wait(retry_after: str) -> float | None:
    """The seconds that were asked for, at most an hour; a date is not read, for no clock is at hand."""
    return min(float(retry_after), LONGEST_WAIT) if retry_after.isdecimal() and len(retry_after) < 8 else None
