"""A message gets its words and its address: at the moment of sending, from the incident as it stands then."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import MsgspecError, Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.access.links import Links
from tocsin.channels.contract import Choice, Letter, Outcome
from tocsin.core.incident.outgoing import UPDATE
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.outgoing import Message
from tocsin.core.phrase import by_id, named
from tocsin.core.signal import Link as Reference
from tocsin.core.world import World
from tocsin.engine.clock import Clock
from tocsin.engine.foretell import sentence
from tocsin.engine.site import Worlds
from tocsin.engine.trial import reference, tried
from tocsin.engine.working import decode_state
from tocsin.lib.logs import logger
from tocsin.lib.translate import ENGLISH, say, spoken_in, text
from tocsin.store import people, texts
from tocsin.store.contract import Ledger
from tocsin.store.people import PersonRow, Way
from tocsin.store.queries.states import states_of

DELAYED = 2 * MINUTE
"""A message this late says so in its first words."""

log = logger("letters")

ACTIONS = {"page": "acknowledge", "still_on_it": "still_on_it", "ask": "seen"}

Built = tuple[Letter, str] | Outcome
"""A letter and where it goes; or what came of the message without one: nothing leads there, it cannot be written."""


class _Known(Struct, frozen=True):
    """What was read for a lot of letters. A state that cannot be read is why, instead."""

    world: World
    now: Instant
    persons: Mapping[str, PersonRow]
    names: Mapping[str, str]
    addresses: Mapping[Way, str]
    states: Mapping[str, Incident | Exception]
    texts: Mapping[str, str]
    trials: Mapping[str, str]


class Letters:
    """Builds letters; addresses and names come from the store and go nowhere else."""

    def __init__(self, ledger: Ledger, worlds: Worlds, links: Links, clock: Clock) -> None:
        self._ledger = ledger
        self._worlds = worlds
        self._links = links
        self._clock = clock
        self._persons: tuple[World, Mapping[str, PersonRow], Mapping[str, str]] | None = None

    def all(self, messages: Sequence[Message]) -> dict[str, Built]:
        """The letters of these messages, by their ids, out of one look at the store; one that fails costs no other."""
        try:
            world, now = self._worlds.world(), self._clock.now()
            with self._ledger.read() as connection:
                known = self._known(connection, messages, world, now)
        except Exception as problem:
            log.exception("letters_failed", messages=len(messages))
            return dict.fromkeys((message.id for message in messages), _unwritten(problem))
        return {message.id: self._built(message, known) for message in messages}

    def _known(self, connection: Connection, messages: Sequence[Message], world: World, now: Instant) -> _Known:
        bodies = states_of(connection, {message.incident for message in messages})
        states = {id_: _state(id_, body) for id_, body in bodies.items()}
        kept = {state.text for state in states.values() if isinstance(state, Incident) and state.text}
        kept |= {key for message in messages if (key := _news(message))}
        return _Known(
            world,
            now,
            *self._everybody(connection, world),
            people.addresses(connection, {(message.to, message.method) for message in messages}),
            states,
            _texts(connection, kept),
            _trials(connection, messages),
        )

    def _everybody(self, connection: Connection, world: World) -> tuple[Mapping[str, PersonRow], Mapping[str, str]]:
        """People and their names, read once for each world: it is made anew when one of them changes."""
        if self._persons is None or self._persons[0] is not world:
            persons = people.persons(connection)
            self._persons = (world, persons, {id_: person.name or id_ for id_, person in persons.items()})
        return self._persons[1:]

    def _built(self, message: Message, known: _Known) -> Built:
        way = tried(message)
        address = known.trials.get(way) if way else known.addresses.get((message.to, message.method))
        if address is None:
            return Outcome("permanent", f"no {message.method} address")
        state = known.states.get(message.incident)
        if isinstance(state, Exception):
            return _unwritten(state)
        try:
            plain = _plain(message, state, known)
        except Exception as problem:
            log.exception("letter_failed", message=message.id)
            return _unwritten(problem)
        if state is None:
            return plain, address
        try:
            return self._about(plain, state, message, known), address
        except Exception:
            log.exception("letter_plain", message=message.id)
            return plain, address

    def _about(self, plain: Letter, state: Incident, message: Message, known: _Known) -> Letter:
        signal = state.signal
        incident_url = self._links.link_for(message, plain.sent_at)
        act = ACTIONS.get(message.purpose, "")
        return replace(
            plain,
            text="" if state.confidential else known.texts.get(state.text, ""),
            service=state.service or "",
            priority=state.priority,
            severity=state.severity,
            status=state.status,
            owner=known.names.get(state.owner or "", state.owner or ""),
            since=state.opened_at,
            next=sentence(state, known.world, known.now, known.names, plain.language) if state.live else "",
            news="" if state.confidential else known.texts.get(_news(message), ""),
            question=_question(state, message, plain.language),
            labels={} if state.confidential or signal is None else signal.labels,
            links=() if state.confidential else tuple(_references(state, known.world, plain.language)),
            incident_url=incident_url,
            act_label=text(f"action.{act}", {}, plain.language) if act else "",
            act_url=incident_url if act else "",
            choices=self._choices(message, plain.sent_at, plain.language),
        )

    def _choices(self, message: Message, now: Instant, language: str) -> tuple[Choice, ...]:
        ours = message.purpose == "offer"
        labels = {option: text(f"action.{option}", {}, language) if ours else option for option in message.options}
        return tuple(Choice(label, self._links.link_for(message, now, option)) for option, label in labels.items())


def _unwritten(problem: Exception) -> Outcome:
    return Outcome("passing", f"no letter: {type(problem).__name__}: {problem}"[:300])


def _state(incident: str, body: bytes) -> Incident | Exception:
    try:
        return decode_state(body)
    except Exception as problem:
        log.exception("state_unreadable", incident=incident)
        return problem


def _texts(connection: Connection, keys: Collection[str]) -> Mapping[str, str]:
    """Where one cannot be read, the letters go without."""
    try:
        return texts.find_all(connection, keys)
    except MsgspecError:
        log.exception("texts_unreadable", keys=len(keys))
        return {}


def _trials(connection: Connection, messages: Sequence[Message]) -> Mapping[str, str]:
    """Where trials go: to the very addresses that they try."""
    persons = {message.to for message in messages if tried(message)}
    return {reference(way): way.address for person in persons for way in people.of(connection, person)}


def _plain(message: Message, state: Incident | None, known: _Known) -> Letter:
    """The letter with all that needs no state but its title."""
    person = known.persons.get(message.to, PersonRow(message.to))
    book, language = known.world.rulebook, spoken_in(person.language) or ENGLISH
    return Letter(
        id=message.id,
        incident=message.incident,
        purpose=message.purpose,
        title=say(message.text, language) if state is None else _title(state, language),
        thread=message.incident or message.id,
        sent_at=known.now,
        to_name=person.name,
        organisation=book.organisation,
        urgent=message.lane != "routine",
        delayed_minutes=_delay(message, known.now),
        zone=person.zone or book.timezone,
        language=language,
        reason=say(named(message.text, by_id(known.names)), language),
    )


def _news(message: Message) -> str:
    """The key of what somebody wrote for those who are informed, '' where the message is no update."""
    return message.text.values.get("text", "") if message.text.key == UPDATE else ""


def _title(state: Incident, language: str) -> str:
    return text("letter.confidential", {}, language) if state.confidential else state.title


def _delay(message: Message, now: Instant) -> int:
    late = now - message.due_at
    return late // MINUTE if late >= DELAYED else 0


def _question(state: Incident, message: Message, language: str) -> str:
    request = state.request_of(message.request) if message.request else None
    return say(request.text, language) if request is not None else ""


def _references(state: Incident, world: World, language: str) -> Iterable[Reference]:
    service = world.rulebook.services.get(state.service or "")
    if service is not None and service.runbook:
        yield Reference(service.runbook, text("letter.runbook", {}, language))
    if state.signal is not None:
        yield from state.signal.links
