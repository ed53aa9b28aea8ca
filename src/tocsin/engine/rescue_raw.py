"""When deciding itself fails: a raw incident under `unrouted`, so that a human looks at what the program could not."""

from tocsin.core.decider import Refused
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.decide import Facts, decided
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.signal import Signal
from tocsin.core.world import World


def facts(blank: Incident, world: World, about: str, error: str, now: Instant) -> Facts:
    """The facts of a raw incident about a command of `about` that could not be decided."""
    title = f"tocsin could not decide a command of {about}" if about else "tocsin could not decide a command"
    signal = Signal(key=f"quarantine:{about}:{now}", action="trigger", title=title, text=error, raw=True)
    decision = decided(blank, cmd.Report(SourceId("tocsin"), "tocsin", (signal,)), world, now)
    return () if isinstance(decision, Refused) else decision
