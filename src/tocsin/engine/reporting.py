"""What a person reports, put to the door: one signal, and the priority that impact and urgency give where they do."""

from msgspec import Struct
from uuid_utils import uuid7

from tocsin.core.catalogue.priority import Priority, PriorityRules
from tocsin.core.catalogue.rating import severity_for
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Signal
from tocsin.engine.submission import Submission
from tocsin.intake.bounds import bounded
from tocsin.store.contract import Text


class Rating(Struct, frozen=True):
    """Impact and urgency in the words of the matrix of `rules`; '' where nobody said."""

    rules: PriorityRules
    impact: str = ""
    urgency: str = ""

    @property
    def priority(self) -> Priority | None:
        """What they come to; None where they say nothing, or not in words of the matrix."""
        return self.rules.of_impact(self.impact, self.urgency)

    @property
    def severity(self) -> str:
        """The word by which it is opened."""
        return "" if self.priority is None else severity_for(self.rules, self.priority)

    @property
    def exact(self) -> bool:
        """Whether that word is worth the priority by itself."""
        return self.priority is None or self.rules.of_severity(self.severity) == self.priority

    @property
    def labels(self) -> dict[str, str]:
        """How the signal keeps both words."""
        return {"impact": self.impact, "urgency": self.urgency} if self.impact or self.urgency else {}


def reported(signal: Signal, by: str, source: SourceId, rating: Rating, book: Rulebook, once: str) -> list[Submission]:
    """The report, and then, where the severity alone would not do, the priority. `once`: under that name it is done
    once, however often it is sent; '' for no such promise.

    It is set only where the word is not worth it, or no service is known; what a criterion raised stays either way.
    """
    kept, id_ = bounded(signal), once or str(uuid7())
    report = cmd.Report(source, source, (kept,), (str(uuid7()) if kept.text else "",))
    put = [Submission(id_, report, key=(source, kept.key), once=bool(once))]
    if rating.priority is not None and not (rating.exact and book.service_of(kept.service)):
        judged = cmd.SetPriority(by, rating.priority, f"impact {rating.impact}, urgency {rating.urgency}", rated=True)
        put.append(Submission(f"{id_}:rated", judged, key=(source, kept.key), once=bool(once)))
    return put


def joined(state: Incident, by: str, words: str, source: SourceId, once: str) -> list[Submission]:
    """Somebody says that a live incident is theirs too: counted like any repeat of what it knows, and a note.

    It names an alert that fires already, so that whatever ends the incident ends it as before.
    """
    key = str(uuid7())
    note = Submission(f"{once}:note", cmd.Note(by, key), state.id, texts=(Text(key, words),), once=True)
    firing = next((name for name, alert in state.alerts.items() if alert.firing), None)
    if firing is None or state.signal is None:
        return [note]
    again = Signal(
        key=state.key,
        action="trigger",
        alert=firing,
        title=state.signal.title,
        kind=state.signal.kind,
        service=state.signal.service,
        labels=state.signal.labels,
        reported_by="person",
        affected_users=state.signal.affected_users,
    )
    report = cmd.Report(source, state.scope, (again,))
    return [Submission(once, report, state.id, once=True), note]
