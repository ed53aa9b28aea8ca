"""`tocsin serve` refuses what it could not serve with, in one line, before it has begun."""

from pathlib import Path

import pytest

from tests.cli.conftest import free_port
from tests.cli.terminal import ACME, tocsin
from tocsin.settings import from_environment


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("TOCSIN_URL", "tocsin.example", "'tocsin.example' is no web address"),
        ("TOCSIN_URL", "https://tocsin.example/ x", "is no web address"),
        ("TOCSIN_SECRET", "short", "the secret has 5 characters"),
        ("TOCSIN_SMTP", "mail.example", "smtp://"),
        ("TOCSIN_DATABASE", "sqlite:///away/tocsin.db", "there is no folder"),
        ("TOCSIN_DATABASE", f"sqlite:///{'deep' * 25}/tocsin.db", "more than 107 bytes"),
        ("TOCSIN_RULEBOOK", "away.yaml", "the rulebook cannot be used"),
    ],
)
def test_a_setting_that_is_wrong_is_named(setting: str, value: str, said: str, tmp_path: Path) -> None:
    (tmp_path / ("deep" * 25)).mkdir()
    given = {"TOCSIN_RULEBOOK": str(ACME)} | {setting: value}
    ran = tocsin("serve", "--port", free_port(), cwd=tmp_path, **given)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_variable_that_is_empty_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}")
    ran = tocsin("oncall", cwd=tmp_path, TOCSIN_RULEBOOK="", TOCSIN_DATABASE="")
    assert (ran.status, "no rulebook" in ran.err) == (2, True)
    assert tocsin("oncall", cwd=tmp_path, TOCSIN_RULEBOOK=str(ACME), TOCSIN_DATABASE="").status == 0


@pytest.mark.parametrize(("host", "url"), [("::1", "http://[::1]:8400"), ("10.0.0.7", "http://10.0.0.7:8400")])
def test_without_a_public_address_links_begin_with_the_one_that_is_listened_on(
    host: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_environment({"TOCSIN_URL": ""}, host=host).url == url
    assert from_environment({"TOCSIN_URL": "https://x.example/bell/"}, host=host).url == "https://x.example/bell"
