"""The reference of the command line is what the commands say of themselves."""

import subprocess
import sys

from tests.cli.terminal import ROOT
from tocsin.cli.main import COMMANDS


def test_the_reference_is_as_it_would_be_written() -> None:
    generator = [sys.executable, str(ROOT / "tools" / "cli_reference.py"), "--check"]
    assert subprocess.run(generator, check=False).returncode == 0, "out of date: run `make docs`"


def test_the_reference_has_a_section_for_each_command() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"\n## tocsin {name}\n" not in page] == []
