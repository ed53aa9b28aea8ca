"""What is found and proved of a rulebook: once for each rulebook, roster and day, and remembered for all who ask"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from threading import Condition, Lock, Thread

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.calendar.zones import begin_of_day
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.rulebook import Rulebook
from tocsin.engine.differing import Contrast, Differences
from tocsin.engine.proposals import case_of
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.examine import Examined, Suppressed, examine
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.reach import Proof
from tocsin.lib.logs import logger

log = logger("verifying")

KEPT = 12
"""Verdicts that are remembered."""

WAITING = 4
"""Rulebooks that may wait to be proved while another one is; of more the one that was asked for first is let go."""

CHECKING = 4
"""Rulebooks that are checked at once for callers who do not wait for the end."""

PATIENCE = 6.0

Roster = tuple[int, bytes, int]
"""The facts that were entered, the ways to people, and when the day began."""

Key = tuple[str, Roster]


class Verdict(Struct, frozen=True):
    """All that the checks find of a rulebook, worst first; what it allows for now stands apart.

    `proof` is None until somebody asked for it and it is made; then what it shows is among the
    findings. `under_way`: it is being made, or waits for its turn.
    `failed`: it broke down, a defect of tocsin.
    """

    start: Instant
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    proof: Proof | None = None
    under_way: bool = False
    failed: bool = False


def verify(case: Case) -> Verdict:
    """Run every check. It asks nothing of anybody else."""
    examined = examine(case)
    return Verdict(case.start, examined.findings, examined.suppressed)


class Verdicts:
    """Those of one installation. Whoever asks for findings waits for them; a proof is made in a thread of its own.

    `patience` are the seconds for which a door lets somebody wait for proofs; they go on afterwards.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._known: OrderedDict[Key, tuple[Verdict, Case]] = OrderedDict()
        self._waiting: OrderedDict[Key, Case] = OrderedDict()
        self._differences = Differences()
        self._under_way: Key | None = None
        self._checking: set[Key] = set()
        self._changed = Condition()
        self._turn = Lock()

    def of(self, book: Rulebook, facts: Facts, now: Instant, *, prove: bool = False, wait: float = 0.0) -> Verdict:
        """The verdict on that rulebook with that roster today. It blocks, so in a thread of one's own.

        With `prove` the proof is begun, if it was not, and waited for as many seconds at most.
        """
        return self.several([(book, facts)], now, prove=prove, wait=wait)[0]

    def several(
        self, asked: Sequence[tuple[Rulebook, Facts]], now: Instant, *, prove: bool = False, wait: float = 0.0
    ) -> tuple[Verdict, ...]:
        """The same of each of them; all are waited for together."""
        found = [self._found(book, facts, now) for book, facts in asked]
        with self._changed:
            for key, known, case in found if prove else ():
                if known.proof is None and not known.failed:
                    self._ask(key, case)
            keys = [key for key, _, _ in found]
            if prove and wait:
                self._changed.wait_for(lambda: not any(map(self._pending, keys)), wait)
            return tuple(
                replace(self._known.get(key, (known,))[0], under_way=self._pending(key)) for key, known, _ in found
            )

    def against(
        self, old: tuple[Rulebook, Facts], new: tuple[Rulebook, Facts], now: Instant, *, wait: float = 0.0
    ) -> Contrast:
        """Who is reached differently by the other, where both are proved; it is waited for as many seconds at most."""
        keys = [_key(*one, now) for one in (old, new)]
        with self._changed:
            known = [self._known.get(key) for key in keys]
            pending = any(map(self._pending, keys))
        proved = [case for one in known if one is not None and one[0].proof is not None for case in one[1:]]
        if len(proved) == 2:
            return self._differences.of((keys[0], keys[1]), proved[0], proved[1], wait)
        return Contrast(under_way=pending, failed=any(one is not None and one[0].failed for one in known))

    def _ask(self, key: Key, case: Case) -> None:
        """Let it be proved; the lock is held."""
        if self._pending(key):
            return
        self._waiting[key] = case
        if len(self._waiting) > WAITING:
            self._waiting.popitem(last=False)
        if self._under_way is None:
            self._begin()

    def soon(self, book: Rulebook, facts: Facts, now: Instant, wait: float) -> Verdict | None:
        """The same, if it is there within so many seconds; else it goes on being made, and whoever asks again has it.

        None also where too many others are being made.
        """
        key = _key(book, facts, now)
        with self._changed:
            if key not in self._known and key not in self._checking:
                if len(self._checking) >= CHECKING:
                    return None
                self._checking.add(key)
                Thread(target=self._check, args=(key, book, facts, now), name="checking", daemon=True).start()
            self._changed.wait_for(lambda: key in self._known or key not in self._checking, wait)
            known = self._known.get(key)
            return None if known is None else replace(known[0], under_way=self._pending(key))

    def _check(self, key: Key, book: Rulebook, facts: Facts, now: Instant) -> None:
        try:
            self._found(book, facts, now)
        except Exception as error:
            log.exception("not_checked", error=type(error).__name__)
        finally:
            with self._changed:
                self._checking.discard(key)
                self._changed.notify_all()

    def _pending(self, key: Key) -> bool:
        return key == self._under_way or key in self._waiting

    def _found(self, book: Rulebook, facts: Facts, now: Instant) -> tuple[Key, Verdict, Case]:
        """What is known, else what the checks find; one rulebook at a time."""
        key = _key(book, facts, now)
        with self._turn:
            with self._changed:
                known = self._known.get(key)
                if known is not None:
                    self._known.move_to_end(key)
                    return (key, *known)
            case = case_of(book, facts, begin_of_day(book.timezone, now))
            made = (verify(case), case)
            with self._changed:
                self._keep(key, made)
            return (key, *made)

    def _keep(self, key: Key, made: tuple[Verdict, Case]) -> None:
        self._known[key] = made
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    def _begin(self) -> None:
        """Go on with the next that waits; the lock is held."""
        self._under_way, case = self._waiting.popitem(last=False)
        Thread(target=self._prove, args=(self._under_way, case), name="verifying", daemon=True).start()

    def _prove(self, key: Key, case: Case) -> None:
        proof: Proof | None = None
        found: Examined | None = None
        try:
            proof = case.proof
            found = examine(case, prove=True)
        except Exception as error:
            log.exception("not_proved", error=type(error).__name__)
        with self._changed:
            known = self._known.get(key)
            if known is not None:
                made = replace(known[0], proof=proof, failed=proof is None)
                if found is not None:
                    made = replace(made, findings=found.findings, suppressed=found.suppressed)
                self._keep(key, (made, case))
            self._under_way = None
            if self._waiting:
                self._begin()
            self._changed.notify_all()


def _key(book: Rulebook, facts: Facts, now: Instant) -> Key:
    """Ways to people change without a new version of the facts, so they are told apart by what they are.

    What is asked on one day begins with it, so that any two can be compared, and whoever asks is told the same.
    """
    ways = blake2b(msgspec.json.encode((facts.methods, facts.contact)), digest_size=16).digest()
    return (book.digest, (facts.version, ways, begin_of_day(book.timezone, now)))
