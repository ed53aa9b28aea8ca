"""Signed links in messages: what one person may do about one incident, for a while, without signing in.

A link shows on GET and acts on POST. It is good for the purpose of the message that carried it and for nothing else:
a page can be acknowledged or declined, a question answered, an offer accepted or declined; what only informs is shown.
Nothing can be resolved, silenced or passed on by a link, so a leaked one cannot make an incident fall silent for longer
than a lease.
"""

import msgspec
from msgspec import Struct

from tocsin.core.ids import IncidentId, PersonId, RequestId
from tocsin.core.instant import DAY, SECOND, Duration, Instant
from tocsin.core.outgoing import Message, Purpose
from tocsin.lib import secrets

PATH = "/l/"

URGENT: Duration = DAY
"""How long a link in an urgent message is good: a night and a day; by then the ladder has long gone on."""

ROUTINE: Duration = 7 * DAY
"""How long one in a routine message is good: a page of a Friday evening must still work on Monday, or after leave."""

_PURPOSE = "act"


class Link(Struct, frozen=True):
    """What was signed. `option` is the answer that its button stood for, '' where the page lets choose.

    `at` is when it was sent, to the second; 0 where that does not matter.
    """

    incident: IncidentId
    person: PersonId
    purpose: Purpose
    request: RequestId = RequestId("")
    option: str = ""
    at: Instant = 0


class Links:
    """Makes and reads the links of one installation. `url` is its public address, never taken from a request.

    What the `old` secrets signed is still read.
    """

    def __init__(self, secret: bytes, url: str, *old: bytes) -> None:
        self._secret = secret
        self._keys = (secret, *old)
        self._url = url.rstrip("/")

    def link_for(self, message: Message, now: Instant, option: str = "") -> str:
        """The address under which the receiver of `message` sees it and acts, with one `option` chosen already."""
        link = Link(message.incident, PersonId(message.to), message.purpose, message.request, option, now)
        lasts = ROUTINE if message.lane == "routine" else URGENT
        return self.address(link, now + lasts)

    def address(self, link: Link, expires_at: Instant) -> str:
        """The address of a link that is good until `expires_at`."""
        claims = {"i": link.incident, "p": link.person, "u": link.purpose, "r": link.request, "o": link.option}
        claims["t"] = str(link.at // SECOND) if link.at else ""
        signed = secrets.sign(
            _PURPOSE, {name: value for name, value in claims.items() if value}, expires_at, self._secret
        )
        return f"{self._url}{PATH}{signed}"

    def read(self, token: str, now: Instant) -> Link | secrets.Refused:
        """What the last part of an address says, or why it says nothing."""
        claims = secrets.verify(token, _PURPOSE, now, *self._keys)
        if isinstance(claims, secrets.Refused):
            return claims
        try:
            whose = {"incident": claims["i"], "person": claims["p"], "purpose": claims["u"]}
            what = {"request": claims.get("r", ""), "option": claims.get("o", "")}
            return msgspec.convert(whose | what | {"at": int(claims.get("t", 0)) * SECOND}, Link)
        except (KeyError, ValueError, msgspec.ValidationError):
            return secrets.Refused("malformed")
