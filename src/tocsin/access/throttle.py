"""Delays instead of lock-outs: whoever keeps guessing waits longer each time, and nobody is shut out for good.

Pure but for what it remembers: `now` is an argument. An attempt counts before it is judged, so that a thousand at once
are not a thousand free ones.
"""

from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct

from tocsin.core.instant import HOUR, MINUTE, SECOND, Duration, Instant

LONGEST: Duration = MINUTE
"""Nobody ever waits longer than this."""

FORGIVEN: Duration = HOUR
"""After so long without an attempt, all is as at first."""

FREE = {"account": 5, "address": 20, "device": 20}
"""Attempts that cost nothing, by what is counted. Behind one address there may be a whole office; a device that has
signed in before is counted for itself, so that strangers who guess at an account delay themselves, not its owner.
"""

_MOST = 20_000


class Tries(Struct, frozen=True):
    """How often somebody tried in vain, and when last."""

    n: int = 0
    last: Instant = 0


def wait(kind: str, tries: Tries, now: Instant) -> Duration:
    """How long until the next attempt is judged; 0 is now."""
    over = tries.n - FREE[kind]
    if over < 0 or now - tries.last >= FORGIVEN:
        return 0
    pause = min(SECOND << min(over, 10), LONGEST)
    return max(tries.last + pause - now, 0)


def tried(tries: Tries, now: Instant) -> Tries:
    """One attempt more."""
    return Tries(1, now) if now - tries.last >= FORGIVEN else Tries(tries.n + 1, now)


class Throttle:
    """What one process remembers of attempts; the longest unused is forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Tries] = OrderedDict()

    def begin(self, keys: Iterable[str], now: Instant) -> Duration:
        """Count an attempt under every key (`account:ana`) and give 0; or count nothing, and say how long to wait."""
        keys = tuple(keys)
        pause = max(wait(_kind(key), self._known.get(key, Tries()), now) for key in keys)
        if pause == 0:
            for key in keys:
                self._keep(key, tried(self._known.get(key, Tries()), now))
        return pause

    def passed(self, keys: Iterable[str]) -> None:
        """It was the right one: forget the attempts of the account and the device, and one of the address."""
        for key in keys:
            tries = self._known.get(key)
            if tries is None:
                continue
            if _kind(key) == "address":
                self._known[key] = Tries(max(tries.n - 1, 0), tries.last)
            else:
                del self._known[key]

    def _keep(self, key: str, tries: Tries) -> None:
        self._known[key] = tries
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


def _kind(key: str) -> str:
    return key.partition(":")[0]


def keys_for(login: str, address: str, device: str) -> tuple[str, ...]:
    """What an attempt is counted under: the device where it is known to the account, else the account; the address."""
    mine = f"device:{device}" if device else f"account:{login}"
    return mine, f"address:{network_of(address)}"


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or in IPv6 its /64, which one subscriber has to themselves."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{known}/64", strict=False)) if isinstance(known, IPv6Address) else str(known)
