"""What a service manager is told, over its own kind of socket."""

import socket
from pathlib import Path

import pytest

from tocsin.lib.sd_notify import tell


@pytest.mark.parametrize("abstract", [False, True])
def test_the_word_arrives_on_either_kind_of_socket(tmp_path: Path, abstract: bool) -> None:
    name = f"\0tocsin-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(5)
        assert tell({"NOTIFY_SOCKET": name.replace("\0", "@")}, "READY=1")
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "nowhere", "/no/such/socket", "@nobody-listens-here"])
def test_nobody_there_is_no_trouble(address: str) -> None:
    assert not tell({"NOTIFY_SOCKET": address}, "READY=1")
