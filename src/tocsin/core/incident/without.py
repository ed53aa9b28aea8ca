"""An incident as it would stand if one act had never happened: its other facts, each as far as it holds without it."""

from collections.abc import Sequence

from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import again, outgoing, withdrawn
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.outgoing import Message


class Without:
    """Told all facts in order but those of the act (`span`, as indices) and what came of them.

    `called` (by a page), `reached` (by whatever) and `requests` came of the act. `failed` are rounds in which a way
    failed since. `woken`: a rest ended early; `raised`: the priority rose; `lapsed`: what the act gave has ended by
    itself, and nothing can be told.
    """

    def __init__(self, turn: Turn, past: Sequence[cmd.Past], span: range) -> None:
        self._turn = turn
        self._rounds: set[int] = set()
        self.called: dict[PersonId, None] = {}
        self.reached: dict[PersonId, None] = {}
        self.requests: dict[RequestId, None] = {}
        self.failed: dict[int, None] = {}
        self.woken = self.lapsed = self._reopened = False
        self._unsent: dict[str, Message] = {}
        self.state = initial(turn.state.id)
        for one in past[: span.start]:
            self._apply(one.event)
        self._actual = self.state
        self._flapped = self.state.flap.quiet_at is not None
        before: Priority = self.state.priority
        for index, one in enumerate(past[span.start :], span.start):
            kept = self._of_the_act(one.event) if index in span else self._since(one.event)
            if kept is not None:
                self._apply(kept)
            self._actual = evolve(self._actual, one.event)
        self.raised = self.state.priority < before
        self.state = self._counted_on()

    @property
    def again(self) -> tuple[Message, ...]:
        """What is unsent as far as the facts tell, but for the calls on which the incident itself counts."""
        known = {message.id for message in again(self.state)}
        return tuple(message for message in self._unsent.values() if message.id not in known)

    def _apply(self, event: ev.Event) -> None:
        self.state = evolve(self.state, event)
        for gone in withdrawn(event, self.state):
            self._unsent = {name: one for name, one in self._unsent.items() if not gone.means(one)}
        self._unsent |= {message.id: message for message in outgoing(event, self.state)}
        if isinstance(event, ev.Delivery) and event.outcome != "passing":
            self._unsent.pop(event.message, None)

    def _counted_on(self) -> Incident:
        """Numbers go on: no message and no fact ever has the name of another."""
        now = self._turn.state
        return replace(self.state, seq=now.seq, at=now.at, moved=now.moved, round=now.round, request=now.request)

    def _of_the_act(self, event: ev.Event) -> ev.Event | None:
        """A fact of the act itself: none is kept but remarks."""
        match event:
            case ev.Found() | ev.Noted() | ev.Late() | ev.Posted() | ev.Linked() | ev.Unlinked():
                return event
            case ev.Asked():
                self.requests[event.request.id] = None
            case ev.Paged():
                self._rounds.add(event.round.number)
                self.reached[event.round.person] = None
                if event.round.purpose == "page":
                    self.called[event.round.person] = None
            case _:
                pass
        return None

    def _since(self, event: ev.Event) -> ev.Event | None:
        """A later fact, as far as it holds without the act."""
        if isinstance(event, ev.FunctionalEvent):
            return self._functional(event)
        if isinstance(event, ev.PagingEvent):
            return self._paging(event)
        return self._request(event) if isinstance(event, ev.RequestEvent) else self._other(event)

    def _other(self, event: ev.Event) -> ev.Event | None:
        match event:
            case ev.RungSkipped() | ev.RungUnmatched() | ev.Closed():
                return None  # its time has passed, so that it is judged again at once
            case ev.SnoozeEnded() | ev.SuspensionEnded():
                self.woken = self.woken or event.due_at is None
                return event if event.due_at is None else None
            case ev.AcknowledgementEnded():
                self.lapsed = self._actual.owner != self.state.owner
                return event
            case ev.Resolved() if self.state.firing:
                return None  # what ended meanwhile was not all that fires without the act
            case ev.Reopened() if self.state.live:
                self._reopened = True
                return None
            case ev.FlappingBegan() | ev.FlappingWent() if self._reopened and not self._flapped:
                return None
            case _:
                return event

    def _functional(self, event: ev.FunctionalEvent) -> ev.Event | None:
        """A step that came although somebody had it: where it called people it has come; else it comes again."""
        resting = not self._actual.calling and self.state.calling
        if not resting:
            return event
        if not isinstance(event, ev.StepEntered) or not event.cursor.called:
            return None
        steps, cursor = self._turn.policy.functional, event.cursor
        step = steps[cursor.position] if 0 <= cursor.position < len(steps) else None
        if step is None:
            return None
        due_at = self._turn.after(step.wait, self._turn.hours(step.hours), cursor.entered_at)
        return replace(event, cursor=replace(cursor, resume=None, due_at=due_at))

    def _paging(self, event: ev.PagingEvent) -> ev.Event | None:
        """A call that came of the act is none without it; what was delivered was."""
        match event:
            case ev.Paged():
                if event.round.request not in self.requests and event.instead not in self._rounds:
                    return event
                return self._of_the_act(event)
            case ev.Delivery():
                if event.outcome != "sent":
                    self.failed[event.round] = None
                return replace(event, after_end=False)
            case _:
                return None if event.round in self._rounds else event

    def _request(self, event: ev.RequestEvent) -> ev.Event | None:
        """What came of a question that the act put is none without it."""
        if isinstance(event, ev.Asked):
            return event
        name = event.request.id if isinstance(event, ev.Climbed) else event.request
        return None if name in self.requests else event
