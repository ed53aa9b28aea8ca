"""Whom the words of the language of answers mean, in one rulebook at one instant."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.people import Team
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, ScheduleId, SourceId
from tocsin.core.incident import events as ev
from tocsin.core.incident.opening import route
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import nominal
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Signal
from tocsin.core.steps import Decide
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Happening, Signals
from tocsin.lab.grammar import JOINTS, Complaint, Word, about, did_you_mean, spoken
from tocsin.lab.simulator import play


class Scene(Struct, frozen=True):
    """Where answers are given: `signal` of `source` opens an incident at `at`; it is watched to `until`.

    `names` are people's by their ids, as far as whoever asks knows them.
    """

    world: World
    at: Instant
    until: Instant
    signal: Signal
    source: SourceId = SourceId("simulation")
    names: Mapping[str, str] = {}

    def opening(self) -> tuple[Happening, ...]:
        """The signal that opens it."""
        return (Happening(self.at, Signals(self.source, (self.signal,))),)


class Whom(Struct, frozen=True):
    """Who is meant, and how closely that names them: everybody 0, management 1, a group 2, a person 3."""

    kind: Literal["people", "everybody", "nobody", "management"]
    people: tuple[PersonId, ...] = ()
    rank: int = 0


Quiet = Callable[[], tuple[World, Behaviour, Sequence[Happening]]]
"""The world with nobody answering, to be played."""

LOOKED_AT = 20_000
"""Things that are done to find out whom a step calls."""

METHODS = ("push", "email", "sms", "voice", "webhook")
EVERYTHING = ("everything", "all", "providers", "every provider", "all providers")
_GENERAL = {
    "everybody": Whom("everybody"),
    "everyone": Whom("everybody"),
    "all": Whom("everybody"),
    **{f"{who} else": Whom("everybody") for who in ("everybody", "everyone")},
    **{f"{who}others": Whom("everybody") for who in ("", "all ")},
    "rest": Whom("everybody"),
    "nobody": Whom("nobody"),
    "no one": Whom("nobody"),
    "management": Whom("management", rank=1),
    "mgmt": Whom("management", rank=1),
}
_WORDS = ("primary", "secondary", "team", "step 1", "management", "everybody", "nobody", "source")


def parted(words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """Names that are joined by `and` or commas."""
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.lower in JOINTS:
            parts.append([])
        else:
            parts[-1].append(word)
    return tuple(tuple(part) for part in parts if part)


class Meant:
    """Looks words up, and complains of those that mean nobody. `dated`: some mean others at another time."""

    def __init__(self, scene: Scene, complaints: list[Complaint]) -> None:
        self.scene = scene
        self.book = scene.world.rulebook
        self.complaints = complaints
        self.team = self.book.teams.get(route(scene.signal, scene.source, self.book).team)
        self._named = _by_name(self.book.people, scene.names)
        self._steps: dict[int, tuple[PersonId, ...]] | None = None
        self.dated = False

    def is_source(self, words: Sequence[Word]) -> bool:
        """Whether it is the source that is meant: the word, or its id."""
        said = spoken(words)
        return said.lower() == "source" or (said == self.scene.source and said.lower() not in self._named)

    def whom(self, words: Sequence[Word], quiet: Quiet) -> Whom | None:
        """Who is meant; None, and a complaint, where the words mean nobody."""
        said = spoken(words)
        lower = said.lower()
        if lower in self._named:
            return Whom("people", self._named[lower], 3)
        if lower in _GENERAL and not words[0].quoted:
            return _GENERAL[lower]
        if lower in ("primary", "secondary"):
            return self._responder(words[0], int(lower == "secondary"))
        if lower.split(" ")[0] == "step":
            return self._step(words, quiet)
        if lower in ("lead", "team lead", "team.lead") and self.team is not None and self.team.lead is not None:
            return Whom("people", (self.team.lead,), 2)
        return self._group(words)

    def method(self, words: Sequence[Word]) -> str | None:
        """A method of reaching people, '' for all of them."""
        said = spoken(words).lower().removeprefix("provider ").removesuffix(" provider")
        known = {*METHODS, *(method for ways in self.scene.world.facts.methods.values() for method in ways)}
        known |= {entry.method for entry in (*self.book.contact.urgent, *self.book.contact.routine)}
        if said in EVERYTHING:
            return ""
        if said in known:
            return said
        hint = did_you_mean(said, sorted(known)) or Phrase("lab.answers.methods", {"methods": ", ".join(sorted(known))})
        self.complaints.append(about(words[0], "unknown_method", hint, word=spoken(words)))
        return None

    def option(self, words: Sequence[Word]) -> str:
        """An option of some decision of this rulebook, as it is written there."""
        if not words:
            return ""
        steps = [step for policy in self.book.policies.values() for step in policy.hierarchical]
        known = {one.lower(): one for step in steps if isinstance(step, Decide) for one in step.options}
        said = spoken(words)
        if said.lower() in known:
            return known[said.lower()]
        options = Phrase("lab.answers.options", {"options": ", ".join(known.values())}) if known else None
        self.complaints.append(about(words[0], "unknown_option", did_you_mean(said, [*known]) or options, word=said))
        return said

    def _responder(self, word: Word, by: int) -> Whom:
        people = () if self.team is None else self._of_team(self.team, by)
        if not people:
            team = "" if self.team is None else self.team.id
            self.complaints.append(about(word, "nobody_there", note=True, word=word.text, team=team))
        return Whom("people", people, 3)

    def _of_team(self, team: Team, by: int) -> tuple[PersonId, ...]:
        self.dated = True
        if team.on_call is not None:
            return self._on_call(team.on_call, by)
        present = [one for one in team.members if not self.scene.world.absent(one, self.scene.at)]
        return tuple(present[by : by + 1])

    def _on_call(self, schedule: ScheduleId, by: int = 0) -> tuple[PersonId, ...]:
        self.dated = True
        if schedule not in self.book.schedules:
            return ()
        return self.scene.world.roster(schedule, self.scene.at, by).people

    def _group(self, words: Sequence[Word]) -> Whom | None:
        kind, _, name = spoken(words).partition(":")
        kind, name = kind.lower(), name.strip()
        if kind == "team" and not name and self.team is not None:
            return Whom("people", self.team.members, 2)
        if kind == "person" and name in self.book.people:
            return Whom("people", (PersonId(name),), 3)
        if kind == "schedule" and name in self.book.schedules:
            return Whom("people", self._on_call(ScheduleId(name)), 2)
        if kind == "team" and name in self.book.teams:
            return Whom("people", self.book.teams[name].members, 2)
        if kind == "role" and name in self.book.roles:
            return Whom("people", self._holders(Target("role", name)), 2)
        self._unknown(words)
        return None

    def _holders(self, target: Target) -> tuple[PersonId, ...]:
        """Every holder of a role, whoever is on call where one is a schedule."""
        turn = Turn(Incident(id="INC-0"), self.scene.world, self.scene.at)  # type: ignore[arg-type]
        people: list[PersonId] = []
        for holder in self.book.roles[target.name].holders:
            if holder.kind == "schedule":
                people += self._on_call(ScheduleId(holder.name))
            else:
                people += nominal(turn, holder)
        return tuple(dict.fromkeys(people))

    def _step(self, words: Sequence[Word], quiet: Quiet) -> Whom | None:
        number = spoken(words[1:])
        if not (number.isascii() and number.isdigit() and 0 < len(number) < 4):
            self.complaints.append(about(words[0], "no_step", Phrase("lab.answers.write_step")))
            return None
        self.dated = True
        if self._steps is None:
            self._steps = _called_by(*quiet(), self.scene.until)
        people = self._steps.get(int(number), ())
        if not people:
            self.complaints.append(about(words[0], "silent_step", note=True, n=number))
        return Whom("people", people, 2)

    def _unknown(self, words: Sequence[Word]) -> None:
        book = self.book
        known = [*_WORDS, *book.people, *self.scene.names.values()]
        known += [f"schedule:{one}" for one in book.schedules] + [f"team:{one}" for one in book.teams]
        known += [f"role:{one}" for one in book.roles]
        hint = did_you_mean(spoken(words), known) or Phrase("lab.answers.subjects")
        self.complaints.append(about(words[0], "unknown_subject", hint, word=spoken(words)))


def _by_name(people: Mapping[str, object], names: Mapping[str, str]) -> dict[str, tuple[PersonId, ...]]:
    """Ids and names in small letters; of a name that several bear all are meant. An id is never somebody's name."""
    found: dict[str, tuple[PersonId, ...]] = {}
    for id_ in people:
        name = " ".join(names.get(id_, "").lower().split())
        if name:
            found[name] = (*found.get(name, ()), PersonId(id_))
    return found | {id_.lower(): (PersonId(id_),) for id_ in people}


def _called_by(
    world: World, behaviour: Behaviour, happenings: Sequence[Happening], until: Instant
) -> dict[int, tuple[PersonId, ...]]:
    """Whom each functional step calls in its first lap, by its number from 1."""
    found: dict[int, tuple[PersonId, ...]] = {}
    step = 0
    for one in play(world, happenings, until, behaviour, LOOKED_AT).told:
        event = one.event
        if isinstance(event, ev.StepEntered) and event.cursor.lap == 0:
            step = event.cursor.position + 1
            found[step] = event.cursor.called
        elif isinstance(event, ev.Called) and step:
            found[step] = (*found[step], event.person)
    return found
