"""Who people are to a reader: everybody's name, and the zone and language of whoever looks; never long out of date."""

from collections.abc import Mapping

from sqlalchemy import Connection

from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.store import people
from tocsin.store.people import PersonRow

EVERY: Duration = 2 * SECOND
"""How old what is known may be."""

Names = Mapping[str, str]


class Directory:
    """Remembers what was read. `names` stays the same value for as long as nobody's name changes."""

    def __init__(self) -> None:
        self._names: Names = {}
        self._read_at: Instant | None = None
        self._persons: dict[str, tuple[PersonRow, Instant]] = {}

    def names(self, connection: Connection, steady: Instant) -> Names:
        """Everybody's name by id; `steady` is a clock that never goes back."""
        if self._read_at is None or steady - self._read_at >= EVERY:
            found, self._read_at = people.names(connection), steady
            self._names = self._names if found == self._names else found
        return self._names

    @property
    def latest(self) -> Names:
        """The names as they were last read."""
        return self._names

    def known(self, person: str, steady: Instant) -> PersonRow | None:
        """What is remembered of a person; None when it has to be read again."""
        row, read_at = self._persons.get(person, (None, 0))
        return row if row is not None and steady - read_at < EVERY else None

    def person(self, connection: Connection, person: str, steady: Instant) -> PersonRow:
        """A person, known by their id alone where nothing else is."""
        row = people.find(connection, person) or PersonRow(person, person)
        self._persons[person] = (row, steady)
        return row

    def forget(self, person: str) -> None:
        """They have changed something: the next page reads it."""
        self._persons.pop(person, None)
