"""A word to one person that is about no incident: by the first way of their routine ladder that works."""

from sqlalchemy import Connection

from tocsin.core.ids import IncidentId, PersonId
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.outgoing import Message, Purpose
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Rulebook
from tocsin.lib import moments
from tocsin.lib.translate import ENGLISH, spoken_in
from tocsin.store import people


class Reading:
    """How one person reads times: on their own clock, in their own language."""

    def __init__(self, connection: Connection, person: PersonId, book: Rulebook) -> None:
        row = people.find(connection, person) or people.PersonRow(person)
        self.zone = row.zone or book.timezone
        self.language = spoken_in(row.language) or ENGLISH

    def stretch(self, start: Instant, end: Instant) -> str:
        """From when to when."""
        return moments.stretch(start, end, self.zone, language=self.language)


def notice(
    id_: str, to: PersonId, text: Phrase, purpose: Purpose, now: Instant, book: Rulebook, facts: Facts
) -> Message | None:
    """The message; None for somebody whom nothing reaches."""
    ladder, ways = facts.contact.get(to, book.contact), facts.methods.get(to, {})
    wanted = [entry.method for entry in (*ladder.routine, *ladder.urgent)]
    method = next((one for one in (*wanted, *ways) if ways.get(one, "broken") != "broken"), None)
    if method is None:
        return None
    return Message(
        id=id_, incident=IncidentId(""), seq=0, purpose=purpose, to=to, method=method, lane="routine", round=0,
        due_at=now, text=text,
    )  # fmt: skip
