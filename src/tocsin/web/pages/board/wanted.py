"""What a board is to show, as its address says it: status, team, priority, service, a text, one's own, from where."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.store.contract import ENDED
from tocsin.store.queries.board import LIVE, Place

STATUSES: dict[str, tuple[str, ...]] = {
    "live": LIVE,
    "open": ("open",),
    "acknowledged": ("acknowledged",),
    "ended": ENDED,
    "all": (*LIVE, *ENDED),
}

_LONGEST = 200


class Wanted(Struct, frozen=True):
    """One view of the board; '' means any."""

    status: str = "live"
    team: str = ""
    priority: str = ""
    service: str = ""
    text: str = ""
    mine: bool = False
    after: Place | None = None

    @property
    def narrow(self) -> bool:
        """Whether anything but the status is asked for."""
        return bool(self.team or self.priority or self.service or self.text or self.mine)

    @property
    def plain(self) -> bool:
        """Whether it is the board as everybody first sees it."""
        return self == Wanted()

    @property
    def query(self) -> str:
        """The same as the query of an address, without what goes without saying."""
        told = {
            "status": self.status if self.status != "live" else "",
            "team": self.team,
            "priority": self.priority,
            "service": self.service,
            "q": self.text,
            "mine": "1" if self.mine else "",
            "after": _written(self.after) if self.after is not None else "",
        }
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def address(self) -> str:
        """Where that view is."""
        return f"/?{self.query}" if self.query else "/"

    def but(self, **changes: Any) -> "Wanted":
        """Another view, from its beginning."""
        return replace(self, **({"after": None} | changes))


def wanted(query: Mapping[str, str]) -> Wanted:
    """What an address asks for; what makes no sense is taken as not said."""
    status, priority = query.get("status", ""), query.get("priority", "").upper()
    return Wanted(
        status=status if status in STATUSES else "live",
        team=query.get("team", "")[:_LONGEST],
        priority=priority if priority in PRIORITIES else "",
        service=query.get("service", "")[:_LONGEST],
        text=query.get("q", "").strip()[:_LONGEST],
        mine=query.get("mine", "") == "1",
        after=_place(query.get("after", "")),
    )


def _written(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _place(text: str) -> Place | None:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Place)
    except (ValueError, msgspec.MsgspecError):
        return None
