"""A real browser in front of the real program: what the journeys share."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import tocsin
from tests.engine.ports import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RULES = Path(tocsin.__file__).parent / "cli" / "demo.yaml"
KEY = "key-of-scripts-0123456789"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""

JOURNEY = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.timeout(240),
]
"""The marks of every module of journeys."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The program itself as a demonstration; gives its address."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    environment = os.environ | {"TOCSIN_KEY_SCRIPTS": KEY, "TOCSIN_URL": f"http://127.0.0.1:{port}"}
    options = ["--demo", "--rulebook", str(RULES), "--database", f"sqlite:///{folder}/tocsin.db"]
    with serving(folder / "serve.log", port, environment, *options):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(
    said: Path, port: int, environment: dict[str, str], *options: str, folder: Path | None = None
) -> Iterator[None]:
    """The program at that port until it ends in good order; what it says goes to that file."""
    command = [sys.executable, "-m", "tocsin", "serve", *options, "--port", str(port)]
    with said.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        until_it_answers(process, f"http://127.0.0.1:{port}/health")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert "Traceback" not in said.read_text("utf-8")


def until_it_answers(process: "subprocess.Popen[bytes]", address: str) -> None:
    """The program has started."""
    for _ in range(600):
        assert process.poll() is None
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the program did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for all journeys."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def faults(browser: Any) -> Iterator[list[str]]:
    """What browsers complained of: scripts that failed, policies that were broken. Nothing, at the end of each test;
    and its windows are shut, for an open board lives on and would slow down every test that follows."""
    told: list[str] = []
    yield told
    for context in browser.contexts:
        context.close()
    assert told == []


def opened(browser: Any, faults: list[str], width: int = 1280, **more: Any) -> Any:
    """A new page in a context of its own, which reports what goes wrong."""
    page = browser.new_context(viewport={"width": width, "height": 840}, **more).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page


def phone(browser: Any, faults: list[str], **more: Any) -> Any:
    """The same on a small screen that is touched."""
    return opened(browser, faults, width=390, is_mobile=True, has_touch=True, **more)


def listens(page: Any) -> None:
    """The page that is coming has run its scripts: before that it shows what it has, and hears no key."""
    page.wait_for_load_state("domcontentloaded")


def report(url: str, key: str, **more: Any) -> str:
    """Something goes wrong; the incident's id."""
    body = {"key": key, "title": "Orders fail", "severity": "critical", "labels": {"service": "order-database"}} | more
    answer = httpx.post(f"{url}/in/scripts", json=body, headers={"authorization": f"Bearer {KEY}"})
    incident: str = answer.json()["incidents"][0]["id"]
    return incident


def over(url: str, *keys: str) -> None:
    """Their source says that they are over, so that the next journey has the board for itself."""
    for key in keys:
        report(url, key, action="resolve")
