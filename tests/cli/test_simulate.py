"""`tocsin simulate`: one incident to the letter, many by chance, and every mistake with what helps."""

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.terminal import ACME, environment, in_process, tocsin

NIGHT = ("--at", "2027-03-28 02:30")
CHECKOUT = ("simulate", ACME, "--service", "checkout", *NIGHT)
MANUAL = "primary ignores; secondary acknowledges at +7m; sms down"


def test_the_example_of_the_manual_is_told_with_local_times_reasons_and_figures() -> None:
    ran = tocsin(*CHECKOUT, "--priority", "P2", "--answers", MANUAL, "--until", "+1h")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("checkout, P2, at 2027-03-28 02:30+01:00 (Europe/London), by ")
    assert (
        "  2027-03-28 02:35:00+01:00  +5m       INC-1  Step 3: Gita Rao called (Nobody acknowledged in time)" in ran.out
    )
    assert "  2027-03-28 02:37:00+01:00  +7m       INC-1  Gita Rao is working on it\n" in ran.out
    assert "  acknowledged        7m\n" in ran.out
    assert "Gita Rao (gita) 1 (1 at night), Ines Costa (ines) 1 (1 at night)" in ran.out


def test_json_holds_the_same_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    told = in_process(capsys, *CHECKOUT, "--answers", MANUAL, "--until", "+1h", "--format", "json").data
    assert (told["usable"], told["at"], told["until"]) == (True, "2027-03-28T01:30:00Z", "2027-03-28T02:30:00Z")
    assert told["measured"]["acknowledged"] == "7m"
    (entered,) = [one for one in told["lines"] if one["kind"] == "step_entered" and one["after"] == "5m"]
    assert (entered["text"], entered["why"]) == ("Step 3: Gita Rao called", "Nobody acknowledged in time")
    assert entered["planned"] == entered["at"] == "2027-03-28T01:35:00Z"


def test_what_comes_late_names_its_plan(capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, *CHECKOUT, "--answers", "everything down until +20m", "--until", "+1h")
    assert "[planned 2027-03-28 02:30:00+01:00]" in ran.out


def test_every_mistake_in_the_answers_is_told_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "answers"
    file.write_text("primry ignores\nsmss down; gita acknowledges at 7x", "utf-8")
    ran = in_process(capsys, *CHECKOUT, "--answers", f"@{file}")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "tocsin: answers:1:1: There is nobody called primry",
        "  hint: Did you mean primary?",
        "tocsin: answers:2:1: smss is no method of reaching people",
        "  hint: Did you mean sms?",
        "tocsin: answers:2:33: 7x is not a time",
        "  hint: Write +7m (from the opening), 02:45, or 2027-03-28 02:45",
    ]


@pytest.mark.parametrize(
    ("arguments", "what", "hint"),
    [
        (("--service", "chekout"), "there is no service chekout", "did you mean checkout?"),
        ((), "it is not said what breaks", "give --service ID"),
        (("--service", "checkout", "--at", "noon"), "'noon' is not a time", "write 2026-03-29"),
        (("--service", "checkout", "--until", "-1h"), "cannot be watched until -1h", "write --until +8h"),
        (("--service", "checkout", "--until", "+90d"), "cannot be watched until +90d", "at most 31d"),
        (("--service", "checkout", "--source", "script"), "there is no source script", "did you mean scripts?"),
        (("--service", "checkout", "--label", "x"), "'x' is not a label", "--label site=london"),
        (("--service", "checkout", "--priority", "P1", "--severity", "x"), "both say how bad", "give one"),
        (("--signal", "-", "--service", "checkout"), "--signal says what is wrong", "leave --service"),
        (("--signal", "/nowhere.json"), "/nowhere.json: No such file", ""),
        (("--service", "checkout", "--runs", "0"), "--runs: '0' is no whole number from 1 to 1000000", "see tocsin"),
        (("--runs", "2.7"), "--runs: '2.7' is no whole number from 1 to 1000000", "see tocsin simulate --help"),
        (("--runs", "nan"), "--runs: 'nan' is no whole number from 1 to 1000000", "see tocsin simulate --help"),
        (("--seed", "1.5"), "--seed: '1.5' is no whole number", "see tocsin simulate --help"),
        (("--processes", "-1"), "--processes: '-1' is no whole number from 0 to 256", "see tocsin simulate --help"),
        *(
            ((f"--{name}={wrong}",), f"--{name}: '{wrong}' is no number from 0 to 1", "see tocsin simulate --help")
            for name in ("ack-chance", "sms-down", "voice-down", "email-down", "push-down")
            for wrong in ("nan", "inf", "-inf", "-0.1", "1.5", "half")
        ),
        (("--service", "checkout", "--runs", "2", "--ack-median=nan"), "'nan' is not a duration; write 30s", ""),
        (("--service", "checkout", "--runs", "2", "--resolve-median=-5m"), "'-5m' is not a duration; write 30s", ""),
        (("--service", "checkout", "--ack-median=nan"), "--ack-median is about chance, and one run leaves", "--runs"),
        (("--service", "checkout", "--push-down=0.5"), "--push-down is about chance, and one run leaves", "--seed 1"),
        (
            ("--service", "checkout", "--svg=charts"),
            "--svg is about chance, and one run leaves nothing to it",
            "--runs",
        ),
        (("--service", "checkout", "--runs", "2", "--ack-median", "x"), "'x' is not a duration", ""),
    ],
)
def test_a_mistake_is_one_line_and_what_helps(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], what: str, hint: str
) -> None:
    ran = in_process(capsys, "simulate", ACME, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert what in ran.err
    assert hint in ran.err


def test_a_signal_from_a_file_is_read_as_the_source_reads_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "signal.json"
    labels = {"service": "checkout", "category": "security"}
    file.write_text(json.dumps({"key": "k", "title": "stolen", "severity": "critical", "labels": labels}), "utf-8")
    told = in_process(
        capsys, "simulate", ACME, "--signal", file, "--source", "scripts", *NIGHT, "--format", "json"
    ).data
    assert "under the policy security-breach" in told["lines"][0]["text"]


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"key": "k", "action": "resolve", "title": "x"}'])
def test_a_file_without_one_signal_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, body: str) -> None:
    (tmp_path / "s").write_text(body, "utf-8")
    ran = in_process(capsys, "simulate", ACME, "--signal", tmp_path / "s")
    assert ran.status == 2
    assert str(tmp_path / "s") in ran.err


MANY = (*CHECKOUT, "--runs", "60", "--seed", "7", "--until", "+2h")


def test_many_runs_are_the_same_for_a_seed_in_however_many_processes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    alone = in_process(capsys, *MANY, "--csv", tmp_path / "one.csv", "--format", "json", "--processes", "1")
    other = tocsin(*MANY, "--csv", tmp_path / "two.csv", "--format", "json", "--processes", "2")
    assert (alone.status, other.status, other.err) == (0, 0, "")
    assert alone.data == other.data
    assert (tmp_path / "one.csv").read_text("utf-8") == (tmp_path / "two.csv").read_text("utf-8")
    third = in_process(capsys, *MANY[:-3], "8", *MANY[-2:], "--format", "json")
    assert third.data["people"] != alone.data["people"]


def read(file: Path) -> list[dict[str, Any]]:
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def test_many_runs_leave_figures_rows_and_charts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ran = in_process(capsys, *MANY, "--csv", tmp_path / "new" / "runs.csv", "--svg", tmp_path / "charts")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("60 runs: checkout, P2, opening 2027-03-28 02:30+01:00, seed 7\n")
    assert "time to acknowledgement" in ran.out
    assert "ran out of steps" in ran.out
    rows = read(tmp_path / "new" / "runs.csv")
    assert [one["run"] for one in rows] == [str(n) for n in range(1, 61)]
    assert {one["at"] for one in rows} == {"2027-03-28T01:30:00Z"}
    charts = sorted(one.name for one in (tmp_path / "charts").iterdir())
    assert charts == ["by-hour.svg", "calls-per-person.svg", "index.html", "time-to-a-human.svg",
                      "time-to-acknowledgement.svg"]  # fmt: skip
    for file in (tmp_path / "charts").glob("*.svg"):
        assert ET.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def each(cell: str) -> dict[str, int]:
    return {person: int(calls) for person, calls in (one.split("=") for one in cell.split())}


def test_the_figures_of_each_person_can_be_worked_out_again_from_the_rows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = in_process(capsys, *MANY, "--csv", tmp_path / "runs.csv", "--format", "json").data
    rows = [(each(one["calls_by_person"]), each(one["night_calls_by_person"])) for one in read(tmp_path / "runs.csv")]
    for one in told["people"]:
        person = one["person"]
        of_rows = [sum(calls.get(person, 0) for calls in kind) for kind in zip(*rows, strict=True)]
        assert of_rows == [one["pages"], one["night"]]
    calls = sorted(n for called, _ in rows for n in called.values())
    assert told["calls_to_one_person"]["p90"] == calls[-(-90 * len(calls) // 100) - 1]
    assert told["calls_to_one_person"]["max"] == calls[-1]


def test_without_a_time_many_openings_are_spread_over_a_year(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ran = in_process(capsys, "simulate", ACME, "--service", "checkout", "--runs", "24", "--csv", tmp_path / "runs.csv")
    assert "opening over the year from" in ran.out
    rows = read(tmp_path / "runs.csv")
    assert len({one["at"][:7] for one in rows}) >= 12


def test_answers_hold_in_many_runs_too(capsys: pytest.CaptureFixture[str]) -> None:
    told = in_process(capsys, *MANY, "--answers", "primary acknowledges at +3m", "--format", "json").data
    assert told["time_to_acknowledgement"]["p90"] == 180.0  # but where mail is down at first
    refused = in_process(capsys, *MANY, "--answers", "primry ignores")
    assert (refused.status, refused.out) == (2, "")


def test_on_a_terminal_it_shows_how_far_it_is() -> None:
    master, terminal = pty.openpty()
    line = [sys.executable, "-m", "tocsin", *map(str, CHECKOUT), "--runs", "300", "--until", "+1h"]
    with os.fdopen(master, "rb", buffering=0) as screen:
        done = subprocess.run(line, stdout=subprocess.PIPE, stderr=terminal, env=environment(), timeout=60, check=True)
        os.close(terminal)
        shown = screen.read(4096).decode()
    assert "\r250 of 300 runs\r300 of 300 runs\r\x1b[K" in shown
    assert done.stdout.startswith(b"300 runs")


def test_what_is_in_force_is_asked_where_no_rulebook_is_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'tocsin.db'}")
    assert in_process(capsys, "apply", ACME, *database).status == 0
    told = in_process(capsys, "simulate", "--service", "checkout", *NIGHT, *database, "--format", "json").data
    assert told["origin"].startswith("version 1 in sqlite:///")
    assert told["measured"]["pages"]["ines"] >= 1
