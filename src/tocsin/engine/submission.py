"""What is put to the one door, and what comes back."""

from typing import Literal

from msgspec import Struct

from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import Instant
from tocsin.store.contract import Key, Text, Withdrawal
from tocsin.store.contract import Outcome as Settled

Outcome = Literal["opened", "joined", "resolved", "held", "ignored", "done", "refused", "failed"]


class Submission(Struct, frozen=True, gc=False):
    """One command for one incident: `stream` names it, or `key` finds it (and a trigger makes it).

    `id` names the command for settling doubts; `once` keeps its answer, so that the same id is answered and not done
    again. `counted` is False for an equal body within a minute: it joins and is not counted.
    `texts` are stored where a fact names them; those of a report are in its signals.
    `settles` is the outbox row whose outcome a receipt brings: both are committed together, or neither.
    """

    id: str
    command: cmd.Command
    stream: str = ""
    key: Key | None = None
    texts: tuple[Text, ...] = ()
    once: bool = False
    counted: bool = True
    settles: Settled | None = None


class Answer(Struct, frozen=True, gc=False):
    """What became of one submission. `seq` is the incident's after it; `refused` says why not."""

    id: str
    incident: str
    outcome: Outcome
    seq: int = 0
    refused: Refused | None = None


SAID: dict[Outcome, Outcome] = {"failed": "opened", "refused": "ignored", "done": "joined"}
"""What a sender is told instead: a command that could not be decided opened a raw incident; one that was refused
changed nothing."""


class Aftermath(Struct, frozen=True):
    """What a transaction leads to: when the soonest of what it writes is due, the lanes of what is to be sent, and
    what is not wanted any more.
    """

    due_at: Instant | None = None
    lanes: frozenset[int] = frozenset()
    withdrawals: tuple[Withdrawal, ...] = ()
