"""What is found and proved of a rulebook: once for each rulebook, roster and day, and remembered for all who ask"""

from collections import OrderedDict
from threading import Condition, Lock, Thread

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.instant import DAY, Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.rulebook import Rulebook
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
"""Rulebooks that may wait to be proved while another one is."""

CHECKING = 4
"""Rulebooks that are checked at once for callers who do not wait for the end."""

Key = tuple[str, str, int, int]


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
    """Those of one installation. Whoever asks for findings waits for them; a proof is made in a thread of its own."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, tuple[Verdict, Case]] = OrderedDict()
        self._waiting: OrderedDict[Key, Case] = OrderedDict()
        self._under_way: Key | None = None
        self._checking: set[Key] = set()
        self._changed = Condition()
        self._turn = Lock()

    def of(self, book: Rulebook, facts: Facts, now: Instant, *, prove: bool = False, wait: float = 0.0) -> Verdict:
        """The verdict on that rulebook with that roster today. It blocks, so in a thread of one's own.

        With `prove` the proof is begun, if it was not, and waited for as many seconds at most.
        """
        key = _key(book, facts, now)
        found, case = self._found(key, book, facts, now)
        if not prove or found.proof is not None or found.failed:
            return found
        with self._changed:
            if not self._pending(key) and len(self._waiting) < WAITING:
                self._waiting[key] = case
                if self._under_way is None:
                    self._begin()
            if wait:
                self._changed.wait_for(lambda: not self._pending(key), wait)
            now_known = self._known.get(key, (found, case))[0]
            return replace(now_known, under_way=self._pending(key))

    def soon(self, book: Rulebook, facts: Facts, now: Instant, wait: float, ways: str = "") -> Verdict | None:
        """The same, if it is there within so many seconds; else it goes on being made, and whoever asks again has it.

        None also where too many others are being made. `ways` tells rosters apart that have the same version.
        """
        key = _key(book, facts, now, ways)
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
            self._found(key, book, facts, now)
        except Exception as error:
            log.exception("not_checked", error=type(error).__name__)
        finally:
            with self._changed:
                self._checking.discard(key)
                self._changed.notify_all()

    def _pending(self, key: Key) -> bool:
        return key == self._under_way or key in self._waiting

    def _found(self, key: Key, book: Rulebook, facts: Facts, now: Instant) -> tuple[Verdict, Case]:
        """What is known, else what the checks find; one rulebook at a time."""
        with self._turn:
            with self._changed:
                known = self._known.get(key)
                if known is not None:
                    self._known.move_to_end(key)
                    return replace(known[0], under_way=self._pending(key)), known[1]
            case = case_of(book, facts, now)
            made = (verify(case), case)
            with self._changed:
                self._keep(key, made)
            return made

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


def _key(book: Rulebook, facts: Facts, now: Instant, ways: str = "") -> Key:
    return (book.digest, ways, facts.version, now // DAY)
