"""A story: a whole incident as a plain file, read into values.

    story: what it shows, in a sentence
    scenario: S1, of: 8            only where it plays a numbered scenario: every number must stand in the script
    rulebook: acme                 a file of `examples`, or the text of a rulebook (a block)
    start: 2026-01-06 02:14        civil time in the rulebook's zone, or with Z at the end
    reach: {ann: [push, voice]}    ways to people, where they are not the addresses of the rulebook
    away: [{person: tom, from: ..., until: ...}]
    troubles: [{outcome: passing, from: ..., until: ..., method: email, person: ann}]
    script:                        in order of time; every part of a line but `at` or `later` may be left out
      - {n: 1, at: "02:14:05", from: prometheus, body: {...}, expect: {...}}
      - {n: 2, at: "+5m", ann: acknowledge, expect: {owner: ann}}
      - {n: 3, later: why it cannot be shown yet}

Every scalar is text; its place says what it is.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml import YAML

from tocsin.config.load import loads
from tocsin.config.people import Seed
from tocsin.core.calendar.zones import EPOCH_DAY, first_instant, local, parse_day
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, Instant, parse_duration, parse_instant
from tocsin.core.oncall.override import Absence, Facts, MethodState
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Trouble

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
NOT_A_DEED = {"n", "at", "later", "says", "incident", "from", "body", "receipt", "expect"}


class Line(Struct, frozen=True):
    """One line of the script: perhaps a number, something that happens, and what must hold right after it."""

    at: Instant
    number: int | None = None
    later: str = ""
    incident: int = 1
    source: str = ""
    body: dict[str, Any] | None = None
    receipt: dict[str, str] | None = None
    who: str = ""
    does: dict[str, str] | None = None
    expect: dict[str, Any] = {}


class Story(Struct, frozen=True):
    """A story ready to be played. `of` is how many numbered lines its scenario has."""

    name: str
    title: str
    world: World
    behaviour: Behaviour
    start: Instant
    script: tuple[Line, ...]
    scenario: str = ""
    of: int = 0
    seeds: tuple[Seed, ...] = ()
    text: str = ""

    def __repr__(self) -> str:
        return f"Story({self.name}: {self.behaviour.troubles} {self.script})"

    @property
    def zone(self) -> str:
        """The zone in which its times are written."""
        return self.world.rulebook.timezone


def files() -> list[Path]:
    """All stories, by name."""
    return sorted(HERE.glob("*.yaml"))


def read(path: Path) -> Story:
    """The story in a file; KeyError, ValueError or AssertionError where it is not written as shown above."""
    raw = YAML(typ="base", pure=True).load(path.read_text("utf-8"))
    text = _rulebook_text(raw["rulebook"])
    loaded = loads({f"{path.stem}.rulebook": text})
    assert loaded.rulebook is not None, [f"{one.file}:{one.line}: {one.text}" for one in loaded.errors]
    rulebook, clock = loaded.rulebook, _Clock(loaded.rulebook.timezone)
    start = clock.read(raw["start"])
    known = set(raw) - {"story", "scenario", "of", "rulebook", "start", "reach", "away", "troubles", "script", "notes"}
    assert not known, f"{path.name}: unknown parts {sorted(known)}"
    return Story(
        name=path.stem,
        title=raw["story"],
        world=World(rulebook, conditions_of(rulebook), _facts(raw, loaded.seeds, clock)),
        behaviour=Behaviour(tuple(_trouble(one, clock) for one in raw.get("troubles", ()))),
        start=start,
        script=tuple(_line(one, clock, rulebook) for one in raw["script"]),
        scenario=raw.get("scenario", ""),
        of=int(raw.get("of", 0)),
        seeds=loaded.seeds,
        text=text,
    )


def _rulebook_text(named: str) -> str:
    return named if "\n" in named else (EXAMPLES / f"{named}.yaml").read_text("utf-8")


def conditions_of(rulebook: Rulebook) -> Any:
    """Every condition of the rulebook, compiled."""
    steps = (step for policy in rulebook.policies.values() for step in (*policy.functional, *policy.hierarchical))
    sources = [*(one.when for one in rulebook.criteria), *(step.when for step in steps if step.when)]
    return compile_all(sources)


def ways_of(seed: Seed) -> tuple[str, ...]:
    """The methods that a person's seeds lead to."""
    mail = ("email",) if seed.email else ()
    return (*mail, *(("sms", "voice") if seed.phone else ()), *seed.addresses)


def _facts(raw: dict[str, Any], seeds: tuple[Seed, ...], clock: "_Clock") -> Facts:
    ways = {seed.person: ways_of(seed) for seed in seeds} | {p: tuple(w) for p, w in raw.get("reach", {}).items()}
    declared: MethodState = "declared"
    absences = tuple(
        Absence(f"a{n}", PersonId(one["person"]), clock.read(one["from"]), clock.read(one["until"]))
        for n, one in enumerate(raw.get("away", ()))
    )
    return Facts(1, absences=absences, methods={p: dict.fromkeys(own, declared) for p, own in ways.items()})


def _trouble(one: dict[str, str], clock: "_Clock") -> Trouble:
    until = clock.read(one["until"]) if "until" in one else None
    assert one["outcome"] in ("passing", "permanent")
    outcome: Any = one["outcome"]
    return Trouble(outcome, clock.read(one["from"]), until, one.get("method", ""), one.get("person", ""))


def _line(one: dict[str, Any], clock: "_Clock", rulebook: Rulebook) -> Line:
    deeds = [key for key in one if key not in NOT_A_DEED]
    assert len(deeds) <= 1, f"one deed a line: {deeds}"
    assert all(key in rulebook.people for key in deeds), f"{deeds} is neither a person nor a part of a line"
    assert "at" in one or "later" in one, f"when? {one}"
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


class _Clock:
    """Reads times as stories write them; a time alone is on the day of the time before it."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.start: Instant | None = None
        self.now: Instant = 0

    def read(self, text: str) -> Instant:
        """`2026-01-06 02:14:00`, `02:14:05`, `+5m` (from the start) or `2026-01-06T02:14:00Z`."""
        at = self._read(text.strip())
        if self.start is None:
            self.start = at
        self.now = at
        return at

    def peek(self, text: str) -> Instant:
        """The same, of a time that is only spoken of."""
        return self._read(text.strip())

    def _read(self, text: str) -> Instant:
        if text.startswith("+"):
            return (self.start or 0) + parse_duration(text[1:])
        if text.endswith("Z"):
            return parse_instant(text)
        day, _, time = text.rpartition(" ")
        ordinal = parse_day(day) if day else local(self.zone, self.now).day
        hour, minute, *second = time.split(":")
        seconds = int(hour) * 3600 + int(minute) * 60 + float(second[0] if second else 0)
        return first_instant(self.zone, (ordinal - EPOCH_DAY) * DAY + round(seconds * 1_000_000))


def clock_of(story: Story, now: Instant) -> _Clock:
    """For reading the times in expectations: `now` is that of their line."""
    clock = _Clock(story.zone)
    clock.start, clock.now = story.start, now
    return clock
