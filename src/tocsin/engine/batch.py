"""Many commands in one transaction: find or make their incidents, decide each, commit all of it together."""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import Facts, decided
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.engine import rescue_raw
from tocsin.engine.desks import Desks
from tocsin.engine.submission import Answer, Outcome, Submission
from tocsin.engine.working import Working, decode_state
from tocsin.store import outbox
from tocsin.store.codec import decoder, encode
from tocsin.store.contract import Answer as Kept
from tocsin.store.contract import Held, Key, Ledger, Quarantined, Stream, Tally, Tx, Versions
from tocsin.store.queries.due import next_due


class Batch:
    """The one writer of incidents. Synchronous: the door runs it in its own thread, tests run it as it is."""

    def __init__(self, ledger: Ledger, prefix: str = "INC-") -> None:
        self.ledger = ledger
        self._prefix = prefix
        self._ambiguous = ledger.url.startswith("postgres")

    def carry_out(self, world: World, submissions: Sequence[Submission], now: Instant) -> list[Answer]:
        """Decide and commit all of them in one transaction, in order; an answer for each. Raises the store's errors."""
        return self.ledger.transact(lambda tx: self._marked(tx, _Carried(tx, world, now, self._prefix), submissions))

    def next_due(self) -> Instant | None:
        """When the next incident is due; a cheap read that waits for no writer."""
        with self.ledger.read() as connection:
            return next_due(connection)

    def settle(self, submissions: Sequence[Submission]) -> list[Answer] | None:
        """After a connection was lost during a commit: the answers if it was committed, None if it was not."""
        found = self.ledger.transact(lambda tx: tx.answers([_marker(submissions)]))
        return _decode_all(found[_marker(submissions)]) if found else None

    def _marked(self, tx: Tx, carried: "_Carried", submissions: Sequence[Submission]) -> list[Answer]:
        """Where a commit can be ambiguous, its answers are part of it: finding them settles the doubt."""
        answers = carried.all(submissions)
        if self._ambiguous:
            tx.record_answers([Kept(_marker(submissions), encode(answers), carried.now)])
        return answers

    def tick(self, world: World, now: Instant, limit: int = 200) -> list[Answer]:
        """Serve the incidents that are due, worst and oldest first; an answer for each that was."""

        def body(tx: Tx) -> list[Answer]:
            due = tx.due(now, limit)
            carried = _Carried(tx, world, now, self._prefix)
            carried.adopt({stream.id: stream for stream in due})
            return carried.serve([Submission(f"tick:{one.id}:{one.seq}", cmd.Tick(), one.id) for one in due])

        return self.ledger.transact(body)


class _Carried:
    """The work of one transaction."""

    def __init__(self, tx: Tx, world: World, now: Instant, prefix: str) -> None:
        self._tx = tx
        self._world = world
        self.now = now
        self._prefix = prefix
        self._work: dict[str, Working] = {}
        self._tallies: list[Tally] = []
        self._aside: list[Quarantined] = []
        self._desks: Desks

    def all(self, submissions: Sequence[Submission]) -> list[Answer]:
        """Find or make what they concern, then serve them."""
        known = self._answered(submissions)
        streams = self._streams([one for one in submissions if one.id not in known])
        self.adopt(self._tx.load(set(streams.values())))
        fresh = [replace(one, stream=streams.get(one.id, "")) for one in submissions if one.id not in known]
        done = {answer.id: answer for answer in self.serve(fresh)}
        return [known.get(one.id) or done[one.id] for one in submissions]

    def adopt(self, loaded: dict[str, Stream]) -> None:
        """Streams that were loaded and locked in this transaction."""
        for stream in loaded.values():
            state = stream.value if isinstance(stream.value, Incident) else decode_state(stream.state)
            self._work[stream.id] = Working(state, stream.seq)

    def serve(self, submissions: Sequence[Submission]) -> list[Answer]:
        """Decide each and write what came of them."""
        self._desks = Desks(self._tx, self._world, self.now)
        stale = self._settled_by_others(submissions)
        answers = [stale.get(one.id) or self._one(one) for one in submissions]
        versions = Versions(self._world.rulebook.digest, self._world.facts.version)
        incidents = [work.written(versions) for work in self._work.values() if work.changed]
        self._tx.write([*incidents, *self._desks.written(versions)])
        if self._tallies:
            self._tx.tally(self._tallies)
        if self._aside:
            self._tx.quarantine(self._aside)
        pairs = zip(submissions, answers, strict=True)
        kept = [Kept(one.id, encode(answer), self.now) for one, answer in pairs if one.once]
        if kept:
            self._tx.record_answers(kept)
        return answers

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

    def _answered(self, submissions: Sequence[Submission]) -> dict[str, Answer]:
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
        if sought:
            found |= self._tx.find_live(sought, self.now)
        return {one.id: one.stream or found.get(one.key or ("", ""), "") for one in submissions}

    def _make_id(self, number: int) -> str:
        return f"{self._prefix}{number}"

    def _one(self, submission: Submission) -> Answer:
        if not submission.stream:
            return self._nothing_live(submission)
        work = self._work.get(submission.stream)
        if work is None:
            if not _triggers(submission.command):
                return Answer(submission.id, submission.stream, "refused", 0, Refused("unknown", "no such incident"))
            work = self._work.setdefault(submission.stream, Working(initial(submission.stream), 0))
        try:
            decision = decided(work.state, submission.command, self._desks.world, self.now)
        except Exception as problem:  # noqa: BLE001  whatever deciding raises must not take the batch with it
            return self._set_aside(submission, work, problem)
        if isinstance(decision, Refused):
            return self._refused(submission, work, decision)
        self._desks.hear(work.take(decision, submission))
        if not decision and isinstance(submission.command, cmd.Report) and submission.counted:
            self._count(submission.command, work.state)
        return Answer(
            submission.id, work.state.id, _outcome(submission.command, (event for event, _ in decision)), work.state.seq
        )

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
        self._work[fresh.state.id] = fresh
        return self._one(replace(submission, stream=fresh.state.id))

    def _count(self, command: cmd.Report, state: Incident) -> None:
        minute = self.now - self.now % MINUTE
        for signal in command.signals:
            self._tallies.append(Tally(state.id, signal.alert, minute, 1, self.now))

    def _set_aside(self, submission: Submission, work: Working, problem: Exception) -> Answer:
        """Deciding raised: the command is kept whole, a raw incident pages somebody, the rest of the batch goes on."""
        error = f"{type(problem).__name__}: {problem}"[:2000]
        self._aside.append(Quarantined(submission.id, encode(submission.command), error, self.now))
        number = self._tx.next_numbers(1)[0]
        raw = Working(initial(self._make_id(number)), 0)
        raw.take(rescue_raw.facts(raw.state, self._world, submission.stream, error, self.now), submission)
        self._work[raw.state.id] = raw
        if work.seq == 0 and not work.changed:
            del self._work[submission.stream]
        else:
            found = ev.Found(at=self.now, finding=Phrase("finding.undecided", {"error": error[:200]}))
            work.take(_alone(work, found), submission)
            work.postpone(self.now + MINUTE)
        return Answer(submission.id, raw.state.id, "failed", raw.state.seq, Refused("failed", error))


def _alone(work: Working, event: ev.Event) -> Facts:
    return ((event, evolve(work.state, event)),)


def _triggers(command: cmd.Command) -> bool:
    return isinstance(command, cmd.Report) and any(signal.action == "trigger" for signal in command.signals)


def _outcome(command: cmd.Command, events: Iterable[ev.Event]) -> Outcome:
    """In the words of the intake's answer."""
    if not isinstance(command, cmd.Report):
        return "done"
    kinds = {type(event) for event in events}
    if ev.Opened in kinds:
        return "opened"
    if ev.Resolved in kinds or ev.FlappingWent in kinds:
        return "resolved"
    return "ignored" if kinds == {ev.Ignored} else "joined"


def _marker(submissions: Sequence[Submission]) -> str:
    return f"batch:{submissions[0].id}"


_decode: Callable[[bytes], Answer] = decoder(Answer)
_decode_all: Callable[[bytes], list[Answer]] = decoder(list[Answer])
