"""What became of each message to somebody: read from the facts by the rules that sent and withdrew them."""

from collections.abc import Iterable

from msgspec.structs import replace

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.incident.state import Incident
from tocsin.core.incident.telling import tell
from tocsin.core.outgoing import Message
from tocsin.lab.why.answer import Fate, Letter


class Letters:
    """The messages to one person, fact by fact."""

    def __init__(self, person: PersonId) -> None:
        self._person = person
        self._known: dict[str, tuple[Message, Letter]] = {}

    def take(self, event: ev.Event, state: Incident) -> None:
        """One fact, `state` being the incident just after it."""
        for gone in withdrawn(event, state):
            for message, letter in list(self._known.values()):
                if gone.means(message) and not _over(letter):
                    self._add(message.id, Fate(event.at, "withdrawn", tell(event).what))
        if isinstance(event, ev.Delivery) and event.message in self._known:
            self._add(event.message, Fate(event.at, event.outcome, detail=event.detail))
        for message in outgoing(event, state):
            if message.to == self._person and message.id not in self._known:
                letter = Letter(message.id, message.method, message.purpose, message.due_at, message.text)
                self._known[message.id] = (message, letter)

    def _add(self, name: str, fate: Fate) -> None:
        message, letter = self._known[name]
        self._known[name] = (message, replace(letter, fates=(*letter.fates, fate)))

    def all(self) -> tuple[Letter, ...]:
        """All so far, in the order in which they were meant to leave."""
        return tuple(letter for _, letter in self._known.values())


def _over(letter: Letter) -> bool:
    """Whether nothing more becomes of it; what failed for now is tried again."""
    return bool(letter.fates) and letter.fates[-1].outcome != "passing"


def arrived(letters: Iterable[Letter]) -> list[Fate]:
    """The hand-offs that succeeded, in order."""
    return sorted((fate for one in letters for fate in one.fates if fate.outcome == "sent"), key=lambda one: one.at)
