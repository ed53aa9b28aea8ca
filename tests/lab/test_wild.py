"""The page of policies in the wild: it is as it would be written, and every policy is written as its source has it."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.lab.broken import read

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "policies_in_the_wild.py"
PAGE = ROOT / "docs" / "policies-in-the-wild.md"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("policies_in_the_wild", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def policy(*steps: tuple[int, str], **more: Any) -> dict[str, Any]:
    listed = [{"escalate_after_min": wait, "targets": targets.split()} for wait, targets in steps]
    return {
        "name": "Some team (EP)",
        "class": "example",
        "repeat_after_end": 2,
        "source": "here",
        "steps": listed,
    } | more


def ladder(tool: ModuleType, kept: dict[str, Any]) -> list[tuple[list[str], str]]:
    book = read(tool.rulebook(kept))
    return [([str(one) for one in step.targets], str(step.wait)) for step in book.policies["some-team-ep"].functional]


def test_steps_targets_waits_and_rounds_carry_over(tool: ModuleType) -> None:
    kept = policy((5, "schedule:level_1"), (30, "user:Team_Lead schedule:level_2"))
    assert ladder(tool, kept) == [(["schedule:level-1"], "5m"), (["person:team-lead", "schedule:level-2"], "30m")]
    book = read(tool.rulebook(kept))
    assert book.policies["some-team-ep"].repeat == 2
    assert tool.rulebook(kept).startswith("# Some team (EP): here\n")


def test_what_counts_from_the_opening_becomes_waits_between_steps(tool: ModuleType) -> None:
    kept = policy((0, "schedule:team"), (10, "team:team"), (25, "slack-default"), semantics="opsgenie-absolute")
    waits = [wait for _, wait in ladder(tool, kept)]
    assert waits == ["10m", "15m", "5m"]


def test_what_does_not_begin_with_a_call_is_refused_by_the_language_and_said_so(tool: ModuleType) -> None:
    kept = policy((30, "team-users:ops"), (60, "team-admins:ops"), semantics="opsgenie-absolute")
    assert [code for code, _, _ in tool.findings(kept)] == ["P001"]


def test_whoever_is_nowhere_is_found(tool: ModuleType) -> None:
    found = list(tool.findings(policy((30, "user:noone-nowhere"))))
    assert ("V004", "policies.some-team-ep.functional") in {(code, at) for code, at, _ in found}


def test_a_good_policy_is_told_only_what_management_would_like(tool: ModuleType) -> None:
    found = list(tool.findings(policy((5, "schedule:first"), (15, "schedule:second"), (15, "team:all-of-them"))))
    assert {code for code, _, _ in found} <= {"V034"}


def test_the_page_has_every_policy_with_its_source() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and line.count(" | ") >= 3]
    assert len(rows) == 38 + 1
    assert [row for row in rows[1:] if not row.strip("| ").split(" | ")[-1].strip()] == []


def test_the_page_is_as_it_would_be_written_where_the_policies_lie_beside_the_project() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, "out of date: run `make docs`"


def test_without_the_policies_the_page_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    alone = tmp_path / "tools" / TOOL.name
    alone.write_bytes(TOOL.read_bytes())
    done = subprocess.run([sys.executable, str(alone)], capture_output=True, text=True, check=False)
    assert (done.returncode, "no policies" in done.stderr, (tmp_path / "docs").exists()) == (0, True, False)
