"""Escalation policies as they are found in the field can all be said in the language."""

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin import config

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "policies.json"
KINDS = {"schedule": "schedule", "user": "person", "team": "team", "team-users": "team", "team-admins": "person"}

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the collected policies are not beside this repository")


def policies() -> list[dict[str, Any]]:
    return list(json.loads(CASES.read_text("utf-8"))["policies"]) if CASES.exists() else []


def target(text: str) -> str:
    kind, _colon, name = text.partition(":")
    return f"{KINDS.get(kind, 'person')}:{_id(name)}" if kind in KINDS else "team"


def _id(name: str) -> str:
    return "x-" + "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in name).strip("-")[:50]


def rulebook(case: dict[str, Any]) -> dict[str, Any]:
    """The case as a tree of the language, with everybody it names."""
    steps = [{"notify": [*map(target, s["targets"])], "wait": f"{s['escalate_after_min']}m"} for s in case["steps"]]
    named = [tuple(one.split(":")) for step in steps for one in step["notify"] if ":" in one]
    turn = {"people": ["ana"], "turn": "weekly", "handoff": "mon 09:00", "starts": "2026-01-05"}
    return {
        "tocsin": "1",
        "organisation": case["name"],
        "last_resort": ["person:ana"],
        "unrouted": {"team": "ops", "policy": "found", "priority": "P2"},
        "people": {name: {"name": name} for name in ["ana", *(name for kind, name in named if kind == "person")]},
        "teams": {name: {"members": ["ana"]} for name in ["ops", *(name for kind, name in named if kind == "team")]},
        "schedules": {name: {"rotations": [turn]} for kind, name in named if kind == "schedule"},
        "policies": {"found": {"functional": steps, "repeat": str(case["repeat_after_end"] or 0)}},
    }


@pytest.mark.parametrize("case", policies(), ids=lambda case: case["name"])
def test_a_policy_from_the_field_loads_with_its_steps_waits_and_repeats(case: dict[str, Any]) -> None:
    loaded = config.loads({"field.yaml": config.dump(rulebook(case))})
    assert loaded.complaints == ()
    assert loaded.rulebook is not None
    policy = loaded.rulebook.policies["found"]
    waits = [step.wait.elapsed // 60_000_000 for step in policy.functional]
    assert waits == [step["escalate_after_min"] for step in case["steps"]]
    assert policy.repeat == (case["repeat_after_end"] or 0)
