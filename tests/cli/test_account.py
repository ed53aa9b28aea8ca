"""`tocsin account`, `source key` and `audit`: beside a running server and without one."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cli.terminal import Ran, tocsin
from tests.insiders import PASSWORD
from tocsin.access.permissions import ROLES
from tocsin.cli.remote import Remote
from tocsin.lib.secrets import token_id

Run = Callable[..., Ran]
FORM = "application/x-www-form-urlencoded"


def accounts(run: Run) -> dict[str, dict[str, Any]]:
    return {one["login"]: one for one in run("account", "list", "--format", "json").data["accounts"]}


def test_the_first_admin_is_invited_until_there_is_one(tmp_path: Path) -> None:
    ran = tocsin("account", "setup", cwd=tmp_path, TOCSIN_URL="https://tocsin.acme.example/")
    assert re.fullmatch(r"https://tocsin\.acme\.example/setup/[\w-]{43}\n", ran.out)
    assert tocsin("account", "create", "nadia", "--role", "admin", cwd=tmp_path).status == 0
    ran = tocsin("account", "setup", cwd=tmp_path)
    assert (ran.status, "there is an account already" in ran.err) == (2, True)


def test_an_account_is_made_listed_and_changed(run: Run) -> None:
    ran = run("account", "create", "dana", "--role", "responder", "--person", "dana")
    assert "/setup/" in ran.out
    assert ran.out.count("\n") == 1
    assert (accounts(run)["dana"]["role"], accounts(run)["dana"]["has_password"]) == ("responder", False)
    assert "no password yet" in run("account", "list").out
    assert run("account", "role", "dana", "team-lead").status == 0
    assert run("account", "person", "dana", "").status == 0
    assert (accounts(run)["dana"]["role"], accounts(run)["dana"]["person"]) == ("team-lead", None)
    assert run("account", "disable", "dana").status == 0
    assert "disabled" in run("account", "list").out
    assert run("account", "enable", "dana", "--format", "json").data["login"] == "dana"
    assert accounts(run)["dana"]["disabled_at"] is None
    assert "/setup/" in run("account", "reset", "dana", "--format", "json").data["link"]
    assert "/setup/" in run("account", "invite", "dana").out


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("create dana", "there is an account of that login already"),
        ("create d/ana", "that is no login"),
        ("create eve --person evee", "there is no person evee"),
        ("create eve --role king", "Invalid value"),
        ("role nobody viewer", "there is no such account"),
        ("reset nobody", "there is no such account"),
        ("disable dana", "it is the last admin"),
        ("role dana viewer", "it is the last admin"),
        ("person dana nobody", "there is no person nobody"),
    ],
)
def test_a_mistake_changes_nothing(line: str, what: str, run: Run) -> None:
    run("account", "create", "dana", "--role", "admin")
    ran = run("account", *line.split())
    assert (ran.status, ran.out) == (2, "")
    assert what in ran.err
    assert [(one["login"], one["role"], one["disabled_at"]) for one in accounts(run).values()] == [
        ("dana", "admin", None)
    ]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_be_given(role: str, run: Run) -> None:
    run("account", "create", "dana", "--role", role)
    assert accounts(run)["dana"]["role"] == role


def test_a_key_of_a_source_is_added_beside_the_old_one_and_revoked(run: Run) -> None:
    first, second = (run("source", "key", "add", "prometheus").out.strip() for _ in range(2))
    assert token_id(first) != token_id(second) != ""
    ran = run("source", "key", "add", "prometheus")
    assert (ran.status, "two keys already" in ran.err) == (2, True)
    assert run("source", "key", "revoke", "prometheus", token_id(first)).status == 0
    listed = run("source", "key", "list", "--format", "json").data["keys"]
    assert {one["id"]: one["state"] for one in listed} == {token_id(first): "revoked", token_id(second): "live"}
    assert first not in run("source", "key", "list").out
    ran = run("source", "key", "revoke", "prometheus", token_id(first))
    assert (ran.status, "still good" in ran.err) == (2, True)
    assert "there is no source prometeus" in run("source", "key", "add", "prometeus").err


def test_the_audit_log_tells_what_was_done_at_the_machine_itself(run: Run) -> None:
    run("account", "create", "dana", "--role", "responder")
    run("token", "create", "ci", "--role", "viewer", "--scope", "metrics.read")
    run("source", "key", "add", "prometheus")
    told = run("audit", "--format", "json").data["entries"]
    assert [one["what"] for one in told[:4]] == [
        "source.key-made", "token.made", "account.invited", "account.created",
    ]  # fmt: skip
    assert {one["actor"] for one in told[:4]} == {"token:local"}
    assert [one["what"] for one in run("audit", "--what", "token", "--format", "json").data["entries"]] == [
        "token.made"
    ]
    assert "metrics.read" in run("audit", "--limit", "2").out
    assert "rulebook.applied" in run("audit").out


def test_a_token_is_narrowed_by_scopes_and_teams(run: Run) -> None:
    run("token", "create", "ci", "--role", "responder", "--scope", "incident.*", "--scope", "*.read", "--team", "db")
    (one,) = run("token", "list", "--format", "json").data["tokens"]
    assert (one["scopes"], one["teams"]) == (["incident.*", "*.read"], ["db"])
    assert "incident.* *.read, for db" in run("token", "list").out
    ran = run("token", "create", "x", "--role", "viewer", "--scope", "rulebook.apply")
    assert (ran.status, "viewer may do nothing of rulebook.apply" in ran.err) == (2, True)


def test_a_server_says_once_how_the_first_admin_comes_in_and_carries_out_what_is_asked(
    file: Path, served: subprocess.Popen[bytes]
) -> None:
    log = (file.parent / "serve.log").read_text()
    (link,) = re.findall(r"first admin within an hour: (http://127\.0\.0\.1:\d+)(/setup/[\w-]{43})", log)
    database = ("--database", f"sqlite:///{file}")
    renewed = tocsin("account", "setup", *database)
    assert (renewed.status, "/setup/" in renewed.out) == (0, True)
    port = Remote(port=int(link[0].rpartition(":")[2]))
    assert port.ask("GET", link[1]).status == 404
    path = "/setup/" + renewed.out.strip().rpartition("/")[2]
    body = urlencode({"login": "nadia", "password": PASSWORD}).encode()
    entered = port.ask("POST", path, body, Content_Type=FORM)
    assert (entered.status, entered.headers["location"]) == (303, "/")
    assert "HttpOnly" in entered.headers["set-cookie"]
    made = tocsin("account", "create", "dana", "--role", "responder", *database)
    assert (made.status, "/setup/" in made.out) == (0, True)
    assert tocsin("account", "disable", "dana", *database).status == 0
    refused = tocsin("account", "disable", "nadia", *database)
    assert (refused.status, "last admin" in refused.err) == (2, True)
    told = tocsin("audit", "--what", "account", "--format", "json", *database).data["entries"]
    assert [(one["what"], one["actor"]) for one in told] == [
        ("account.disabled", "token:local"),
        ("account.invited", "token:local"),
        ("account.created", "token:local"),
        ("account.created", "setup"),
    ]
    assert tocsin("doctor", *database, "--format", "json").data["healthy"] is True
