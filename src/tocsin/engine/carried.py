"""The work of one transaction: find or make the incidents that commands concern, decide each, and gather the rows."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from tocsin.core.decider import Refused
from tocsin.core.ids import IncidentId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import Facts, decided
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.linking import cannot_link, other_side
from tocsin.core.incident.sharing import concerns_others, share_out, succession
from tocsin.core.incident.siblings import attended
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.engine import rescue_raw
from tocsin.engine.desks import Desks
from tocsin.engine.submission import Aftermath, Answer, Outcome, Submission
from tocsin.engine.working import Working, decode_event, decode_state, unreadable
from tocsin.lib.logs import logger
from tocsin.store import outbox
from tocsin.store.codec import decoder, encode
from tocsin.store.contract import Answer as Kept
from tocsin.store.contract import Held, Key, Quarantined, Stream, Tally, Tx, Versions, Written
from tocsin.store.queries.states import events_of, state_of

log = logger("batch")


class Carried:
    """The work of one transaction."""

    def __init__(self, tx: Tx, world: World, now: Instant, prefix: str) -> None:
        self._tx = tx
        self._world = world
        self.now = now
        self._prefix = prefix
        self._work: dict[str, Working] = {}
        self._repeats: dict[tuple[str, str], int] = {}
        self._aside: list[Quarantined] = []
        self._due: set[str] = set()
        self._earlier: dict[str, str] = {}
        self._desks: Desks
        self.aftermath = Aftermath()

    def all(self, submissions: Sequence[Submission]) -> list[Answer]:
        """Find or make what they concern, then serve them; an id that is answered once is served once."""
        known = self._answered(submissions)
        names = [one.id if one.once else n for n, one in enumerate(submissions)]
        fresh = {name: one for name, one in zip(names, submissions, strict=True) if name not in known}
        streams = self._streams(list(fresh.values()))
        self.adopt(self._tx.load({*streams.values(), *filter(None, map(_other, submissions))}))
        served = self.serve([replace(one, stream=streams.get(one.id, "")) for one in fresh.values()])
        done = {**known, **dict(zip(fresh, served, strict=True))}
        return [done[name] for name in names]

    def adopt(self, loaded: dict[str, Stream], *, due: bool = False) -> None:
        """Streams that were loaded and locked in this transaction; with `due` because their time has come."""
        self._due |= loaded.keys() if due else set()
        for stream in loaded.values():
            self._work[stream.id] = Working(self._state(stream), stream.seq)

    def _state(self, stream: Stream) -> Incident:
        """The snapshot; where it cannot be read, what its events make of it, for it is only their cache."""
        if isinstance(stream.value, Incident):
            return stream.value
        try:
            return decode_state(stream.state)
        except msgspec.MsgspecError:
            log.exception("snapshot_unreadable", stream=stream.id)
        state = initial(stream.id)
        for event in list(events_of(self._tx.connection, stream.id)):
            state = evolve(state, decode_event(event.body))
        return state

    def serve(self, submissions: Sequence[Submission]) -> list[Answer]:
        """Decide each and write what came of them."""
        self._load_siblings()
        self._desks = Desks(self._tx, self._world, self.now)
        stale = self._settled_by_others(submissions)
        answers = [stale.get(one.id) or self._one(one) for one in submissions]
        versions = self._versions
        incidents = [work.written(versions) for work in self._work.values() if work.changed]
        self._write([*incidents, *self._desks.written(versions)])
        if self._repeats:
            self._tx.tally(self._tallies())
        if self._aside:
            self._tx.quarantine(self._aside)
        pairs = zip(submissions, answers, strict=True)
        kept = [Kept(one.id, encode(answer), self.now) for one, answer in pairs if one.once]
        if kept:
            self._tx.record_answers(kept)
        return answers

    def _write(self, written: list[Written]) -> None:
        self._tx.write(written)
        soonest = min((one.due_at for one in written if one.due_at is not None), default=None)
        lanes = frozenset(message.lane for one in written for message in (*one.outbox, *one.revived))
        self.aftermath = Aftermath(soonest, lanes, tuple(gone for one in written for gone in one.withdrawals))

    def put_aside(self, submission: Submission, problem: Exception) -> Answer:
        """Only keep the command, open a raw incident, and see to it that its stream is not asked again at once."""
        self._settled_by_others([submission])
        ailing = self._tx.load([submission.stream]) if submission.stream else {}
        answer = self._report_aside(submission, problem)
        written = [work.written(self._versions) for work in self._work.values() if work.changed]
        if isinstance(submission.command, cmd.Tick):
            written += [self._postponed(stream, problem) for stream in ailing.values()]
        self._write(written)
        self._tx.quarantine(self._aside)
        if submission.once:
            self._tx.record_answers([Kept(submission.id, encode(answer), self.now)])
        return answer

    def _postponed(self, stream: Stream, problem: Exception) -> Written:
        """The stream with a remark and a later due time; its snapshot as it is where even that cannot be read."""
        found = _undecided(problem, self.now)
        try:
            work = Working(self._state(stream), stream.seq)
            work.take(_alone(work, found), Submission("", cmd.Tick()))
            work.postpone(self.now + MINUTE)
            return work.written(self._versions)
        except Exception:
            log.exception("stream_unreadable", stream=stream.id)
            return unreadable(stream, found, self.now + MINUTE, self._versions)

    @property
    def _versions(self) -> Versions:
        return Versions(self._world.rulebook.digest, self._world.facts.version)

    def _settled_by_others(self, submissions: Sequence[Submission]) -> dict[str, Answer]:
        """Settle the outbox rows of receipts; those of a lost lease are another sender's to report."""
        outcomes = [one.settles for one in submissions if one.settles is not None]
        if not outcomes:
            return {}
        ours = outbox.finish(self._tx.connection, outcomes)
        why = Refused("stale", "another sender has taken the message over")
        return {
            one.id: Answer(one.id, one.stream, "refused", 0, why)
            for one in submissions
            if one.settles is not None and one.settles.id not in ours
        }

    def _answered(self, submissions: Sequence[Submission]) -> dict[str | int, Answer]:
        """Answers already given to ids that are answered once."""
        ids = [one.id for one in submissions if one.once]
        return {id_: _decode(body) for id_, body in self._tx.answers(ids).items()} if ids else {}

    def _streams(self, submissions: Sequence[Submission]) -> dict[str, str]:
        """The incident of each submission by its id; a trigger's key gets a new one where nothing is live."""
        made = {one.key for one in submissions if one.key is not None and _triggers(one.command)}
        sought = {one.key for one in submissions if one.key is not None} - made
        found: dict[Key, str] = {}
        if made:
            claims = self._tx.claim_live(made, self.now, self._make_id)
            found |= {key: claim.stream for key, claim in claims.items()}
            self._earlier |= {claim.stream: claim.earlier for claim in claims.values() if claim.earlier}
        if sought:
            found |= self._tx.find_live(sought, self.now)
        return {one.id: one.stream or found.get(one.key or ("", ""), "") for one in submissions}

    def _make_id(self, number: int) -> str:
        return f"{self._prefix}{number}"

    def _one(self, submission: Submission) -> Answer:
        if not submission.stream:
            return self._nothing_live(submission)
        work, command = self._work.get(submission.stream), submission.command
        state = initial(submission.stream) if work is None else work.state
        if isinstance(command, cmd.Report) and concerns_others(state, command):
            return self._shared(submission, command, state)
        return self._put(submission)

    def _shared(self, submission: Submission, report: cmd.Report, first: Incident) -> Answer:
        """A report on an incident that has siblings, or more alerts than it has room for: to each what is theirs."""
        answers: dict[str, Answer] = {}
        for id_, part in share_out(report, first, self._siblings(first), self.now, self._fresh_id):
            answer = self._put(replace(submission, stream=id_, command=part))
            if isinstance(part, cmd.Report):
                answers[id_] = answer
        return answers.get(first.id) or next(iter(answers.values()))

    def _fresh_id(self) -> IncidentId:
        return IncidentId(self._make_id(self._tx.next_numbers(1)[0]))

    def _load_siblings(self) -> None:
        """Before the desks, for rows are locked in that order everywhere."""
        beside = {one for work in self._work.values() for one in work.state.siblings} - self._work.keys()
        if beside:
            self.adopt(self._tx.load(beside))

    def _siblings(self, first: Incident) -> list[Incident]:
        return [self._work[one].state for one in first.siblings if one in self._work]

    def _put(self, submission: Submission) -> Answer:
        work = self._work.get(submission.stream)
        if work is None:
            if not _triggers(submission.command):
                return Answer(submission.id, submission.stream, "refused", 0, Refused("unknown", "no such incident"))
            work = self._work.setdefault(submission.stream, Working(initial(submission.stream), 0))
        if (refused := self._cannot_link(submission)) is not None:
            return Answer(submission.id, submission.stream, "refused", work.state.seq, refused)
        try:
            decision = decided(work.state, self._linked(submission, work), self._known_to(work.state), self.now)
        except Exception as problem:  # noqa: BLE001  whatever deciding raises must not take the batch with it
            return self._set_aside(submission, work, problem)
        if isinstance(decision, Refused):
            return self._refused(submission, work, decision)
        if not decision and submission.stream in self._due:
            return self._idle(submission, work)
        before = work.state
        self._desks.hear(work.take(decision, submission))
        self._pass_on(submission, before, work)
        if not decision and isinstance(submission.command, cmd.Report) and submission.counted:
            self._count(submission.command, work.state)
        return Answer(submission.id, work.state.id, _outcome(submission.command, decision), work.state.seq)

    def _known_to(self, state: Incident) -> World:
        """The world; what is held beside another incident knows of it whether that has somebody."""
        if state.held_until is None or state.sibling_of is None:
            return self._desks.world
        work, first = self._work.get(state.sibling_of), None
        if work is not None:
            first = work.state
        elif (body := state_of(self._tx.connection, state.sibling_of)) is not None:
            first = decode_state(body)
        has_somebody = first is not None and attended(first)
        return self._desks.world.beside(state.sibling_of if has_somebody else None)

    def _cannot_link(self, submission: Submission) -> Refused | None:
        other = self._work.get(_other(submission))
        return cannot_link(submission.command, submission.stream, None if other is None else other.state)

    def _pass_on(self, submission: Submission, before: Incident, work: Working) -> None:
        """Where the first has ended, one of its siblings that still fire goes on; it takes over the key."""
        command, state = submission.command, work.state
        other = _other(submission)
        if other in self._work and isinstance(command, cmd.Link | cmd.Unlink) and state.linked != before.linked:
            self._put(replace(submission, stream=other, command=replace(command, to=state.id, back=True)))
        if before.live and not state.live and state.siblings:
            for id_, part in succession(self._siblings(state), self.now):
                self._put(replace(submission, stream=id_, command=part))
        if isinstance(command, cmd.FirstEnded) and command.first == state.id and before.sibling_of in self._work:
            first = self._work[before.sibling_of]
            first.take(_alone(first, ev.Succeeded(at=first.state.at, by=state.id)), submission)
            first.hold(Held(first.state.scope, first.state.key, release=True))
            work.hold(Held(state.scope, state.key))

    def _linked(self, submission: Submission, work: Working) -> cmd.Command:
        """A report that opens an incident says which one had its key before; an undo is judged by all that was."""
        before, command = self._earlier.get(submission.stream, ""), submission.command
        if isinstance(command, cmd.Undo):
            return replace(command, past=work.past(events_of(self._tx.connection, submission.stream)))
        return replace(command, after=before) if before and isinstance(command, cmd.Report) else command

    def _idle(self, submission: Submission, work: Working) -> Answer:
        """Its time had come, and it did nothing: a defect. Said, and put off, or it would be asked for ever."""
        at = due(work.state)
        if at is not None and at <= self.now:
            return self._set_aside(submission, work, RuntimeError("it was due, and nothing happened"))
        work.take(_alone(work, _undecided(RuntimeError("it was listed as due, and is not"), self.now)), submission)
        return Answer(submission.id, work.state.id, "done", work.state.seq)

    def _nothing_live(self, submission: Submission) -> Answer:
        why = Refused("nothing_live", "nothing of that key is live: there is nothing to acknowledge or resolve")
        return Answer(submission.id, "", "ignored", 0, why)

    def _refused(self, submission: Submission, work: Working, why: Refused) -> Answer:
        """A trigger that found only an ended incident begins a new one; other refusals are answers."""
        if why.code != "ended" or not _triggers(submission.command) or submission.key is None:
            outcome: Outcome = "ignored" if why.code == "nothing_live" else "refused"
            return Answer(submission.id, work.state.id, outcome, work.state.seq, why)
        number = self._tx.next_numbers(1)[0]
        work.take(_alone(work, ev.Ignored(at=work.state.at, alert="", why=Phrase("signal.ended"))), submission)
        work.hold(Held(*submission.key, release=True))
        fresh = Working(initial(self._make_id(number)), 0)
        fresh.hold(Held(*submission.key))
        self._earlier[fresh.state.id] = work.state.id
        self._work[fresh.state.id] = fresh
        return self._one(replace(submission, stream=fresh.state.id))

    def _count(self, command: cmd.Report, state: Incident) -> None:
        repeats = self._repeats
        for signal in command.signals:
            key = (state.id, signal.alert)
            repeats[key] = repeats.get(key, 0) + 1

    def _tallies(self) -> list[Tally]:
        minute = self.now - self.now % MINUTE
        return [Tally(incident, alert, minute, n, self.now) for (incident, alert), n in self._repeats.items()]

    def _set_aside(self, submission: Submission, work: Working, problem: Exception) -> Answer:
        """Deciding raised: the command is kept whole, a raw incident pages somebody, the rest of the batch goes on."""
        log.error("set_aside", command=submission.id, stream=submission.stream, error=repr(problem))
        if work.seq == 0 and not work.changed:
            del self._work[submission.stream]
        else:
            work.take(_alone(work, _undecided(problem, self.now)), submission)
            work.postpone(self.now + MINUTE)
        return self._report_aside(submission, problem)

    def _report_aside(self, submission: Submission, problem: Exception) -> Answer:
        """Quarantine the command; the raw incident about its stream opens, or hears of it again."""
        error = f"{type(problem).__name__}: {problem}"[:2000]
        self._aside.append(Quarantined(submission.id, encode(submission.command), error, self.now))
        about = submission.stream or submission.id
        key = rescue_raw.key_of(about)
        id_ = self._tx.claim_live([key], self.now, self._make_id)[key].stream
        if id_ not in self._work:
            self.adopt(self._tx.load([id_]))
        raw = self._work.setdefault(id_, Working(initial(id_), 0))
        raw.take(rescue_raw.facts(raw.state, self._world, about, error, self.now), submission)
        return Answer(submission.id, raw.state.id, "failed", raw.state.seq, Refused("failed", error))


def _other(submission: Submission) -> str:
    return other_side(submission.command, submission.stream)


def _undecided(problem: Exception, now: Instant) -> ev.Found:
    return ev.Found(
        at=now, finding=Phrase("finding.undecided", {"error": f"{type(problem).__name__}: {problem}"[:200]})
    )


def _alone(work: Working, event: ev.Event) -> Facts:
    return ((event, evolve(work.state, event)),)


def _triggers(command: cmd.Command) -> bool:
    return isinstance(command, cmd.Report) and command.triggers


def _outcome(command: cmd.Command, facts: Facts) -> Outcome:
    """In the words of the intake's answer."""
    if not isinstance(command, cmd.Report):
        return "done"
    kinds = {type(event) for event, _ in facts}
    if ev.Opened in kinds:
        return "opened"
    if ev.Resolved in kinds or ev.FlappingWent in kinds:
        return "resolved"
    return "ignored" if kinds == {ev.Ignored} else "joined"


_decode: Callable[[bytes], Answer] = decoder(Answer)
