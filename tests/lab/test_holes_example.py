"""The example with holes has the three that were planted, and nothing else; the tutorial's changes mend them all."""

import re
from pathlib import Path

from tests.lab.broken import case_of
from tocsin.lab.verifier.examine import examine

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "examples" / "holes.yaml").read_text("utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
CHANGES = re.findall(r"```diff\n-(.*)\n\+(.*)\n```", TUTORIAL)


def found(text: str) -> list[tuple[str, str]]:
    return [(one.code, "/".join(one.where)) for one in examine(case_of(text)).findings]


def test_the_example_has_three_holes() -> None:
    assert sorted(found(EXAMPLE)) == [
        ("V008", "schedules/round-the-clock"),
        ("V011", "policies/ticketing/hierarchical/1/by"),
        ("V021", "policies/ticketing/functional/1"),
    ]


def test_each_change_of_the_tutorial_mends_one_of_them() -> None:
    assert len(CHANGES) == 3
    text = EXAMPLE
    left = [len(found(text))]
    for old, new in CHANGES:
        assert text.count(old) == 1
        text = text.replace(old, new)
        left.append(len(found(text)))
    assert left == [3, 2, 1, 0]
