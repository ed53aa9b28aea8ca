"""The language of answers: what each sentence comes to, and what is said of those that come to nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cast import ANA, BEN, DANA, EVE, FINN, MINUTE, MONDAY
from tests.lab.acme import ACME, NAMES, minute
from tocsin.core.instant import DAY, HOUR
from tocsin.core.oncall.override import Absence
from tocsin.core.signal import Signal
from tocsin.lab.answers import Answers, read
from tocsin.lab.behaviour import Habit, Signals, Trouble
from tocsin.lab.grammar import LIMIT, parse
from tocsin.lab.meant import Scene
from tocsin.lib.translate import knows, say

SIGNAL = Signal("k", "trigger", "it is down", severity="critical", service="order-database")
SCENE = Scene(ACME, MONDAY, MONDAY + 8 * HOUR, SIGNAL, names=NAMES)


def answers(text: str) -> Answers:
    found = read(text, SCENE)
    assert [say(one.text) for one in found.complaints if not one.note] == []
    return found


def habits(text: str) -> list[Habit]:
    return list(answers(text).behaviour.habits)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dana acknowledges", Habit(DANA, "acknowledge")),
        ("Dana Levi acknowledges", Habit(DANA, "acknowledge")),
        ('"dana levi" acks at once', Habit(DANA, "acknowledge")),
        ("person:dana acknowledges immediately", Habit(DANA, "acknowledge")),
        ("primary acknowledges after 3m of being called", Habit(DANA, "acknowledge", 3 * MINUTE)),
        ("the primary acknowledges 3m after being called", Habit(DANA, "acknowledge", 3 * MINUTE)),
        ("secondary acknowledges at +7m", Habit(EVE, "acknowledge", since=minute(7))),
        ("secondary acknowledges at 09:07", Habit(EVE, "acknowledge", since=minute(7))),
        ("secondary acknowledges at 2026-01-05 09:07", Habit(EVE, "acknowledge", since=minute(7))),
        ("secondary acknowledges at 2026-01-05T09:07:00Z", Habit(EVE, "acknowledge", since=minute(7))),
        ("eve acknowledges at 08:00", Habit(EVE, "acknowledge", since=minute(23 * 60))),
        ("schedule:infra-secondary takes over after 1m", Habit(EVE, "take_over", MINUTE)),
        ("dana accepts", Habit(DANA, "accept", purposes=("offer",))),
        ("dana confirms after 2m", Habit(DANA, "acknowledge", 2 * MINUTE, ("still_on_it",))),
        ("dana resolves at +1h", Habit(DANA, "resolve", since=minute(60))),
        ('dana answers "isolate"', Habit(DANA, "answer", 0, ("ask", "decide"), "isolate")),
        ("dana answers with Keep Waiting 5m", Habit(DANA, "answer", 5 * MINUTE, ("ask", "decide"), "keep waiting")),
        ("management answers after 5m", Habit("", "answer", 5 * MINUTE, ("ask", "decide"))),
        ("management acknowledges", Habit("", "acknowledge", 0, ("ask", "decide"))),
        ("everybody acknowledges after 1h30m", Habit("", "acknowledge", 90 * MINUTE)),
    ],
)  # fmt: skip
def test_one_sentence_is_one_habit(text: str, expected: Habit) -> None:
    assert habits(text) == [expected]


@pytest.mark.parametrize(
    ("subject", "people"),
    [
        ("team", {DANA, EVE, FINN}),
        ("team:service-desk", {ANA, BEN}),
        ("role:service-manager", {"sofia", "tom"}),
        ("role:duty-manager", {"carla", "hugo"}),
        ("step 2", {DANA}),
        ("step 3", {EVE}),
        ("step 4", {DANA, EVE, FINN}),
        ("dana, eve and finn", {DANA, EVE, FINN}),
    ],
)
def test_a_group_is_everybody_in_it(subject: str, people: set[str]) -> None:
    assert {one.person for one in habits(f"{subject} acknowledges")} == people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sms down", Trouble("passing", MONDAY, None, "sms")),
        ("SMS is down until +20m", Trouble("passing", MONDAY, minute(20), "sms")),
        ("sms down for 20m", Trouble("passing", MONDAY, minute(20), "sms")),
        ("sms down from +5m until 09:20", Trouble("passing", minute(5), minute(20), "sms")),
        ("everything is down", Trouble("passing", MONDAY, None, "")),
        ("push fails for dana", Trouble("permanent", MONDAY, None, "push", "dana")),
        ("voice fails at +1h", Trouble("permanent", minute(60), None, "voice")),
        ("email down for primary", Trouble("passing", MONDAY, None, "email", "dana")),
        ("email down for everybody", Trouble("passing", MONDAY, None, "email", "")),
    ],
)
def test_a_provider_fails_as_it_is_said(text: str, expected: Trouble) -> None:
    assert answers(text).behaviour.troubles == (expected,)


def test_what_fails_for_several_fails_for_each() -> None:
    assert [one.person for one in answers("push fails for dana, eve and finn").behaviour.troubles] == [DANA, EVE, FINN]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("dana is away", 0, 480),
        ("dana is away from +1m to +2h", 1, 120),
        ("dana is away until 10:00", 0, 60),
        ("dana is away from +10m for 30m", 10, 40),
    ],
)
def test_whoever_is_away_is_absent_in_the_world_that_is_played(text: str, start: int, end: int) -> None:
    absence = Absence("what-if-1", DANA, minute(start), minute(end) + (text == "dana is away"))
    found = answers(text)
    assert found.world(ACME).facts.absences == (absence,)
    assert ACME.facts.absences == ()
    assert found.world(ACME).rosters is not ACME.rosters  # an answer of a story is none of the real world's


@pytest.mark.parametrize(
    ("text", "action", "at"),
    [
        ("source resolves at +30m", "resolve", 30),
        ("source acknowledges after 5m", "acknowledge", 5),
        ("simulation fires again at +1h", "trigger", 60),
    ],
)
def test_the_source_goes_on_reporting(text: str, action: str, at: int) -> None:
    (happening,) = answers(text).happenings
    assert happening.at == minute(at)
    assert isinstance(happening.what, Signals)
    assert [(one.key, one.action) for one in happening.what.signals] == [("k", action)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("everybody acknowledges; dana ignores", {"": {DANA}}),
        ("dana ignores; everybody acknowledges", {"": {DANA}}),
        ("dana acknowledges; dana ignores", {}),
        ("dana ignores; dana acknowledges", {DANA: set()}),
        ("team ignores; primary acknowledges", {DANA: set()}),
        ("primary acknowledges; team ignores", {DANA: set()}),
        ("everybody acknowledges; nobody acknowledges", {}),
    ],
)
def test_the_closer_word_holds_and_of_two_alike_the_later(text: str, expected: dict[str, set[str]]) -> None:
    assert {one.person: set(one.but) for one in habits(text)} == expected


def test_one_clause_can_say_several_things() -> None:
    found = habits("primary ignores, secondary acknowledges at +7m and resolves at +1h\nfinn declines after 1m")
    assert [(one.person, one.does) for one in found] == [
        (EVE, "acknowledge"), (FINN, "decline"), (FINN, "decline"), (FINN, "decline"), (EVE, "resolve"),
    ]  # fmt: skip
    assert {one.purposes for one in found if one.person == FINN} == {("page",), ("ask", "decide"), ("offer",)}


@pytest.mark.parametrize(
    ("text", "column", "says", "hint"),
    [
        ("primry ignores", 1, "nobody called primry", "Did you mean primary?"),
        ("dana levy acknowledges", 1, "nobody called dana levy", "Did you mean Dana Levi?"),
        ("role:executve ignores", 1, "nobody called role:executve", "Did you mean role:executive?"),
        ("zzz ignores", 1, "nobody called zzz", "Write a name or id"),
        ("sms donw", 5, "donw is no verb", "Did you mean down?"),
        ("dana aknowledges at +3m", 6, "aknowledges is no verb", "Did you mean acknowledges?"),
        ("dana", 1, "not said: dana", "The verbs are"),
        ("smss down", 1, "smss is no method", "Did you mean sms?"),
        ("dana down", 1, "dana is no method", "The methods are"),
        ("acknowledges at +3m", 1, "not said who", "Write a name"),
        ("dana acknowledges quickly", 19, "quickly means nothing", ""),
        ("dana acknowledges att +3m", 19, "att means nothing", "Did you mean at?"),
        ("dana acknowledges at", 19, "missing after at", "Write +7m"),
        ("dana acknowledges at 7x", 22, "7x is not a time", "Write +7m"),
        ("dana acknowledges at 25:00", 22, "25:00 is not a time", "Write +7m"),
        ("dana acknowledges after a while", 25, "a while is not a duration", "Write 30s"),
        ("dana acknowledges at 2020-01-01 10:00", 22, "before the incident opens", ""),
        ("dana acknowledges until +3m", 19, "until does not fit acknowledge", "What fits is after, at"),
        ("dana ignores after 3m", 14, "after does not fit ignore", ""),
        ("dana acknowledges at +1m at +2m", 26, "at is said twice", ""),
        ("sms down from +10m until +5m", 26, "ends before it begins", ""),
        ("source resolves", 8, "When is not said", "Write +7m"),
        ("source declines at +3m", 8, "cannot do this: declines", ""),
        ("dana fires at +3m", 1, "Only the source", ""),
        ("nobody ignores", 1, "what is not said", ""),
        ("step x ignores", 1, "Which step", "Write step 1"),
        ('dana answers "isolat"', 14, "option isolat", "Did you mean isolate?"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_helps(text: str, column: int, says: str, hint: str) -> None:
    (found,) = [one for one in read(text, SCENE).complaints if not one.note]
    assert says in say(found.text)
    assert (found.line, found.column) == (1, column)
    assert hint in say(found.hint) if hint and found.hint else hint == ""


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    found = read("primry ignores; eve acknowledges at 7x\n\nsms donw\nfoo fails", SCENE)
    assert [(one.line, one.column) for one in found.complaints] == [(1, 1), (1, 37), (3, 5), (4, 1)]
    assert not found.usable


def test_what_is_unlikely_and_not_wrong_is_only_noted() -> None:
    found = read("step 9 ignores", SCENE)
    assert [one.note for one in found.complaints] == [True]
    assert found.usable


def test_a_text_that_is_too_long_is_refused_unread() -> None:
    assert [one.text.key for one in parse("x" * (LIMIT + 1)).complaints] == ["lab.answers.too_long"]


WORDS = st.sampled_from(
    ["dana", "primary", "everybody", "step", "2", "sms", "source", "acknowledges", "is", "away", "down", "answers",
     "fails", "resolves", "at", "after", "until", "from", "for", "+7m", "02:45", "2027-03-28", "and", ",", ";", "\n",
     '"', '"isolate"', "“", "'", "once", "of", "being", "called", "the", "+9999999d", "99:99", ":", "role:", "step 1"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=25).map(" ".join))


@given(TEXTS)
def test_no_text_whatsoever_is_too_much_for_it(text: str) -> None:
    found: Any = read(text, SCENE)
    lines = text.split("\n")
    for one in found.complaints:
        assert 1 <= one.line <= len(lines)
        assert 1 <= one.column <= max(len(lines[one.line - 1]), 1)
        assert knows(one.text.key)
        assert one.hint is None or knows(one.hint.key)


LATER = 100 * DAY + 5 * MINUTE
SCENE_LATER = replace(SCENE, at=SCENE.at + LATER, until=SCENE.until + LATER)


@pytest.mark.parametrize(
    ("text", "undated"),
    [
        ("dana acknowledges at +7m; ben is away from +1h; sms down until +20m; source resolves at +1h", True),
        ("everybody ignores; team:payments declines; management answers after 5m; push fails for ana at +1m", True),
        ("primary ignores", False),
        ("schedule:infra-secondary takes over", False),
        ("role:duty-manager takes over", False),
        ("step 2 acknowledges", False),
        ("dana resolves at 09:07", False),
    ],
)
def test_what_no_clock_and_no_roster_decides_is_said_of_every_opening_alike(text: str, undated: bool) -> None:
    found = answers(text)
    assert found.undated == undated
    assert not undated or replace(read(text, SCENE_LATER), complaints=()) == replace(found.moved(LATER), complaints=())


@given(TEXTS)
def test_undated_answers_are_the_same_at_another_opening_but_for_its_time(text: str) -> None:
    found = replace(read(text, SCENE), complaints=())
    assert not found.undated or replace(read(text, SCENE_LATER), complaints=()) == found.moved(LATER)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("mgmt decides isolate at +1h", 'management answers "isolate" at +1h'),
        ("email bounces", "email fails"),
        ("provider sms down from +5m until +20m", "sms down from +5m until +20m"),
        ("dana acks after 3 minutes", "dana acks after 3m"),
        ("dana acks at +1 hour 30 min", "dana acks at +1h30m"),
        ("dana acks; everybody else ignores", "dana acks; everybody ignores"),
        ("primary: ignores; secondary: acks", "primary ignores; secondary acks"),
        ("team: service-desk acks", "team:service-desk acks"),
        ("dana does nothing", "dana ignores"),
        ("dana is ill", "dana is away"),
        ("all providers down for 10m", "everything down for 10m"),
    ],
)
def test_what_people_write_instead_means_the_same(said: str, meant: str) -> None:
    assert answers(said) == answers(meant)


def test_the_team_lead_is_a_person_by_office() -> None:
    assert [one.person for one in habits("team lead acks")] == ["frank"]


@pytest.mark.parametrize("text", ["dana acks within 3m", "dana acks tomorrow", "sms down later"])
def test_a_word_that_means_nothing_is_told_with_what_would(text: str) -> None:
    hints = [one.hint for one in read(text, SCENE).complaints]
    assert hints
    assert all(one is not None and one.key in ("lab.answers.fits", "lab.answers.did_you_mean") for one in hints)
