"""`tocsin oncall` and `tocsin schedule`: the roster from a file, at any instant, with reasons."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.terminal import ACME, Ran, in_process, tocsin

FROM_FILE = ("--rulebook", ACME)


def test_everybody_on_call_is_named_with_the_reason() -> None:
    ran = tocsin("oncall", "--at", "2026-03-29 02:30", *FROM_FILE)
    assert (ran.status, ran.err) == (0, "")
    assert "On call at 2026-03-29 02:30+01:00 (Europe/London)" in ran.out
    assert "  Carla Reyes (carla), until 2026-03-30 00:00+01:00\n    Layer 1, turn 13 of the rotation" in ran.out


def test_a_time_before_now_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert in_process(capsys, "oncall", "--at", "-1d", *FROM_FILE).status == 0
    laid_out = in_process(capsys, "schedule", "shifts", "infra-primary", "--from", "-9d", "--to", "-1d", *FROM_FILE)
    assert len(laid_out.out.splitlines()) in {3, 4}


def test_json_names_each_schedule_and_who_is_not_on(capsys: pytest.CaptureFixture[str]) -> None:
    told = in_process(capsys, "oncall", "--at", "2026-03-25T12:00:00Z", *FROM_FILE, "--format", "json").data
    by_name = {one["schedule"]: one for one in told["schedules"]}
    assert set(by_name) == {"infra-primary", "infra-secondary", "payments-primary", "weekend-duty"}
    assert [one["person"] for one in by_name["infra-primary"]["people"]] == ["finn"]
    assert [one["person"] for one in by_name["infra-secondary"]["people"]] == ["dana"]
    assert by_name["weekend-duty"]["people"] == []
    assert by_name["weekend-duty"]["why_not"] == ["Layer 1 has nobody outside weekend"]


def test_one_schedule_can_be_asked_for_and_an_unknown_one_has_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert "payments-primary" not in in_process(capsys, "oncall", "infra-primary", *FROM_FILE).out
    refused = in_process(capsys, "oncall", "infra-primry", *FROM_FILE)
    assert refused.status == 2
    assert "did you mean infra-primary?" in refused.err


def test_shifts_follow_each_other_without_a_seam(capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-03-20", "--to", "2026-04-20")
    told = in_process(capsys, "schedule", "shifts", "weekend-duty", *span, *FROM_FILE, "--format", "json").data
    assert told["shifts"][0]["start"] == told["from"] == "2026-03-20T00:00:00Z"
    assert told["shifts"][-1]["end"] == told["to"] == "2026-04-19T23:00:00Z"
    assert all(one["end"] == after["start"] for one, after in pairwise(told["shifts"]))
    gaps = [one for one in told["shifts"] if one["gap"]]
    assert gaps
    assert all(one["deliberate"] and not one["people"] for one in gaps)


def test_shifts_are_a_table_with_the_offset_of_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-03-23 09:00", "--to", "2026-04-06 09:00")
    rows = in_process(capsys, "schedule", "shifts", "infra-primary", *span, *FROM_FILE).out.splitlines()
    assert rows[0].split() == ["FROM", "TO", "LENGTH", "WHO", "WHY"]
    assert rows[1].startswith("2026-03-23 09:00+00:00  2026-03-30 09:00+01:00  6d23h   Finn Berg (finn)")


def test_a_stretch_that_ends_before_it_starts_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-04-01", "--to", "2026-03-01")
    refused = in_process(capsys, "schedule", "shifts", "infra-primary", *span, *FROM_FILE)
    assert (refused.status, refused.out) == (2, "")
    assert "--to is later than --from" in refused.err


def test_a_past_time_is_answered_by_the_rulebook_of_then(run: Callable[..., Ran], tmp_path: Path) -> None:
    other = tmp_path / "rules.yaml"
    other.write_text(ACME.read_text("utf-8").replace("people: [dana, eve, finn]", "people: [eve, finn, dana]"), "utf-8")
    assert run("apply", other, "--force", "--reason", "a drill", "--patience", "0s").status == 0
    assert ", by version 2 in " in run("oncall", "infra-primary").out
    assert ", by version 1 in " in run("oncall", "infra-primary", "--at=-1h").out
