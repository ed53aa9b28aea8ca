"""What people do in a story: words of a script become commands."""

from collections.abc import Callable
from typing import get_args

from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.ids import PersonId, RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.lab.story.stage import Stage
from tocsin.lab.story.story import Line, Story, StoryError, clock_of


class Deed:
    """One deed of a line: who does what, with what words, to an incident as it stands."""

    def __init__(self, story: Story, line: Line, state: Incident) -> None:
        self._story = story
        self._line = line
        self._state = state
        self._words = dict(line.does or {})
        self.by = PersonId(line.who)

    def command(self) -> cmd.Command:
        """The command; a word that it does not take is an error of the story."""
        verb = self._words.pop("verb").replace(" ", "_")
        if verb not in VERBS:
            raise StoryError(f"{verb} is nothing that people do; they {', '.join(sorted(VERBS))}")
        made = VERBS[verb](self)
        if self._words:
            raise StoryError(f"{verb} takes no {', '.join(sorted(self._words))}")
        return made

    def text(self, name: str, other: str = "") -> str:
        return self._words.pop(name, other)

    def instant(self, name: str) -> Instant | None:
        given = self._words.pop(name, None)
        return None if given is None else clock_of(self._story, self._line.at).peek(given)

    def target(self) -> Target:
        return _target(self.text("to"))

    def request(self) -> RequestId:
        """The one named, else the latest that was put to this person."""
        given = self._words.pop("request", None)
        if given is not None:
            return RequestId(given)
        mine = [one.id for one in self._state.requests if self.by in one.asked]
        if not mine:
            raise StoryError(f"{self.by} was asked nothing that is still open")
        return mine[-1]


def receipt(line: Line, state: Incident) -> cmd.Command:
    """What a provider says later: `receipt: {ann: voice, outcome: rung_out}`."""
    words = dict(line.receipt or {})
    outcome = words.pop("outcome")
    if outcome not in get_args(cmd.Outcome) or len(words) != 1:
        raise StoryError("a receipt names one person with a method, and an outcome: {ann: voice, outcome: rung_out}")
    ((person, method),) = words.items()
    numbers = [one.number for one in state.rounds if one.person == person] or [0]
    message = f"{state.id}.{numbers[-1]}.{person}.{method}"
    return cmd.Receipt(message, numbers[-1], person, method, outcome)  # type: ignore[arg-type]


def _target(text: str) -> Target:
    if text in WORDS:
        return Target("word", text)
    kind, _, name = text.partition(":")
    kinds: dict[str, TargetKind] = {known: known for known in get_args(TargetKind) if known != "word"}
    if kind not in kinds or not name:
        raise StoryError(f"{text!r} names nobody; write person:ID, team:ID, role:ID, schedule:ID or manager:1")
    return Target(kinds[kind], name)


def _priority(deed: Deed) -> cmd.Command:
    return cmd.SetPriority(deed.by, deed.text("priority"), deed.text("reason", "because"))  # type: ignore[arg-type]


def _escalate(deed: Deed) -> cmd.Command:
    ladder = deed.text("ladder", "functional")
    to = _target(named) if (named := deed.text("to")) else None
    return cmd.Escalate(deed.by, ladder, deed.text("reason", "it is worse"), to)  # type: ignore[arg-type]


VERBS: dict[str, Callable[[Deed], cmd.Command]] = {
    "acknowledge": lambda deed: cmd.Acknowledge(deed.by, deed.instant("eta")),
    "acknowledge_by_link": lambda deed: cmd.Acknowledge(deed.by, soft=True),
    "take_over": lambda deed: cmd.TakeOver(deed.by, deed.instant("eta")),
    "unacknowledge": lambda deed: cmd.Unacknowledge(deed.by, deed.text("reason")),
    "answer": lambda deed: cmd.Answer(deed.by, deed.request(), deed.text("option"), deed.text("text")),
    "accept": lambda deed: cmd.Accept(deed.by, deed.request()),
    "decline": lambda deed: cmd.Decline(deed.by, deed.request()),
    "decline_the_page": lambda deed: cmd.Decline(deed.by),
    "resolve": lambda deed: cmd.Resolve(deed.by, deed.text("reason")),
    "reopen": lambda deed: cmd.Reopen(deed.by, deed.text("reason")),
    "close": lambda deed: cmd.Close(deed.by),
    "escalate": _escalate,
    "reassign": lambda deed: cmd.Reassign(deed.by, deed.target(), deed.text("reason")),
    "snooze": lambda deed: cmd.Snooze(deed.by, deed.instant("until")),
    "pend": lambda deed: cmd.Pend(deed.by, deed.text("reason"), deed.instant("until")),
    "note": lambda deed: cmd.Note(deed.by, deed.text("text", "t1")),
    "post_update": lambda deed: cmd.PostUpdate(deed.by, deed.text("text", "t2")),
    "link": lambda deed: cmd.Link(deed.by, deed.text("to"), deed.text("relation", "related")),  # type: ignore[arg-type]
    "unlink": lambda deed: cmd.Unlink(deed.by, deed.text("to")),
    "priority": _priority,
    "undo": lambda deed: cmd.Undo(deed.by),
}


def put(story: Story, line: Line, stage: Stage) -> str:
    """Do what the line says people or providers do; '' or the code of the refusal."""
    state = stage.state(line.incident)
    if line.receipt is not None:
        return stage.put(line.incident, receipt(line, state))
    return stage.put(line.incident, Deed(story, line, state).command())
