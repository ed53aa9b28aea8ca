"""The main job on real input: Alertmanager posts, people get real mail, a link acknowledges, management still hears."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller

from tests.engine.ports import free_port

ALERTMANAGER, AMTOOL = shutil.which("prometheus-alertmanager"), shutil.which("amtool")
KEY = "key-of-prometheus-0123456789"
ACME = (Path(__file__).parents[2] / "examples" / "acme.yaml").read_text()
WAITS = {
    "{hand_over: team, wait: 5m}": "{hand_over: team, wait: 3s}",
    "{notify: team.next, wait: 10m}": "{notify: team.next, wait: 30s}",
    '{after: 2h, ask: "manager:1"}': '{after: 9s, ask: "manager:1"}',
}

pytestmark = [
    pytest.mark.skipif(not (ALERTMANAGER and AMTOOL), reason="Debian's prometheus-alertmanager is not installed"),
    pytest.mark.timeout(300),
]


class Mailbox:
    """A real SMTP server that keeps what it takes."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, Any]] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.extend((address, mail) for address in envelope.rcpt_tos)
        return "250 OK"

    def __enter__(self) -> "Mailbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def receivers(self) -> list[str]:
        """Who got mail, in order."""
        return [address.partition("@")[0] for address, _ in self.mails]


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """Until it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


def ended(process: subprocess.Popen[bytes]) -> None:
    """Stop what this test started, and nothing else."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """The mail server of Acme."""
    with Mailbox() as box:
        yield box


@pytest.fixture
def tocsin(tmp_path: Path, mailbox: Mailbox) -> Iterator[str]:
    """The program itself; gives its address."""
    text = ACME
    for long, short in WAITS.items():
        assert long in text
        text = text.replace(long, short)
    (tmp_path / "acme.yaml").write_text(text)
    port = free_port()
    environment = os.environ | {"TOCSIN_SMTP": f"smtp://127.0.0.1:{mailbox.port}", "TOCSIN_KEY_PROMETHEUS": KEY}
    command = [sys.executable, "-m", "tocsin", "serve", "--rulebook", str(tmp_path / "acme.yaml")]
    command += ["--database", f"sqlite:///{tmp_path}/tocsin.db", "--port", str(port)]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: process.poll() is None and answers(f"{url}/ready"), 120)
        yield url
    finally:
        ended(process)


@pytest.fixture
def alertmanager(tmp_path: Path, tocsin: str) -> Iterator[str]:
    """Debian's Alertmanager, wired to tocsin's webhook; gives its address."""
    port = free_port()
    (tmp_path / "alertmanager.yml").write_text(
        "route: {receiver: tocsin, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\n"
        "receivers:\n- name: tocsin\n  webhook_configs:\n"
        f"  - url: {tocsin}/in/prometheus\n    send_resolved: true\n"
        f"    http_config: {{authorization: {{type: Bearer, credentials: {KEY}}}}}\n"
    )
    command = [str(ALERTMANAGER), f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/am"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with (tmp_path / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/-/ready"))
        yield f"http://127.0.0.1:{port}"
    finally:
        ended(process)


def answers(url: str) -> bool:
    """Whether it says that all is well."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def alert(alertmanager: str, *more: str) -> None:
    """What a person or a script types."""
    labels = ["alertname=HostDown", "service=order-database", "severity=critical", "instance=db-1"]
    command = [str(AMTOOL), f"--alertmanager.url={alertmanager}", "alert", "add", *labels]
    command += ["--annotation=summary=The order database is down", *more]
    subprocess.run(command, check=True, timeout=30)


def link(mail: Any) -> str:
    """The signed link that a mail carries."""
    text = mail.get_body(("plain",)).get_content()
    found = re.search(r"http://127\.0\.0\.1:\d+/l/\S+", text)
    assert found, text
    return found[0]


def incident(tocsin: str, token: str) -> Any:
    """The one incident, as the API gives it."""
    return httpx.get(f"{tocsin}/api/v1/incidents/INC-1", headers={"Authorization": f"Bearer {token}"}).json()


def token_of(tmp_path: Path) -> str:
    """An admin's token, by the command line, through the running server."""
    command = [sys.executable, "-m", "tocsin", "token", "create", "test", "--role", "admin"]
    made = subprocess.run(
        command,
        env=os.environ | {"TOCSIN_DATABASE": f"sqlite:///{tmp_path}/tocsin.db"},
        check=True,
        capture_output=True,
    )
    (line,) = made.stdout.decode().splitlines()
    return line


def test_an_alert_climbs_is_acknowledged_by_link_still_reaches_the_manager_and_ends_with_its_source(
    tmp_path: Path, tocsin: str, alertmanager: str, mailbox: Mailbox
) -> None:
    token = token_of(tmp_path)
    alert(alertmanager)
    wait_for(lambda: len(mailbox.mails) >= 1)
    first = mailbox.receivers()[0]
    assert first in ("dana", "eve", "finn")
    wait_for(lambda: len(mailbox.mails) >= 2)
    second = mailbox.receivers()[1]
    assert second in ("dana", "eve", "finn")
    assert second != first

    url = link(mailbox.mails[1][1])
    shown = httpx.get(url)
    assert shown.status_code == 200
    assert incident(tocsin, token)["status"] == "open", "looking at a link must not act"
    assert httpx.post(url, data=hidden(shown.text)).status_code in (200, 303)
    after = incident(tocsin, token)
    assert (after["status"], after["owner"]) == ("acknowledged", second)

    wait_for(lambda: "frank" in mailbox.receivers())
    pages = [who for who, mail in zip(mailbox.receivers(), mailbox.mails, strict=True) if is_page(mail[1])]
    assert pages == [first, second], "functional calls must stop at the acknowledgement"

    alert(alertmanager, "--end=" + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    wait_for(lambda: incident(tocsin, token)["status"] == "resolved")
    wait_for(lambda: {first, second} <= set(mailbox.receivers()[3:]))


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form, as a browser would send them."""
    return dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))


def is_page(mail: Any) -> bool:
    """Whether this mail calls somebody, rather than tells."""
    return str(mail["X-Tocsin-Purpose"] or "") == "page"
