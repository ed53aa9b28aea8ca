"""The page about simulating says what is so: its sentences are understood, its numbers are the assumed ones."""

import re
from pathlib import Path
from typing import get_args

from tests.lab.acme import ACME, NAMES, minute
from tocsin.core.signal import Signal
from tocsin.lab.answers import read
from tocsin.lab.grammar import VERBS, Verb
from tocsin.lab.meant import Scene
from tocsin.lab.population import BY_DAY, BY_NIGHT, Habits

PAGE = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text("utf-8")
SIGNAL = Signal("k", "trigger", "it is down", severity="critical", service="order-database")


def test_every_sentence_of_the_page_is_understood() -> None:
    (written,) = re.findall(r"```answers\n(.*?)```", PAGE, re.DOTALL)
    shown = [*written.splitlines(), *re.findall(r'--answers "(.*?)"', PAGE)]
    shown += re.findall(r"`((?:sms|email|everything|push|source) [^`]+)`", PAGE)
    assert len(shown) > 10
    for text in shown:
        found = read(text, Scene(ACME, minute(0), minute(480), SIGNAL, names=NAMES))
        assert (text, found.complaints) == (text, ())


def test_the_page_names_every_verb() -> None:
    assert len(VERBS) == len(get_args(Verb))
    assert [verb for verb in VERBS if not re.search(rf"\b{verb}\b", PAGE)] == []


def test_the_numbers_of_the_page_are_those_that_are_assumed() -> None:
    habits = Habits()
    for chances in (BY_DAY, BY_NIGHT):
        assert ", ".join(f"{chances[way]:g}" for way in ("voice", "push", "sms", "email")) in PAGE
    assert (habits.by_day, habits.by_night) == (BY_DAY, BY_NIGHT)
    assert f"| {habits.chance:g}, drawn once" in PAGE
    assert f"median 4m, spread {habits.ack_spread:g}" in PAGE
    assert set(habits.down.values()) == {0.01}
