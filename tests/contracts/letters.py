"""Letters and a private certificate authority for the channels' tests."""

import ssl
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tocsin.channels.contract import Letter
from tocsin.core.signal import Link
from tocsin.lib import secrets

SECRET = b"a secret of these tests alone"
NOW = 1_773_105_240_000_000
HOUR = 3_600_000_000


def act_url(person: str = "ana") -> str:
    """A signed link as the engine makes it."""
    claims = {"incident": "INC-7", "person": person, "method": "email"}
    return f"https://tocsin.example/act/{secrets.sign('acknowledge', claims, NOW + HOUR, SECRET)}"


def letter(**changes: Any) -> Letter:
    """A page to Ana about a full disk, with whatever a test changes."""
    page = Letter(
        id="INC-7.1.ana.email",
        incident="INC-7",
        purpose="page",
        title="Disk full on db-3",
        thread="INC-7",
        sent_at=NOW,
        to_name="Ana Sousa",
        organisation="Acme Retail",
        priority="P1",
        service="order-database",
        severity="critical",
        since=NOW,
        reason="Step 1 of the escalation policy, round 1",
        next="If nobody acknowledges, Dana Levi is called at 02:24.",
        text="Filesystem /var is 98 % full.",
        labels={"host": "db-3"},
        links=(Link("https://wiki.acme.example/db", "Runbook"),),
        incident_url="https://tocsin.example/incidents/INC-7",
        act_label="Acknowledge",
        act_url=act_url(),
        zone="Europe/London",
    )
    return msgspec.structs.replace(page, **changes)


class Authority(NamedTuple):
    """A throwaway authority: its own file, and a server's side of TLS for localhost and hooks.example."""

    file: Path
    server: ssl.SSLContext

    @property
    def client(self) -> ssl.SSLContext:
        """What trusts it."""
        return ssl.create_default_context(cafile=str(self.file))


def authority(folder: Path) -> Authority:
    """Made with the openssl command, for no library at hand makes certificates."""
    names = "subjectAltName=DNS:localhost,DNS:hooks.example,IP:127.0.0.1"
    _openssl(folder, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=tests")
    _openssl(folder, "req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost")
    (folder / "names").write_text(names)
    _openssl(
        folder,
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names",
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Authority(folder / "ca.pem", server)


def _openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
