"""The twin law of answers: people who do what the answers say make the live engine tell what the simulator tells."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.cast import MONDAY
from tests.lab.acme import ACME
from tests.laws.test_twin_laws import TEXT
from tests.stories.performance import comparable
from tests.stories.stage import body_of
from tests.stories.story import Story
from tocsin.cli.live import Live
from tocsin.cli.stories import reads
from tocsin.core.ids import SourceId
from tocsin.core.incident import events as ev
from tocsin.core.instant import HOUR, Instant
from tocsin.core.outgoing import Message
from tocsin.lab.answers import Answers, read
from tocsin.lab.behaviour import Behaviour, Fate, Happening, Put
from tocsin.lab.meant import Scene
from tocsin.lab.simulator import Transcript, play

UNTIL = MONDAY + 3 * HOUR


class Watched:
    """A behaviour of which is kept what everybody was about to do."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.meant: list[Happening] = []

    def fate(self, message: Message, at: Instant) -> Fate:
        return self.behaviour.fate(message, at)

    def replies(self, message: Message, at: Instant) -> Iterable[Happening]:
        replies = list(self.behaviour.replies(message, at))
        self.meant += replies
        return replies


class Played:
    """A transcript as a stage, as far as two of them are compared."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript

    def incidents(self) -> int:
        return len(self.transcript.incidents)

    def events(self, incident: int) -> Sequence[ev.Event]:
        return self.transcript.events(f"INC-{incident}")


def body(service: str, severity: str, action: str = "trigger") -> dict[str, Any]:
    return {"key": "k", "action": action, "title": "down", "severity": severity, "labels": {"service": service}}


def done(meant: Iterable[Happening]) -> Iterable[Happening]:
    """In order of time, of those that are the same occasion the first."""
    known: set[str] = set()
    for one in sorted(meant, key=lambda one: one.at):
        once = one.what.once if isinstance(one.what, Put) else ""
        if one.at <= UNTIL and (not once or once not in known):
            known.add(once)
            yield one


def lived(said: Answers, meant: Iterable[Happening], service: str, severity: str) -> list[list[dict[str, Any]]]:
    """The same in the live engine, with people doing just what the answers made of them."""
    world = said.world(ACME)
    story = Story("answers", "", world, Behaviour(said.behaviour.troubles), MONDAY, (), text=TEXT)
    with Live(story) as live:
        live.deliver("scripts", body_of(body(service, severity)))
        for one in done(meant):
            live.run(one.at)
            if isinstance(one.what, Put):
                live.put(int(one.what.incident.removeprefix("INC-")), one.what.command)
            else:
                live.deliver("scripts", body_of(body(service, severity, one.what.signals[0].action)))
        live.run(UNTIL)
        return comparable(live)


SENTENCES = st.sampled_from(
    ["primary acknowledges after 3m", "secondary acknowledges at +7m", "everybody acknowledges after 20m",
     "primary declines", "team declines after 1m", "management answers after 4m", "management declines after 2m",
     "everybody confirms after 2m", "secondary takes over after 6m", "primary resolves at +50m",
     "email fails for primary", "sms fails", "gita is away", "carla is away from +10m to +2h",
     "source resolves at +40m", "source fires at +45m",
     "step 3 ignores", "hugo acknowledges after 1m of being called", 'management answers "isolate" after 1m']
)  # fmt: skip
SERVICES = st.sampled_from(["checkout", "order-database", "core-network", "identity", "nowhere"])


def same(sentences: list[str], service: str, severity: str) -> None:
    (signal,) = reads("generic", "scripts", body_of(body(service, severity)))
    scene = Scene(ACME, MONDAY, UNTIL, signal, SourceId("scripts"))
    said = read("; ".join(sentences), scene)
    assert said.usable
    watched = Watched(said.behaviour)
    transcript = play(said.world(ACME), (*scene.opening(), *said.happenings), UNTIL, watched)
    expected = comparable(Played(transcript))  # type: ignore[arg-type]
    assert lived(said, (*said.happenings, *watched.meant), service, severity) == expected


@settings(max_examples=8, derandomize=True, phases=set(Phase) - {Phase.explain})
@given(st.lists(SENTENCES, max_size=4, unique=True), SERVICES, st.sampled_from(["critical", "error"]))
def test_people_who_do_what_the_answers_say_make_the_live_engine_tell_the_same(
    sentences: list[str], service: str, severity: str
) -> None:
    same(sentences, service, severity)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(max_examples=300, phases=set(Phase) - {Phase.explain})
@given(st.lists(SENTENCES, max_size=6, unique=True), SERVICES, st.sampled_from(["critical", "error", "warning"]))
def test_they_do_so_at_length(sentences: list[str], service: str, severity: str) -> None:
    same(sentences, service, severity)
