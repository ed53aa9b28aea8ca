"""The same commands on a real PostgreSQL, where nobody goes through a socket."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import ACME, in_process


def test_the_commands_work_on_postgres_as_on_a_file(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: object) -> Any:
        ran = in_process(capsys, *arguments, "--database", postgres_url, "--format", "json")
        assert ran.status == 0, ran.err
        return ran.data

    assert run("apply", ACME)["version"] == 1
    assert run("token", "create", "ci")["token"].startswith("toc_")
    opened = run("incident", "report", "Disk full", "--service", "order-database", "--severity", "critical")
    assert run("incident", "ack", opened["id"], "--by", "finn")["owner"] == "finn"
    assert [one["id"] for one in run("incident", "list")["incidents"]] == [opened["id"]]
    assert run("oncall", "infra-primary", "--at", "2026-03-25 12:00")["schedules"][0]["people"][0]["person"] == "finn"
    assert run("doctor")["healthy"] is True
    copy = tmp_path / "copy.zip"
    run("backup", copy)
    moved = in_process(capsys, "restore", copy, "--database", f"sqlite:///{tmp_path / 'moved.db'}")
    assert moved.status == 0
    listed = in_process(capsys, "incident", "list", "--database", f"sqlite:///{tmp_path / 'moved.db'}")
    assert opened["id"] in listed.out
