"""A sound rulebook, and what is found in it once something in its text has been replaced."""

from functools import lru_cache
from pathlib import Path

from tocsin.config import loads
from tocsin.core.instant import Duration, parse_instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.case import HORIZON, Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

SOUND = (Path(__file__).parent / "sound.yaml").read_text("utf-8")
START = parse_instant("2026-11-02T00:00:00Z")
LADDER = """    functional:
      - {hand_over: team, wait: 5m}
      - {notify: team.next, wait: 10m}
      - {notify: team.all, wait: 10m}
"""
"""That of `production`."""

GOLD = "    targets: {respond: {P1: 30m, P2: 1h, else: 4h}}\n"
"""What gold promises."""

WAYS = ("push", "email", "sms", "voice")


def broken(*replaced: tuple[str, str]) -> str:
    """The sound rulebook's text with each piece replaced; every piece must stand in it exactly once."""
    text = SOUND
    for old, new in replaced:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def reachable(rulebook: Rulebook) -> Facts:
    """Everybody can be reached by every way."""
    return Facts(1, methods={person: dict.fromkeys(WAYS, "verified") for person in rulebook.people})


def case_of(text: str, facts: Facts | None = None, horizon: Duration = HORIZON) -> Case:
    """What is to be proved of a rulebook's text; its mistakes fail the test."""
    rulebook = read(text)
    return Case(rulebook, compile_all(rulebook.conditions), START, facts or reachable(rulebook), horizon=horizon)


@lru_cache(maxsize=64)
def read(text: str) -> Rulebook:
    """The rulebook of a text."""
    loaded = loads({"rulebook.yaml": text})
    assert loaded.rulebook is not None, [(one.line, one.text) for one in loaded.errors]
    return loaded.rulebook


def found(check: Check, *replaced: tuple[str, str]) -> list[Finding]:
    """What a check finds in the sound rulebook with these pieces replaced."""
    return list(check.find(case_of(broken(*replaced))))


def places(findings: list[Finding]) -> list[str]:
    """Where, as `policies/mail/functional/1`."""
    return ["/".join(one.where) for one in findings]
