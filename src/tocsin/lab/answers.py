"""Who answers how, as people write it: "primary ignores; secondary acknowledges at +7m; sms down". Pure.

Who is meant is looked up in the rulebook as it stands when the incident opens:

| subject               | is                                                                                       |
|-----------------------|------------------------------------------------------------------------------------------|
| a name or an id       | that person                                                                              |
| `primary`, `secondary`| on call for the team now; whoever takes over next (no schedule: its first, second member)|
| `schedule:ID`         | whoever is on call there                                                                 |
| `team`, `team:ID`     | all members of the owning team, of that team                                             |
| `team lead`           | whoever leads the owning team                                                            |
| `role:ID`             | every holder of the role                                                                 |
| `step N`              | whom the N-th functional step calls while nobody answers                                 |
| `management`          | whoever is asked or has to decide, whatever they do about pages                          |
| `everybody`, `nobody` | all people (`else`, too: closer words win); the same, not doing it                       |

A word about one person beats one about a group, that beats one about everybody; of two alike the later one holds.
Whatever is not said does not happen: everybody is silent, every provider is well.

`after 3m` is three minutes after each call that reached them; `at +7m` is then, once, or when they are first reached if
that is later: who was never reached cannot answer. Who declines does so once. `acknowledges` answers a page, `answers
"option"` an ask or a decision, `accepts` an offer, `confirms` "still on it?". `down` is a provider that fails for now,
`fails` a way that is broken for good. `source resolves at +30m` is the tool itself.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.ids import PersonId, SourceId
from tocsin.core.instant import Duration, Instant
from tocsin.core.oncall.override import Absence
from tocsin.core.outgoing import Purpose
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Action
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Deed, Habit, Happening, Signals, Trouble
from tocsin.lab.grammar import Complaint, Modifier, Sentence, Verb, Word, about, parse
from tocsin.lab.meant import Meant, Scene, parted
from tocsin.lab.when import duration_of, instant_of


class Answers(Struct, frozen=True):
    """What a text comes to. With a complaint that is no note it must not be played: it would be another story.

    `settled` are the people of whom it says what they do, so that nothing else is to be assumed of them. `undated`: it
    says the same of every opening, only later; no word of it means whoever is on call then, or a time on the clock.
    """

    behaviour: Behaviour = Behaviour()
    happenings: tuple[Happening, ...] = ()
    absences: tuple[Absence, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    settled: frozenset[PersonId] = frozenset()
    undated: bool = False

    @property
    def usable(self) -> bool:
        """Whether there is nothing wrong with it."""
        return all(one.note for one in self.complaints)

    def moved(self, by: Duration) -> "Answers":
        """What it says of an opening that is so much later, where it is undated."""
        habits = tuple(
            one if one.since is None else replace(one, since=one.since + by) for one in self.behaviour.habits
        )
        troubles = tuple(
            replace(one, start=one.start + by, end=None if one.end is None else one.end + by)
            for one in self.behaviour.troubles
        )
        return replace(
            self,
            behaviour=Behaviour(troubles, habits),
            happenings=tuple(replace(one, at=one.at + by) for one in self.happenings),
            absences=tuple(replace(one, start=one.start + by, end=one.end + by) for one in self.absences),
        )

    def world(self, world: World) -> World:
        """The world in which those who are said to be away are away, with a memory of its own."""
        facts = replace(world.facts, absences=(*world.facts.absences, *self.absences)) if self.absences else world.facts
        return World(world.rulebook, world.conditions, facts, world.surroundings, world.pinned)


Slot = Literal["page", "question", "offer", "confirm", "resolve"]
"""What one can be silent about or not, each for itself."""

_SLOTS: dict[Slot, tuple[Purpose, ...]] = {
    "page": ("page",),
    "question": ("ask", "decide"),
    "offer": ("offer",),
    "confirm": ("still_on_it",),
    "resolve": ("page",),
}
_ANSWERS: dict[Verb, tuple[Deed, tuple[Slot, ...]]] = {
    "acknowledge": ("acknowledge", ("page",)),
    "take_over": ("take_over", ("page",)),
    "decline": ("decline", ("page", "question", "offer")),
    "accept": ("accept", ("offer",)),
    "answer": ("answer", ("question",)),
    "confirm": ("acknowledge", ("confirm",)),
    "resolve": ("resolve", ("resolve",)),
}
_SOURCE: dict[Verb, Action] = {"acknowledge": "acknowledge", "resolve": "resolve", "fire": "trigger"}


class _Said(Struct, frozen=True):
    """One word about what somebody does in one slot; `rank` is how closely it names them."""

    rank: int
    order: int
    habit: Habit | None


def read(text: str, scene: Scene) -> Answers:
    """What a text comes to in that scene. Never raises; every mistake is told, each with its place."""
    parsed = parse(text)
    reading = _Reading(scene, [*parsed.complaints])
    for order, sentence in enumerate(parsed.sentences):
        reading.outside(sentence, order)
    for order, sentence in enumerate(parsed.sentences):
        reading.answer(sentence, order)
    found = {(one.line, one.column, one.text.key): one for one in reading.complaints}
    return replace(reading.answers(), complaints=tuple(found[place] for place in sorted(found)))


class _Reading:
    """Sentences on the way to a behaviour: first what providers and sources do and who is away, then who answers."""

    def __init__(self, scene: Scene, complaints: list[Complaint]) -> None:
        self.scene = scene
        self.complaints = complaints
        self.meant = Meant(scene, complaints)
        self.dated = False
        self.troubles: list[Trouble] = []
        self.happenings: list[Happening] = []
        self.absences: list[Absence] = []
        self.general: dict[Slot, list[_Said]] = {slot: [] for slot in _SLOTS}
        self.personal: dict[Slot, dict[PersonId, list[_Said]]] = {slot: {} for slot in _SLOTS}

    def answers(self) -> Answers:
        habits = tuple(habit for slot in _SLOTS for habit in self._habits(slot))
        behaviour = Behaviour(tuple(self.troubles), habits)
        undated = not (self.dated or self.meant.dated)
        return Answers(behaviour, tuple(self.happenings), tuple(self.absences), (), self._settled(), undated)

    def _settled(self) -> frozenset[PersonId]:
        if any(self.general.values()):
            return frozenset(map(PersonId, self.scene.world.rulebook.people))
        return frozenset(person for said in self.personal.values() for person in said)

    def outside(self, sentence: Sentence, order: int) -> None:
        """What is no answer: providers, absences, the source."""
        if sentence.verb in ("down", "fail"):
            self._trouble(sentence)
        elif sentence.verb == "away":
            self._away(sentence, order)
        elif sentence.verb == "fire" or any(self.meant.is_source(one) for one in sentence.subjects):
            self._source(sentence)

    def answer(self, sentence: Sentence, order: int) -> None:
        """What people do when something reaches them."""
        if sentence.verb in ("down", "fail", "away", "fire"):
            return
        people = [one for one in sentence.subjects if not self.meant.is_source(one)]
        if people:
            self._habit(sentence, "acknowledge", "page")  # once, so that what is wrong with it is told in any case
        for subject in people:
            self._answer(sentence, subject, order)

    # ------------------------------------------------------------------------------------------ answers

    def _answer(self, sentence: Sentence, subject: tuple[Word, ...], order: int) -> None:
        whom = self.meant.whom(subject, self._quiet)
        if whom is None:
            return
        if whom.kind == "nobody" and sentence.verb == "ignore":
            self.complaints.append(about(subject[0], "nobody_ignores"))
        deed, slots = _ANSWERS.get(sentence.verb, ("acknowledge", tuple(_SLOTS)))
        if whom.kind == "management":
            slots = ("question",)
        for slot in slots:
            silent = sentence.verb == "ignore" or whom.kind == "nobody"
            habit = None if silent else self._habit(sentence, deed, slot)
            said = _Said(whom.rank, order, habit)
            if whom.kind == "people":
                for person in whom.people:
                    self.personal[slot].setdefault(person, []).append(said)
            else:
                self.general[slot].append(said)

    def _habit(self, sentence: Sentence, deed: Deed, slot: Slot) -> Habit:
        after, since = self._duration(sentence, "after"), self._instant(sentence, "at")
        option = self.meant.option(sentence.modifiers.get("option", ()))
        return Habit("", deed, after or 0, _SLOTS[slot], option, since)

    def _habits(self, slot: Slot) -> Iterable[Habit]:
        """Of each the word that names them most closely, of two alike the later one."""
        own = {person: _last(said).habit for person, said in self.personal[slot].items()}
        general = _last(self.general[slot]).habit if self.general[slot] else None
        if general is not None:
            yield replace(general, but=frozenset(own))
        for person, habit in own.items():
            if habit is not None:
                yield replace(habit, person=person)

    def _quiet(self) -> tuple[World, Behaviour, Sequence[Happening]]:
        """The same with nobody answering, for finding out whom a step calls."""
        absent = Answers(absences=tuple(self.absences))
        return absent.world(self.scene.world), Behaviour(tuple(self.troubles)), self.scene.opening()

    # ------------------------------------------------------------------------------------------ the world outside

    def _trouble(self, sentence: Sentence) -> None:
        start = self._instant(sentence, "from", "at")
        start = self.scene.at if start is None else start
        end = self._until(sentence, start)
        people = self._people(sentence) if self._names_people(sentence) else ("",)
        outcome: Literal["passing", "permanent"] = "permanent" if sentence.verb == "fail" else "passing"
        for subject in sentence.subjects:
            method = self.meant.method(subject)
            if method is not None:
                self.troubles += [Trouble(outcome, start, end, method, person) for person in people]

    def _names_people(self, sentence: Sentence) -> bool:
        """Whether `for` is followed by people and not by how long."""
        words = sentence.modifiers.get("for", ())
        return bool(words) and duration_of(words) is None

    def _people(self, sentence: Sentence) -> tuple[str, ...]:
        return tuple(one for part in parted(sentence.modifiers["for"]) for one in self._group(part))

    def _group(self, words: tuple[Word, ...]) -> tuple[str, ...]:
        whom = self.meant.whom(words, self._quiet)
        if whom is None or whom.kind == "people":
            return () if whom is None else whom.people
        return ("",) if whom.kind == "everybody" else ()

    def _away(self, sentence: Sentence, order: int) -> None:
        start = self._instant(sentence, "from")
        start = self.scene.at if start is None else start
        end = self._until(sentence, start) or self.scene.until + 1
        for subject in sentence.subjects:
            whom = self.meant.whom(subject, self._quiet)
            if whom is None or whom.kind == "nobody":
                continue
            people = whom.people if whom.kind == "people" else tuple(self.scene.world.rulebook.people)
            self.absences += [Absence(f"what-if-{order + 1}", PersonId(one), start, end) for one in people]

    def _source(self, sentence: Sentence) -> None:
        action, at = _SOURCE.get(sentence.verb), self._instant(sentence, "at")
        after = self._duration(sentence, "after")
        if action is None:
            self.complaints.append(about(sentence.said, "not_a_source", verb=sentence.said.text))
        elif at is None and after is None:
            self.complaints.append(about(sentence.said, "no_time", Phrase("lab.answers.write_at")))
        else:
            signal = replace(self.scene.signal, action=action, at=None)
            when = self.scene.at + (after or 0) if at is None else at
            self.happenings.append(Happening(when, Signals(SourceId(self.scene.source), (signal,))))
        others = [one for one in sentence.subjects if not self.meant.is_source(one)]
        if sentence.verb == "fire" and others:
            self.complaints.append(about(others[0][0], "only_a_source", verb=sentence.said.text))

    # ------------------------------------------------------------------------------------------ times

    def _until(self, sentence: Sentence, start: Instant) -> Instant | None:
        words = sentence.modifiers.get("for", ())
        lasting = duration_of(words) if words else None
        end = self._instant(sentence, "until") if lasting is None else start + lasting
        if end is not None and end <= start:
            self.complaints.append(about(sentence.modifiers["until" if lasting is None else "for"][0], "ends_first"))
        return end

    def _instant(self, sentence: Sentence, *names: Modifier) -> Instant | None:
        words = next((sentence.modifiers[name] for name in names if name in sentence.modifiers), None)
        if words is None:
            return None
        self.dated |= not words[0].text.startswith("+")
        at = instant_of(words, self.scene.at, self.scene.world.rulebook.timezone)
        if at is None:
            hint = Phrase("lab.answers.write_at")
            self.complaints.append(about(words[0], "no_such_time", hint, word=" ".join(one.text for one in words)))
        elif at < self.scene.at:
            self.complaints.append(about(words[0], "before_opening", word=" ".join(one.text for one in words)))
        return at

    def _duration(self, sentence: Sentence, name: Modifier) -> Duration | None:
        words = sentence.modifiers.get(name)
        lasting = duration_of(words) if words else None
        if words and lasting is None:
            hint = Phrase("lab.answers.write_after")
            self.complaints.append(about(words[0], "no_duration", hint, word=" ".join(one.text for one in words)))
        return lasting


def _last(said: Sequence[_Said]) -> _Said:
    return max(said, key=lambda one: (one.rank, one.order))
