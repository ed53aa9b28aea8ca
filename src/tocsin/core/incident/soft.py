"""The soft acknowledgement: what a link says that anybody, and any program, could have pressed, is asked again soon.

Programs that guard a mailbox follow its links and send its forms, at once. On a critical incident what comes by a link
from nobody who is signed in holds for five minutes; then its owner is asked, and where nothing but such presses comes,
the ladder goes on with the next step, for this one's people have had their time.
"""

from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Duration, Instant

HOLDS: Duration = 5 * MINUTE
"""How long a soft acknowledgement holds before its owner is asked."""

MACHINES: Duration = MINUTE
"""Programs press what they find within this; a second press by a link counts only when it comes later."""

PROVING = (
    *(cmd.TakeOver, cmd.Escalate, cmd.Reassign, cmd.Snooze, cmd.Pend, cmd.Note, cmd.SetPriority),
    *(cmd.PostUpdate, cmd.Link, cmd.Unlink),
)
"""What no link can put: whoever does this to what they own is there."""


def critical(state: Incident) -> bool:
    """Where a mistaken silence costs most: P1, as the rulebook gives it, and whatever is declared major."""
    return state.priority == "P1" or state.major


def window(state: Incident) -> Duration:
    """How long an owner who is asked has for an answer."""
    return (5 if state.priority == "P1" else 10) * MINUTE


def counts_from(state: Incident) -> Instant:
    """From when a press by a link confirms: a minute after the acknowledgement or the question; no machine waits."""
    lease = state.lease
    if lease is None or not critical(state):
        return state.at
    if lease.asked_until is not None:
        return lease.asked_until - window(state) + MACHINES
    return lease.since + MACHINES if lease.soft else state.at


def confirms(command: cmd.Command) -> bool:
    """Whether doing this proves that its author is there."""
    return isinstance(command, PROVING)
