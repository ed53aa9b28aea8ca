"""The open conformance kit: every case in the simulator, a spread of them in the live engine behind its driver."""

import json
import sys
from pathlib import Path

import pytest

from tocsin.cli.conformance import judge, read
from tocsin.cli.conformance_drivers import External, Simulator
from tocsin.cli.main import run
from tocsin.lab.kit.case import Case

KIT = Path(__file__).resolve().parents[2] / "conformance"
CASES = read(KIT)
LIVE = f"{sys.executable} {KIT / 'drivers' / 'tocsin_live.py'}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_simulator_does_what_a_case_says(case: Case) -> None:
    assert judge(Simulator(), case).differs == ()


def in_the_live_engine(cases: list[Case]) -> dict[str, tuple[str, ...]]:
    with External(LIVE) as driver:
        return {case.name: judge(driver, case).differs for case in cases}


def test_the_live_engine_does_so_behind_its_driver() -> None:
    some = CASES[::15]
    assert in_the_live_engine(some) == {case.name: () for case in some}


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_the_live_engine_does_what_every_case_says() -> None:
    assert in_the_live_engine(CASES) == {case.name: () for case in CASES}


def a_kit(folder: Path, expected: str) -> Path:
    """A kit of one case, of which the first line is as expected."""
    (folder / "cases").mkdir()
    (folder / "rulebooks").mkdir()
    small = (KIT / "rulebooks" / "small.yaml").read_text("utf-8")
    (folder / "rulebooks" / "small.yaml").write_text(small, "utf-8")
    case = (KIT / "cases" / "step_order.yaml").read_text("utf-8").replace("+5m page bob", expected)
    (folder / "cases" / "one.yaml").write_text(case, "utf-8")
    return folder


def test_what_is_missing_and_what_came_unasked_are_both_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["conformance", str(a_kit(tmp_path, "+6m page cid")), "--format", "json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert told["differs"] == [
        "+ 2026-01-06T10:05:00Z #1 page bob by email",
        "- 2026-01-06T10:06:00Z #1 page cid by email",
    ]


def test_a_line_that_nobody_can_read_is_a_mistake_that_names_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["conformance", str(a_kit(tmp_path, "+5m shout bob"))]) == 2
    assert "one.yaml" in capsys.readouterr().err


def test_a_driver_that_cannot_play_a_case_fails_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "driver.py"
    program.write_text("for _ in __import__('sys').stdin: print('{\"cannot\": \"no ladders\"}', flush=True)", "utf-8")
    assert run(["conformance", str(KIT), "--only", "step_order", "--driver", f"{sys.executable} {program}"]) == 0
    assert "no ladders" in capsys.readouterr().out


def test_a_driver_that_ends_early_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    driver = f"{sys.executable} -c pass"
    assert run(["conformance", str(KIT), "--only", "step_order", "--driver", driver]) == 2
    assert "driver has ended" in capsys.readouterr().err
