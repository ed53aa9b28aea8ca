"""A message gets its words and its address: at the moment of sending, from the incident as it stands then."""

from msgspec.structs import replace

from tocsin.access.links import Links
from tocsin.channels.contract import Choice, Letter
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.outgoing import Message
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Link as Reference
from tocsin.engine.clock import Clock
from tocsin.engine.foretell import named, sentence
from tocsin.engine.site import Worlds
from tocsin.engine.working import decode_state
from tocsin.lib.logs import logger
from tocsin.lib.translate import ENGLISH, say, spoken_in, text
from tocsin.store import people, texts
from tocsin.store.contract import Claimed, Ledger
from tocsin.store.queries.states import state_of

DELAYED = 2 * MINUTE
"""A message this late says so in its first words."""

log = logger("letters")

ACTIONS = {"page": "acknowledge", "still_on_it": "still_on_it", "ask": "seen"}


class Letters:
    """Builds letters; addresses and names come from the store and go nowhere else."""

    def __init__(self, ledger: Ledger, worlds: Worlds, links: Links, clock: Clock) -> None:
        self._ledger = ledger
        self._worlds = worlds
        self._links = links
        self._clock = clock

    def letter(self, message: Message, row: Claimed) -> tuple[Letter, str] | None:
        """The letter and where it goes; None when nothing leads there any more."""
        world, now = self._worlds.world(), self._clock.now()
        with self._ledger.read() as connection:
            address = people.address(connection, message.to, message.method)
            person = people.find(connection, message.to)
            body = state_of(connection, message.incident)
            state = None if body is None else decode_state(body)
            long_text = texts.find(connection, state.text) if state is not None and state.text else ""
            names = people.names(connection)
        if address is None:
            return None
        name, zone, wish = (person.name, person.zone, person.language) if person else ("", "", "")
        language = spoken_in(wish) or ENGLISH
        plain = Letter(
            id=row.id,
            incident=message.incident,
            purpose=message.purpose,
            title=say(message.text, language) if state is None else _title(state, language),
            thread=message.incident or row.id,
            sent_at=now,
            to_name=name,
            organisation=world.rulebook.organisation,
            urgent=message.lane != "routine",
            delayed_minutes=_delay(message, now),
            zone=zone or world.rulebook.timezone,
            language=language,
            reason=say(named(message.text, names), language),
        )
        if state is None:
            return plain, address
        owner = names.get(state.owner or "", state.owner or "")
        try:
            about = self._about(plain, state, message, long_text, world.rulebook, owner)
            return replace(about, next=sentence(state, world, now, names, language) if state.live else ""), address
        except Exception:
            log.exception("letter_plain", message=row.id)
            return plain, address

    def _about(
        self, plain: Letter, state: Incident, message: Message, long_text: str, book: Rulebook, owner: str
    ) -> Letter:
        signal = state.signal
        incident_url = self._links.link_for(message, plain.sent_at)
        act = ACTIONS.get(message.purpose, "")
        return replace(
            plain,
            text="" if state.confidential else long_text,
            service=state.service or "",
            priority=state.priority,
            severity=state.severity,
            status=state.status,
            owner=owner,
            since=state.opened_at,
            question=_question(state, message, plain.language),
            labels={} if state.confidential or signal is None else signal.labels,
            links=() if state.confidential else _references(state, book, plain.language),
            incident_url=incident_url,
            act_label=text(f"action.{act}", {}, plain.language) if act else "",
            act_url=incident_url if act else "",
            choices=self._choices(message, plain.sent_at, plain.language),
        )

    def _choices(self, message: Message, now: Instant, language: str) -> tuple[Choice, ...]:
        ours = message.purpose == "offer"
        labels = {option: text(f"action.{option}", {}, language) if ours else option for option in message.options}
        return tuple(Choice(label, self._links.link_for(message, now, option)) for option, label in labels.items())


def _title(state: Incident, language: str) -> str:
    return text("letter.confidential", {}, language) if state.confidential else state.title


def _delay(message: Message, now: Instant) -> int:
    late = now - message.due_at
    return late // MINUTE if late >= DELAYED else 0


def _question(state: Incident, message: Message, language: str) -> str:
    request = state.request_of(message.request) if message.request else None
    return say(request.text, language) if request is not None else ""


def _references(state: Incident, book: Rulebook, language: str) -> tuple[Reference, ...]:
    links = state.signal.links if state.signal is not None else ()
    service = book.services.get(state.service or "")
    if service is None or not service.runbook:
        return links
    return (Reference(service.runbook, text("letter.runbook", {}, language)), *links)
