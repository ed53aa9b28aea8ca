"""The open conformance kit: every case in the simulator, a spread of them in the live engine, in `prove` every one."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tocsin.cli.conformance import judge, read
from tocsin.cli.conformance_drivers import live_engine, simulator
from tocsin.cli.main import run
from tocsin.lab.kit.case import LEVELS, Case

KIT = Path(__file__).resolve().parents[2] / "conformance"
FILES = sorted((KIT / "cases").glob("*.yaml"))
CASES = read(KIT)
SOME = CASES[::12]
"""A spread that does not grow long: each costs the live engine a store of its own."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_simulator_does_what_a_case_says(case: Case) -> None:
    assert judge(simulator(), case).differs == ()


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_the_live_engine_does_what_some_cases_say(case: Case) -> None:
    assert judge(live_engine(), case).differs == ()


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_the_live_engine_does_what_every_case_says() -> None:
    differs = {case.name: judge(live_engine(), case).differs for case in CASES}
    assert differs == {case.name: () for case in CASES}


def test_the_driver_for_other_systems_plays_in_a_program_of_its_own_whatever_that_logs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    driver = f"{sys.executable} {KIT / 'drivers' / 'tocsin_live.py'}"
    assert run(["conformance", str(KIT), "--only", "bounced_later", "--driver", driver]) == 0
    assert "1 of 1 cases hold" in capsys.readouterr().out


def test_what_the_live_engine_logs_is_no_part_of_the_answer() -> None:
    program = [str(Path(sys.executable).with_name("tocsin")), "conformance", str(KIT)]
    options = ["--driver", "live", "--only", "outage_keeps_the_wait", "--format", "json"]
    done = subprocess.run([*program, *options], capture_output=True, text=True, check=True)
    assert [one["holds"] for one in json.loads(done.stdout)] == [True]
    assert "provider_down" in done.stderr


def test_the_kit_has_more_than_a_hundred_files_and_no_two_that_expect_the_same_of_the_same() -> None:
    assert len(FILES) > 100
    assert {case.level for case in CASES} == set(LEVELS)
    alike = Counter(
        (repr(one.rulebook), one.start, repr((one.reach, one.away, one.fails, one.happens)), one.expect)
        for one in CASES
    )
    assert [said for said, n in alike.items() if n > 1] == []


def test_every_file_begins_with_a_sentence_in_plain_words() -> None:
    heads = {path.stem: path.read_text("utf-8").splitlines()[0] for path in FILES}
    assert [name for name, head in heads.items() if not re.fullmatch(r"# [A-Z].{20,150}[.]", head)] == []
    assert len(set(heads.values())) == len(heads)


def test_the_readme_lists_every_case_with_what_it_fixes() -> None:
    _, _, table = (KIT / "README.md").read_text("utf-8").partition("## What it holds to")
    listed = re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", table, re.MULTILINE)
    heads = {path.stem: path.read_text("utf-8").splitlines()[0].removeprefix("# ") for path in FILES}
    assert dict(listed) == heads


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


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("  - {at: +0m, who: ann, does: sing}", "nobody can `sing`"),
        ("  - {at: +0m, who: ann}", "has to be one of"),
        ("  - {at: +0m, does: acknowledge}", "missing required field `who`"),
        ("  - {at: +0m, who: ann, does: set priority, priority: P9}", "Invalid enum value 'P9'"),
        ("  - {at: +0m, who: ann, does: reassign}", "`reassign` needs `to`"),
        ("  - {at: +0m, who: ann, does: reassign, to: elsewhere}", "`elsewhere` is no target"),
        ("  - {at: +0m, provider: {person: ann}}", "missing required field `method`"),
        ("  - {at: +0m, covers: {person: ann}}", "missing required field"),
        ("  - {at: +0m, signal: 5}", "Expected `object`"),
        ("  - {at: 2026-01-06 09:00, who: ann, does: resolve}", "in order of time"),
        ("  - {at: +0m, who: ann, does: acknowledge, incident: 7}", "there is no incident 7"),
    ],
)
def test_what_cannot_happen_is_a_mistake_that_says_why(
    wrong: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = a_kit(tmp_path, "+5m page bob") / "cases" / "one.yaml"
    one.write_text(one.read_text("utf-8").replace("until:", f"{wrong}\nuntil:"), "utf-8")
    assert run(["conformance", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rulebook: small", "rulebook: large", "there is no rulebook `large`; there are small"),
        ("level: core", "", "it says nothing of level"),
        ("until: +19m", "until: soon", "'soon' is no time"),
        ("until: +19m", "until: 2026-01-05 10:00", "in order of time"),
        ("until:", "reach: {ann: {sms: splendid}}\nuntil:", "not splendid"),
        ("until:", "away: [{person: ann}]\nuntil:", "missing required field `from`"),
        ("until:", "fails: [{how: badly}]\nuntil:", "Invalid enum value 'badly'"),
    ],
)
def test_a_case_that_is_not_whole_is_a_mistake_that_says_what_is_missing(
    old: str, new: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = a_kit(tmp_path, "+5m page bob") / "cases" / "one.yaml"
    one.write_text(one.read_text("utf-8").replace(old, new), "utf-8")
    assert run(["conformance", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err


ANSWERS = 'print(\'{"cannot": "no ladders"}\', flush=True)'
HANGS = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (HANGS, "gave no answer within 1s and was ended; --timeout gives it longer"),
        ("print('{', end='', flush=True); import time; time.sleep(600)", "gave no answer within 1s"),
        ("raise SystemExit(3)", "ended without an answer, with status 3"),
    ],
)
def test_a_driver_that_falls_silent_fails_that_case_and_the_next_are_played(
    does: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "driver.py"
    lines = ("import sys", "for n, line in enumerate(sys.stdin):", f"    if 'lease_renewed' in line: {does}")
    program.write_text("\n".join((*lines, f"    else: {ANSWERS}")), "utf-8")
    driver = ("--driver", f"{sys.executable} {program}", "--timeout", "1s", "--format", "json")
    assert run(["conformance", str(KIT), "--only", "lease_", *driver]) == 1
    told = {one["case"]: (one["differs"], one["cannot"]) for one in json.loads(capsys.readouterr().out)}
    ((failed,), cannot) = told.pop("lease_renewed")
    assert (said in failed, cannot) == (True, "")
    assert {name.partition("#")[0] for name in told} == {"lease_ends", "lease_survives_a_flap"}
    assert [found for found in told.values() if found != ([], "no ladders")] == []


@pytest.mark.parametrize(("given", "said"), [("0s", "leaves no time"), ("soon", "soon")])
def test_a_time_that_is_none_is_a_mistake(given: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conformance", str(KIT), "--driver", "true", "--timeout", given]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("driver", "said"),
    [("", "is empty"), ("play 'it", "No closing quotation"), ("/nowhere/at-all", "cannot be started")],
)
def test_a_driver_that_is_no_program_is_a_mistake(driver: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conformance", str(KIT), "--only", "step_order", "--driver", driver]) == 2
    assert said in capsys.readouterr().err


def test_an_answer_to_another_case_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "driver.py"
    program.write_text("for _ in __import__('sys').stdin: print('{\"id\": \"other\"}', flush=True)", "utf-8")
    assert run(["conformance", str(KIT), "--only", "step_order", "--driver", f"{sys.executable} {program}"]) == 2
    assert "answered other when it was asked for step_order" in capsys.readouterr().err


def test_a_driver_that_ends_early_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    driver = f"{sys.executable} -c pass"
    assert run(["conformance", str(KIT), "--only", "step_order", "--driver", driver]) == 2
    assert "driver has ended" in capsys.readouterr().err
