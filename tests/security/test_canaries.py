"""Secrets of every kind, marked, put where each belongs; then everything that comes out is searched for the marks."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.engine.ports import free_port
from tests.engine.running import ROOT, rulebook, until
from tests.engine.sink import sink
from tests.security.carried import leaves
from tests.web.browsing import until_it_answers
from tocsin.cli.main import run
from tocsin.lib import secrets

MARKS = {
    "source key": "canary-source-key-1b7e",
    "instance secret": "canary-instance-secret-92fd",
    "old secret": "canary-older-secret-5c1e",
    "mail password": "canary-mail-password-77aa",
    "webhook secret": "canary-webhook-secret-e01d",
    "provider secret": "canary-provider-secret-3f9c",
    "password": "canary-password-of-dana-40",
}
ADDRESS = "canary.address@acme.example"


class Place(NamedTuple):
    """An installation that has run: its folder, all marks by name, and what it has answered."""

    folder: Path
    marks: dict[str, str]
    answers: dict[str, str]
    log: str
    children: dict[str, bytes]


def environment(smtp: int, url: str) -> dict[str, str]:
    """A whole one, with a mark in every secret of it."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return plain | {
        "PYTHONPATH": str(ROOT / "src"),
        "TOCSIN_URL": url,
        "TOCSIN_KEY_SCRIPTS": MARKS["source key"],
        "TOCSIN_SECRET": MARKS["instance secret"],
        "TOCSIN_SECRET_OLD": MARKS["old secret"],
        "TOCSIN_SMTP": f"smtp://tocsin:{MARKS['mail password']}@127.0.0.1:{smtp}",
        "TOCSIN_WEBHOOK_SECRET": MARKS["webhook secret"],
        "TOCSIN_OIDC_ISSUER": "http://127.0.0.1:9",
        "TOCSIN_OIDC_CLIENT_ID": "tocsin",
        "TOCSIN_OIDC_CLIENT_SECRET": MARKS["provider secret"],
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The real program as a process of its own: set up, used, asked for everything, backed up, ended."""
    folder, port = tmp_path_factory.mktemp("canaries"), free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / "rules.yaml").write_text(rulebook().replace("dana@acme.example", ADDRESS))
    with sink() as mails:
        surroundings = environment(mails.port, url)
        log = (folder / "log").open("wb")
        program = [sys.executable, "-m", "tocsin"]
        command = [*program, "serve", "--database", "sqlite:///t.db", "--rulebook", "rules.yaml", "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=log, stderr=log)
        try:
            until_it_answers(process, f"{url}/health")
            marks = MARKS | made(folder)
            answers = used(url, marks)
            children = {path.parent.name: path.read_bytes() for path in _children(process.pid)}
            database = ("--database", f"sqlite:///{folder}/t.db")
            for words in (("backup", f"{folder}/copy.zip"), ("audit", "--limit", "500"), ("token", "list")):
                answers[" ".join(words[:1])] = said(*words, *database)
            doctor = [*program, "doctor", "--database", "sqlite:///t.db"]
            ran = subprocess.run(
                doctor, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60, check=False
            )
            answers["doctor"] = ran.stdout + ran.stderr
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            log.close()
    told = (folder / "log").read_text("utf-8")
    return Place(folder, marks, answers, told, children)


def _children(pid: int) -> list[Path]:
    return [Path(f"/proc/{one}/environ") for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def said(*words: str) -> str:
    """What a command says, in this process: it reaches the server by the socket beside the database."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        status = run(list(words))
    assert status == 0, (words, out.getvalue())
    return out.getvalue()


def made(folder: Path) -> dict[str, str]:
    """A token, an account with a link to set its password, a second key of a source: all by the command line."""
    common = ("--database", f"sqlite:///{folder}/t.db", "--format", "json")
    token = json.loads(said("token", "create", "robot", "--role", "admin", *common))["token"]
    shown = leaves(json.loads(said("source", "key", "add", "scripts", *common)))
    key = next(one for one in shown if secrets.token_id(one))
    account = json.loads(said("account", "create", "dana", "--role", "admin", "--person", "dana", *common))
    link = next(one for one in leaves(account) if "/setup/" in one)
    return {"token": token, "stored key": key, "one-time link": link.rpartition("/")[2]}


def used(url: str, marks: dict[str, str]) -> dict[str, str]:
    """Everything is used once, wrongly too; then everything that can be read is read."""
    bearer = {"authorization": f"Bearer {marks['token']}"}
    with httpx.Client(base_url=url) as client:
        setup = f"/setup/{marks['one-time link']}"
        client.post(setup, data={"login": "dana", "password": marks["password"], "person": "dana"})
        cookie = client.cookies["tocsin"]
        marks["cookie"] = cookie
        client.post("/signin", data={"login": "dana", "password": marks["password"] + "-wrong"})
        for key in (marks["source key"], marks["stored key"]):
            body = {"title": "x", "labels": {"service": "order-database"}, "severity": "critical"}
            client.post("/in/scripts", json=body, headers={"authorization": f"Bearer {key}"})
            client.post(f"/in/scripts?key={key}", content=b"{ no json")
            client.post(f"/in/nowhere?key={key}", json=body)
        client.get("/api/v1/incidents", headers={"authorization": f"Bearer {marks['token']}x"})
        client.get("/signin/oidc")
        until(lambda: 'tocsin_sends_total{method="email"' in client.get("/metrics", headers=bearer).text, 30, 0.2)
        document = client.get("/api/openapi.json", headers=bearer).json()
        paths = [
            path for path, one in document["paths"].items() if "get" in one and "{" not in path and "events" not in path
        ]
        paths += [
            "/api/v1/incidents/INC-1",
            "/api/v1/incidents/INC-1/timeline",
            "/api/v1/people/eve",
            "/api/v1/sources/scripts/keys",
        ]
        answers = {path: client.get(path, headers=bearer).text for path in paths}
        answers |= {path: client.get(path).text for path in ("/", "/incidents/INC-1", "/account", "/nowhere")}
        answers["wrong"] = client.put("/api/v1/rulebook", content=b"x: [", headers=bearer).text
    return answers


def leaks(marks: dict[str, str], text: str) -> list[str]:
    return [name for name, mark in marks.items() if mark in text]


def test_everything_was_really_used(place: Place) -> None:
    assert set(place.marks) >= {*MARKS, "token", "stored key", "one-time link", "cookie"}
    assert len(place.answers) > 25
    assert "INC-1" in place.answers["/api/v1/incidents"]
    assert "token.made" in place.answers["audit"]


def test_no_log_holds_a_secret_or_an_address(place: Place) -> None:
    assert leaks(place.marks, place.log) == []
    assert ADDRESS not in place.log
    assert "tsl_" not in place.log.replace("tsl_***", "")
    assert "sign_in_refused" in place.log


def test_no_answer_and_no_command_shows_a_secret(place: Place) -> None:
    assert {path: found for path, text in place.answers.items() if (found := leaks(place.marks, text))} == {}


def test_no_answer_but_that_of_contacts_shows_where_somebody_is_reached(place: Place) -> None:
    shown = [path for path, text in place.answers.items() if ADDRESS in text]
    assert [path for path in shown if "contact" not in path and path != "/api/v1/rulebook"] == []


def test_the_store_and_its_backup_hold_hashes_where_there_were_secrets(place: Place) -> None:
    kept = b"".join(path.read_bytes() for path in place.folder.glob("t.db*") if path.is_file())
    with zipfile.ZipFile(io.BytesIO((place.folder / "copy.zip").read_bytes())) as archive:
        copied = b"".join(archive.read(name) for name in archive.namelist())
    for name, mark in place.marks.items():
        assert mark.encode() not in kept, name
        assert mark.encode() not in copied, name
    assert b"argon2id" in copied


def test_only_their_owner_reads_the_files(place: Place) -> None:
    (place.folder / "log").chmod(0o600)
    open_ = [path.name for path in place.folder.iterdir() if path.stat().st_mode & 0o077 and path.name != "rules.yaml"]
    assert open_ == []


def test_the_server_starts_no_other_program_that_could_be_given_them(place: Place) -> None:
    assert place.children == {}
