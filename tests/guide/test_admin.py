"""The administrator's guide: its commands are run as they stand there, its links lead somewhere, its settings exist."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.ports import free_port
from tests.web.browsing import until_it_answers

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = DOCS / "admin.md"
GUIDES = (GUIDE, *sorted((DOCS / "guide").glob("*.md")))

pytestmark = pytest.mark.timeout(240)


def blocks(kind: str) -> list[str]:
    """The commands in boxes of one kind, without what they are set in by."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return ["\n".join(line.removeprefix(margin) for line in text.splitlines()) for margin, text in found]


class Machine:
    """A folder that stands for a machine on which tocsin is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        for place in ("etc", "var", "backups", "bin"):
            (folder / place).mkdir()
        shutil.copy(ROOT / "examples" / "acme.yaml", folder / "etc" / "rulebook.yaml")
        program = folder / "bin" / "tocsin"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tocsin "$@"\n')
        program.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        keys = {"TOCSIN_KEY_SCRIPTS": "key-of-scripts-0123456789", "TOCSIN_KEY_PROMETHEUS": "key-of-prometheus-0123456"}
        self.environment = kept | keys

    def local(self, text: str) -> str:
        """The same with this machine's places."""
        there = {
            "/etc/tocsin": "etc", "/var/lib/tocsin": "var", "/srv/backups": "backups", "/opt/tocsin/bin": "bin",
        }  # fmt: skip
        for place, here in there.items():
            text = text.replace(place, str(self.folder / here))
        return text.replace("127.0.0.1:8400", f"127.0.0.1:{self.port}")

    def run(self, script: str) -> str:
        """What it says; every command must succeed. As in a shell that stays open, the first block's settings hold."""
        whole = self.local(f"set -eu\n{blocks('sh')[0]}\n{script}")
        done = subprocess.run(
            ["bash", "-c", whole],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def serve(self) -> "subprocess.Popen[bytes]":
        """Start the service; it answers."""
        command = [str(self.folder / "bin" / "tocsin"), "serve", "--format", "json", "--port", str(self.port)]
        database = {"TOCSIN_DATABASE": f"sqlite:///{self.folder}/var/tocsin.db"}
        with (self.folder / "journal").open("ab") as log:
            process = subprocess.Popen(command, env=self.environment | database, stdout=log, stderr=log)
        until_it_answers(process, f"http://127.0.0.1:{self.port}/health")
        return process


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("m"))


def test_every_command_in_a_box_works_in_the_order_of_the_guide(machine: Machine) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    service = machine.serve()
    try:
        said = "\n".join(machine.run(block) for block in blocks("sh"))
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(30) == 0
    assert "/setup/" in said
    assert "A trial: please acknowledge" in said
    for block in blocks("sh stopped"):
        machine.run(block)
    service = machine.serve()
    try:
        assert "A trial: please acknowledge" in machine.run("tocsin incident list")
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)


def test_what_is_not_run_names_files_and_settings_that_exist() -> None:
    text = "\n".join(blocks("console"))
    for name in re.findall(r"\b(?:deploy|examples)/[\w.]+", GUIDE.read_text("utf-8")):
        assert (ROOT / name).exists(), name
    unit = (ROOT / "deploy" / "tocsin.service").read_text("utf-8")
    for place in ("/opt/tocsin/bin", "/etc/tocsin/tocsin.env", "/var/lib/tocsin"):
        assert place in unit
    assert "install -m 600 deploy/tocsin.env /etc/tocsin/tocsin.env" in text
    known = (ROOT / "README.md").read_text("utf-8")
    for name in set(re.findall(r"TOCSIN_[A-Z_]+", GUIDE.read_text("utf-8"))):
        assert name in known, name


def test_every_link_and_picture_of_the_guides_leads_somewhere() -> None:
    for guide in GUIDES:
        for target in re.findall(r"\]\(([^)\s]+)\)", guide.read_text("utf-8")):
            name, _, place = target.partition("#")
            file = (guide.parent / name) if name else guide
            assert file.exists(), f"{guide.name}: {target}"
            if place:
                titles = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
                assert place in {_anchor(one) for one in titles}, f"{guide.name}: {target}"


def test_every_picture_that_is_kept_is_shown_and_small() -> None:
    shown = {one for guide in GUIDES for one in re.findall(r"\(shots/([\w-]+\.png)\)", guide.read_text("utf-8"))}
    kept = {one.name: one.stat().st_size for one in (DOCS / "guide" / "shots").iterdir()}
    assert kept.keys() == shown
    assert max(kept.values()) <= 60_000


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
