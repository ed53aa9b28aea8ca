"""One incident inside a transaction: its state as it stands, and all that its facts add up to."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from tocsin.core.incident import events as ev
from tocsin.core.incident.commands import Past, Report, author
from tocsin.core.incident.decide import Facts
from tocsin.core.incident.due import due, rank
from tocsin.core.incident.ending import FLAP_WINDOW
from tocsin.core.incident.evolve import APPLY
from tocsin.core.incident.outgoing import Withdrawn, outgoing, withdrawn
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.outgoing import LANES, Message
from tocsin.engine.submission import Submission
from tocsin.store.codec import decoder, encode
from tocsin.store.contract import Held, Listed, Queued, Recorded, Stream, Text, Versions, Withdrawal, Written
from tocsin.store.queries.states import Event

decode_state: Callable[[bytes], Incident] = decoder(Incident)
decode_event: Callable[[bytes], ev.Event] = decoder(ev.Event)
decode_message: Callable[[bytes], Message] = decoder(Message)


class Working:
    """Collects what one stream's decisions change; `written` hands it to the ledger."""

    def __init__(self, state: Incident, seq: int) -> None:
        self.state = state
        self.seq = seq
        self._recorded: list[Recorded] = []
        self._messages: dict[str, Message] = {}
        self._revived: dict[str, Message] = {}
        self._withdrawn: list[Withdrawal] = []
        self._held: list[Held] = []
        self._texts: list[Text] = []
        self._postponed: Instant | None = None

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._recorded)

    def take(self, facts: Facts, submission: Submission) -> Facts:
        """Take over facts with their states: messages, withdrawals, and the hold on the incident's key.

        Of the texts only those that a fact names: nobody could ever find, or forget, another one.
        """
        before = self.state.status
        actor = author(submission.command)
        for event, self.state in facts:
            self._recorded.append(Recorded(TYPES[type(event)], event.at, encode(event), event.due_at, actor))
            for gone in withdrawn(event, self.state):
                self._withdraw(gone)
            for message in outgoing(event, self.state):
                again = isinstance(event, ev.Undone) and message.purpose != "undone"
                (self._revived if again else self._messages).setdefault(message.id, message)
        if facts:
            self._texts += _texts_of(submission, [getattr(event, "text", "") for event, _ in facts])
        if before not in (self.state.status, "new"):
            self._hold_key()
        return facts

    def past(self, stored: Iterator[Event]) -> tuple[Past, ...]:
        """All facts so far with who was behind each: those that are stored, and those of this transaction."""
        told = [(one.body, one.actor) for one in stored] + [(one.body, one.actor) for one in self._recorded]
        return tuple(Past(decode_event(body), by) for body, by in told)

    def hold(self, held: Held) -> None:
        """Bind or release a key by hand."""
        self._held.append(held)

    def postpone(self, until: Instant) -> None:
        """Deciding failed: look at it again then, not at once."""
        self._postponed = until

    def written(self, versions: Versions) -> Written:
        """Everything, for the ledger's one transaction."""
        state = self.state
        due_at = due(state)
        ended = not state.live
        if self._postponed is not None and not ended:
            due_at = max(due_at or 0, self._postponed)
        revived = [message for message in self._revived.values() if message.id not in self._messages]
        fresh = (*self._messages, *(message.id for message in revived))
        return Written(
            stream=state.id,
            kind="incident",
            seq=self.seq,
            state=encode(state),
            versions=versions,
            events=tuple(self._recorded),
            status=state.status,
            due_at=due_at,
            rank=rank(state),
            listed=_listed(state),
            value=state,
            outbox=tuple(queued(message) for message in self._messages.values()),
            withdrawals=tuple(replace(one, keep=(*one.keep, *fresh)) for one in self._withdrawn),
            revived=tuple(map(queued, revived)),
            live=tuple(self._held),
            texts=tuple(self._texts),
        )

    def _hold_key(self) -> None:
        """Live: bound. Resolved: bound for the flap window. Closed: remembered, so that the next one links back.

        A sibling has the key of the first and never its place, until it goes on in that.
        """
        state = self.state
        if state.sibling_of is not None:
            return
        if state.status == "resolved":
            self._held.append(Held(state.scope, state.key, until=(state.resolved_at or state.at) + FLAP_WINDOW))
        elif state.live:
            self._held.append(Held(state.scope, state.key))

    def _withdraw(self, gone: Withdrawn) -> None:
        """What this transaction itself was about to send goes at once; the rest is withdrawn from the outbox."""
        others = tuple(_ids_of_others(self.state, gone)) if gone.request else ()
        for messages in (self._messages, self._revived):
            for message in list(messages.values()):
                if gone.means(message) and message.id not in others:
                    del messages[message.id]
        to = gone.person or None
        self._withdrawn.append(Withdrawal(gone.incident, to=to, purposes=gone.purposes, keep=others))


def unreadable(stream: Stream, remark: ev.Event, due_at: Instant, versions: Versions) -> Written:
    """A stream whose state nobody can read, as it is but for a remark and when it is looked at again."""
    return Written(
        stream=stream.id,
        kind=stream.kind,
        seq=stream.seq,
        state=stream.state,
        versions=versions,
        events=(Recorded(TYPES[type(remark)], remark.at, encode(remark)),),
        status=stream.status,
        due_at=None if stream.due_at is None else due_at,
        rank=stream.rank,
        listed=Listed(title=f"{stream.id} cannot be read"),
    )


TYPES: dict[type, str] = {kind: str(kind.__struct_config__.tag) for kind in APPLY}
"""The tag under which each fact is stored."""


def _texts_of(submission: Submission, named: list[object]) -> Iterator[Text]:
    """The texts of a command whose keys are named."""
    yield from (text for text in submission.texts if text.key in named)
    if isinstance(submission.command, Report):
        told = zip(submission.command.texts, submission.command.signals, strict=False)
        yield from (Text(key, signal.text) for key, signal in told if key and key in named)


def _ids_of_others(state: Incident, gone: Withdrawn) -> list[str]:
    """Messages of other requests, which stay."""
    return [
        f"{state.id}.{one.number}.{one.person}.{ring.method}"
        for one in state.rounds
        if one.request and one.request != gone.request
        for ring in one.rings
    ]


def queued(message: Message) -> Queued:
    """A message as the outbox takes it."""
    return Queued(
        id=message.id,
        incident=message.incident,
        seq=message.seq,
        lane=LANES.index(message.lane),
        to=message.to,
        method=message.method,
        purpose=message.purpose,
        body=encode(message),
        due_at=message.due_at,
        round=message.round,
        next_at=None,
    )


def _listed(state: Incident) -> Listed:
    return Listed(
        title=state.title,
        priority=state.priority,
        service=state.service or "",
        team=state.team,
        owner=state.owner or "",
        opened_at=state.opened_at,
        confidential=state.confidential,
    )
