"""`tocsin token`: shown once, alone on its line, and of no use after it was revoked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import Ran, tocsin
from tocsin.lib.secrets import token_id

Run = Callable[..., Ran]


def test_a_token_is_all_that_standard_output_holds(tmp_path: Path) -> None:
    ran = tocsin("token", "create", "ci", "--role", "admin", cwd=tmp_path)
    assert ran.status == 0
    assert token_id(ran.out.removesuffix("\n"))
    assert ran.out.count("\n") == 1
    assert (tmp_path / "tocsin.db").exists()
    assert "making a new database at sqlite:///tocsin.db" in ran.err


def test_the_database_may_be_named_by_the_environment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    assert tocsin("token", "create", "ci", cwd=tmp_path, TOCSIN_DATABASE=url).status == 0
    assert (tmp_path / "other.db").exists()


def test_a_list_holds_no_secret_and_says_what_was_revoked(run: Run) -> None:
    text = run("token", "create", "grafana", "--role", "responder").out.strip()
    assert text not in run("token", "list").out
    (listed,) = run("token", "list", "--format", "json").data["tokens"]
    assert (listed["name"], listed["role"], listed["revoked_at"]) == ("grafana", "responder", None)
    assert listed["id"] == token_id(text)
    assert run("token", "revoke", "grafana").status == 0
    assert run("token", "list", "--format", "json").data["tokens"][0]["revoked_at"]
    assert "revoked" in run("token", "list").out


def test_json_tells_the_token_with_its_name(run: Run) -> None:
    told = run("token", "create", "ci", "--format", "json").data
    assert (told["name"], told["role"], told["id"]) == ("ci", "viewer", token_id(told["token"]))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("create ci", "there is a token ci already"),
        ("create x --role king", "Invalid value"),
        ("revoke nobody", "there is no token nobody"),
    ],
)
def test_a_mistake_makes_and_ends_nothing(line: str, what: str, run: Run) -> None:
    run("token", "create", "ci")
    ran = run("token", *line.split())
    assert (ran.status, ran.out) == (2, "")
    assert what in ran.err
    assert len(run("token", "list", "--format", "json").data["tokens"]) == 1


def test_a_name_is_free_again_when_its_token_was_revoked(run: Run) -> None:
    run("token", "create", "ci")
    run("token", "revoke", "ci")
    assert run("token", "create", "ci").status == 0
    assert "was revoked before" not in run("token", "revoke", "ci").err
    assert "was revoked before" in run("token", "revoke", "ci").err
