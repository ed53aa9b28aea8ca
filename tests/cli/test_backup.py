"""`tocsin backup` and `tocsin restore`: what comes back is what was there, and nothing is overwritten by mistake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import Ran, in_process
from tocsin.core.instant import parse_instant

Run = Callable[..., Ran]


def test_a_backup_comes_back_whole_in_another_database(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("incident", "report", "Disk full", "--service", "order-database", "--text", "no space left")
    before = run("incident", "show", "1", "--format", "json").data
    copy, other = tmp_path / "copy.zip", ("--database", f"sqlite:///{tmp_path / 'other.db'}")
    made = run("backup", copy, "--format", "json").data
    assert made["file"] == str(copy)
    assert made["rows"] > 0
    assert parse_instant(made["at"]) >= parse_instant(before["opened_at"])
    assert copy.stat().st_mode & 0o077 == 0
    assert in_process(capsys, "restore", copy, *other, "--format", "json").data["rows"] == made["rows"]
    after = in_process(capsys, "incident", "show", "1", "--format", "json", *other).data
    assert after["timeline"] == before["timeline"]
    assert after["text"] == "no space left"
    assert in_process(capsys, "doctor", *other).status == 0


def test_a_file_that_is_there_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    copy.write_text("mine")
    assert run("backup", copy).status == 2
    assert copy.read_text() == "mine"
    assert run("backup", copy, "--force").status == 0


def test_a_database_that_holds_something_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    run("backup", copy)
    run("incident", "report", "Disk full")
    refused = run("restore", copy)
    assert refused.status == 2
    assert "is not empty" in refused.err
    assert "--force" in refused.err
    assert len(run("incident", "list", "--format", "json").data["incidents"]) == 1
    assert run("restore", copy, "--force").status == 0
    assert run("incident", "list", "--format", "json").data["incidents"] == []


@pytest.mark.parametrize("damage", [lambda body: body[:-200], lambda _: b"no backup", lambda _: b""])
def test_a_damaged_backup_changes_nothing(damage: Callable[[bytes], bytes], run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    run("incident", "report", "Disk full")
    run("backup", copy)
    copy.write_bytes(damage(copy.read_bytes()))
    refused = run("restore", copy, "--force")
    assert (refused.status, refused.out) == (2, "")
    assert "is not a backup of tocsin" in refused.err or "damaged" in refused.err
    assert len(run("incident", "list", "--format", "json").data["incidents"]) == 1


def test_a_backup_that_is_not_there_and_a_folder_that_is_not_there_are_told(run: Run, tmp_path: Path) -> None:
    assert "there is no file" in run("restore", tmp_path / "none.zip").err
    assert "there is no folder" in run("backup", tmp_path / "none" / "copy.zip").err
