"""A story: a whole incident as a plain file, read into values.

    story: what it shows, in a sentence
    scenario: S1, of: 8            only where it plays a numbered scenario: every number must stand in the script
    rulebook: acme                 a file of that name, or the text of a rulebook (a block)
    start: 2026-01-06 02:14        civil time in the rulebook's zone, or with Z at the end
    reach: {ann: [push, voice]}    ways to people, where they are not the addresses of the rulebook
    away: [{person: tom, from: ..., until: ...}]
    overrides: [{schedule: infra, person: tom, mode: replace, of: ann, from: ..., until: ...}]
    troubles: [{outcome: passing, from: ..., until: ..., method: email, person: ann}]
    script:                        in order of time; every part of a line but `at` or `later` may be left out
      - {n: 1, at: "02:14:05", from: prometheus, body: {...}, expect: {...}}
      - {n: 2, at: "+5m", ann: acknowledge, expect: {owner: ann}}
      - {n: 3, later: why it cannot be shown yet}
    happened: {INC-1: [...]}       the facts of each incident as they were told once, a line each

Every scalar is text; its place says what it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from msgspec import Struct

from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Absence, Facts, MethodState, Mode, Override
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Trouble
from tocsin.lab.clock import Clock

PARTS = frozenset(
    {
        "story",
        "scenario",
        "of",
        "rulebook",
        "start",
        "reach",
        "away",
        "overrides",
        "troubles",
        "script",
        "notes",
        "happened",
    }
)
NOT_A_DEED = frozenset({"n", "at", "later", "says", "incident", "from", "body", "receipt", "expect"})


class StoryError(ValueError):
    """A story is not written as it must be; the text says where and what."""


class Line(Struct, frozen=True):
    """One line of the script: perhaps a number, something that happens, and what must hold right after it."""

    at: Instant
    number: int | None = None
    later: str = ""
    incident: int = 1
    source: str = ""
    body: dict[str, Any] | list[Any] | None = None
    receipt: dict[str, str] | None = None
    who: str = ""
    does: dict[str, str] | None = None
    expect: dict[str, Any] = {}


class Story(Struct, frozen=True):
    """A story ready to be played. `of` is how many numbered lines its scenario has, `text` its rulebook's.

    `happened` are the facts of each incident as they were told once, in the words of `record`.
    """

    name: str
    title: str
    world: World
    behaviour: Behaviour
    start: Instant
    script: tuple[Line, ...]
    scenario: str = ""
    of: int = 0
    text: str = ""
    happened: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return f"Story({self.name}: {self.behaviour.troubles} {self.script})"

    @property
    def zone(self) -> str:
        """The zone in which its times are written."""
        return self.world.rulebook.timezone


def story_of(name: str, raw: Mapping[str, Any], rulebook: Rulebook, ways: Mapping[str, Sequence[str]]) -> Story:
    """The story in a file of that name. `ways` lead to people by the rulebook. Raises StoryError."""
    _only_known(raw)
    clock = Clock(rulebook.timezone)
    try:
        return Story(
            name=name,
            title=str(_the(raw, "story")),
            start=clock.read(str(_the(raw, "start"))),
            world=World(rulebook, compile_all(rulebook.conditions), _facts(raw, ways, clock)),
            behaviour=Behaviour(tuple(_trouble(one, clock) for one in _many(raw, "troubles"))),
            script=tuple(_line(one, clock, rulebook) for one in _many(raw, "script")),
            scenario=str(raw.get("scenario", "")),
            of=int(raw.get("of", 0)),
            happened={who: tuple(lines) for who, lines in _named(raw, "happened").items()},
        )
    except StoryError as error:
        raise StoryError(f"{name}: {error}") from None
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise StoryError(f"{name}: it is not written as a story is: {error}") from error


def _only_known(raw: Mapping[str, Any]) -> None:
    if unknown := sorted(set(raw) - PARTS):
        raise StoryError(f"unknown parts {', '.join(unknown)}; there are {', '.join(sorted(PARTS))}")


def _the(raw: Mapping[str, Any], part: str) -> Any:
    if part not in raw:
        raise StoryError(f"{part}: is missing")
    return raw[part]


def _many(raw: Mapping[str, Any], part: str) -> Sequence[Any]:
    found = raw.get(part, ())
    if isinstance(found, str | Mapping):
        raise StoryError(f"{part}: must be a list")
    return found  # type: ignore[no-any-return]


def _named(raw: Mapping[str, Any], part: str) -> Mapping[str, Sequence[str]]:
    found = raw.get(part, {})
    if not isinstance(found, Mapping) or any(isinstance(one, str) for one in found.values()):
        raise StoryError(f"{part}: must be lists by name")
    return found


def _facts(raw: Mapping[str, Any], given: Mapping[str, Sequence[str]], clock: Clock) -> Facts:
    ways = {**given, **_named(raw, "reach")}
    declared: MethodState = "declared"
    absences = tuple(
        Absence(f"a{n}", PersonId(one["person"]), clock.read(one["from"]), clock.read(one["until"]))
        for n, one in enumerate(_many(raw, "away"))
    )
    overrides = tuple(_override(f"o{n}", one, clock) for n, one in enumerate(_many(raw, "overrides")))
    return Facts(1, overrides, absences, methods={p: dict.fromkeys(own, declared) for p, own in ways.items()})


def _override(name: str, one: Mapping[str, str], clock: Clock) -> Override:
    mode: Any = one.get("mode", "replace")
    if mode not in get_args(Mode):
        raise StoryError(f"overrides: {mode!r} is no mode; write one of {', '.join(get_args(Mode))}")
    of = PersonId(one["of"]) if "of" in one else None
    span = clock.read(one["from"]), clock.read(one["until"])
    return Override(name, ScheduleId(one["schedule"]), *span, PersonId(one["person"]), mode, of)


def _trouble(one: Mapping[str, str], clock: Clock) -> Trouble:
    until = clock.read(one["until"]) if "until" in one else None
    outcome: Any = one["outcome"]
    if outcome not in ("passing", "permanent"):
        raise StoryError(f"troubles: {outcome!r} is no outcome; write passing or permanent")
    return Trouble(outcome, clock.read(one["from"]), until, one.get("method", ""), one.get("person", ""))


def _line(one: Mapping[str, Any], clock: Clock, rulebook: Rulebook) -> Line:
    if not isinstance(one, Mapping):
        raise StoryError(f"script: every line is a mapping, and {one!r} is none")
    deeds = [key for key in one if key not in NOT_A_DEED]
    if len(deeds) > 1:
        raise StoryError(f"script: one deed a line, not {', '.join(deeds)}")
    if deeds and deeds[0] not in rulebook.people:
        raise StoryError(f"script: {deeds[0]} is neither a person nor a part of a line")
    if "at" not in one and "later" not in one:
        raise StoryError(f"script: when? {dict(one)}")
    does = one[deeds[0]] if deeds else None
    return Line(
        at=clock.read(one["at"]) if "at" in one else clock.now,
        number=int(one["n"]) if "n" in one else None,
        later=one.get("later", ""),
        incident=int(one.get("incident", 1)),
        source=one.get("from", ""),
        body=one.get("body"),
        receipt=one.get("receipt"),
        who=deeds[0] if deeds else "",
        does={"verb": does} if isinstance(does, str) else does,
        expect=one.get("expect", {}),
    )


def clock_of(story: Story, now: Instant) -> Clock:
    """For reading the times in expectations: `now` is that of their line."""
    return Clock(story.zone, story.start, now)
