"""From a request at a source's door to commands: read, grouped by incident, remembered long enough to spot an echo."""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct
from uuid_utils import uuid7

from tocsin.core.ids import SourceId
from tocsin.core.incident.commands import Report
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.routing.source import Source
from tocsin.core.signal import Signal, believed
from tocsin.engine.submission import Submission
from tocsin.intake.contract import Arrival, Intake, Refusal
from tocsin.intake.registry import receive

ECHO = MINUTE
"""An equal body within this time, with nothing for its key between, joins and is not counted."""

REMEMBERED = 10_000


class Read(Struct, frozen=True, gc=False):
    """A request that was understood: one submission for each incident it speaks of, in the order of the sender."""

    submissions: tuple[Submission, ...]
    raw: int = 0


class Receiver:
    """Reads requests of all sources. What could not be parsed is among the signals as a raw one."""

    def __init__(self, intakes: Mapping[str, Intake]) -> None:
        self._intakes = intakes
        self._last: OrderedDict[tuple[str, str], tuple[bytes, Instant]] = OrderedDict()

    def read(self, source: Source, arrival: Arrival, now: Instant, once: str = "") -> Read | Refusal:
        """The submissions of one request. `once` is its Idempotency-Key: the same one is answered, not done again."""
        intake = self._intakes.get(source.intake)
        if intake is None:
            return Refusal(404, f"source {source.id} takes nothing here: its intake is {source.intake}")
        reading = receive(intake, arrival)
        if isinstance(reading, Refusal):
            return reading
        grouped: dict[str, list[Signal]] = {}
        for signal in reading:
            grouped.setdefault(signal.key, []).append(believed(signal, now))
        body = sha256(arrival.body)
        if arrival.query:
            body.update(repr(sorted(arrival.query.items())).encode())
        said = body.digest()
        submissions = tuple(
            self._submission(source, key, signals, said, now, f"{once}:{n}" if once else "")
            for n, (key, signals) in enumerate(grouped.items())
        )
        return Read(submissions, sum(signal.raw for signal in reading))

    def _submission(
        self, source: Source, key: str, signals: list[Signal], said: bytes, now: Instant, once: str
    ) -> Submission:
        name = str(uuid7())
        echo = self._is_echo(source.scope, key, said, now)
        keys = tuple(f"{name}.{n}" if signal.text else "" for n, signal in enumerate(signals))
        return Submission(
            id=f"key:{source.id}:{once}" if once else name,
            command=Report(SourceId(source.id), source.scope, tuple(signals), keys, echo),
            key=(source.scope, key),
            once=bool(once),
            counted=not echo,
        )

    def _is_echo(self, scope: str, key: str, said: bytes, now: Instant) -> bool:
        before = self._last.pop((scope, key), None)
        self._last[scope, key] = (said, now)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return before is not None and before[0] == said and now - before[1] <= ECHO
