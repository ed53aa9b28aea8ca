"""When deciding itself fails: a raw incident under `unrouted`, so that a human looks at what the program could not."""

from tocsin.core.decider import Refused
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.decide import Facts, decided
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.store.contract import Key


def key_of(about: str) -> Key:
    """The identity of the raw incident about a stream or a command: while it is live there is one."""
    return "tocsin", f"undecided:{about}"


def facts(raw: Incident, world: World, about: str, error: str, now: Instant) -> Facts:
    """The facts of a raw incident about a command for `about` that failed: it opens, or hears of it again."""
    scope, key = key_of(about)
    title = f"tocsin could not decide a command for {about}"
    signal = Signal(key=key, action="trigger", title=title, text=error, raw=True)
    decision = decided(raw, cmd.Report(SourceId("tocsin"), scope, (signal,)), world, now)
    return () if isinstance(decision, Refused) else decision
