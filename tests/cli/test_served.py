"""Commands that write while a server runs go through it; the store itself stays its own."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import free_port
from tests.cli.terminal import ACME, Ran, tocsin
from tocsin.cli.remote import Remote, socket_of


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def test_everything_that_writes_is_carried_out_by_the_server(
    served: subprocess.Popen[bytes], run: Callable[..., Ran], file: Path
) -> None:
    token = run("token", "create", "ci", "--role", "responder")
    assert (token.status, token.err) == (0, "")
    opened = run("incident", "report", "Down", "--service", "checkout", "--severity", "critical", "--format", "json")
    assert (opened.status, opened.err) == (0, "")
    acked = run("incident", "ack", opened.data["id"], "--by", "gita", "--eta", "1h", "--format", "json")
    assert acked.data["owner"] == "gita"
    ended = run("incident", "resolve", opened.data["id"], "--by", "gita", "--reason", "restarted", "--format", "json")
    assert ended.data["status"] == "resolved"
    assert run("incident", "escalate", opened.data["id"], "--reason", "x").err.count("It is resolved") == 1
    rules = file.parent / "rules.yaml"
    rules.write_text(ACME.read_text("utf-8") + "# a remark\n", "utf-8")
    assert run("apply", rules, "--format", "json").data["version"] == 2
    assert run("token", "revoke", "ci").status == 0
    refused = Remote(socket_of(file)).ask("DELETE", "/api/v1/tokens/nothing")
    assert refused.status == 404
    assert served.poll() is None


def test_a_store_in_use_is_refused_by_name_and_a_copy_is_not(
    served: subprocess.Popen[bytes], url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.zip"
    assert tocsin("backup", copy, "--database", url).status == 0
    refused = tocsin("restore", copy, "--force", "--database", url)
    assert refused.status == 2
    assert f"is being written by process {served.pid}" in refused.err
    second = tocsin("serve", "--database", url, "--port", free_port())
    assert second.status == 2
    assert f"is being written by process {served.pid}" in second.err
    assert tocsin("doctor", "--database", url).status == 0


def test_a_socket_that_a_dead_server_left_is_passed_over(served: subprocess.Popen[bytes], url: str, file: Path) -> None:
    served.kill()
    served.wait()
    assert socket_of(file).exists()
    assert tocsin("token", "create", "after", "--database", url).status == 0


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("--port 70000", "Invalid value"),
        ("--only web --rulebook RULES", "--only needs PostgreSQL"),
        ("--rulebook nowhere.yaml", "the rulebook cannot be used"),
        ("--database mysql://x/y --rulebook RULES", "mysql is not supported"),
    ],
)
def test_a_server_that_cannot_start_says_why_and_exits_2(line: str, what: str, tmp_path: Path) -> None:
    arguments = line.replace("RULES", str(ACME)).split()
    port = () if "--port" in line else ("--port", free_port())
    ran = tocsin("serve", *arguments, *port, cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert what in ran.err
    assert "Traceback" not in ran.err


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = tocsin("serve", "--rulebook", ACME, "--port", port, cwd=tmp_path)
    assert ran.status == 2
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err
    assert not (tmp_path / "tocsin.db").exists()


def test_a_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    ran = tocsin("serve", "--rulebook", ACME, "--port", free_port(), cwd=tmp_path, TOCSIN_SECRET="short")
    assert ran.status == 2
    assert "TOCSIN_SECRET" in ran.err
    assert "short" not in ran.err.replace("shorter", "")
