"""A disk that fills up, really: a warning, a page, and when it is full new signals wait and what is live goes on."""

import itertools
import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.engine.account import account
from tests.engine.running import Client, Place, command, place, rulebook, until
from tests.engine.sink import Sink
from tocsin.cli.remote import Remote, socket_of
from tocsin.engine.clock import SystemClock
from tocsin.engine.reserve import Level, judged
from tocsin.store.ledger import open_ledger


class Disk:
    """A small disk with somebody else's file on it, which leaves as much as we like."""

    def __init__(self, place: Path) -> None:
        self.other = place / "other"
        self.other.touch()
        self.total = shutil.disk_usage(place).total

    def leave(self, free: int) -> None:
        """Let the other file take all but this."""
        now = shutil.disk_usage(self.other.parent).free
        size = self.other.stat().st_size + now - free
        if free < now:
            with self.other.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        else:
            os.truncate(self.other, size)


def log(at: Place) -> str:
    return (at.folder / "log.txt").read_text()


def told(mails: Sink, words: str) -> bool:
    return any(words in mail.subject for mail in mails.mails)


def status_of(at: Place, words: str) -> str:
    """Of the incident with these words in its title."""
    with closing(open_ledger(at.database, write=False)) as ledger, ledger.read() as connection:
        query = text("select status from streams where title like :words")
        return str(connection.execute(query, {"words": f"%{words}%"}).scalar_one())


def until_refused(client: Client) -> None:
    """Signals until one is refused."""
    numbers = itertools.count()
    until(lambda: client.post(f"more-{next(numbers)}") is None and client.refused, every=0)


@pytest.mark.timeout(120)
def test_a_disk_that_fills_up_warns_pages_refuses_signals_and_keeps_every_promise(
    small_disk: Path, mails: Sink, tmp_path: Path
) -> None:
    database, disk = small_disk / "tocsin.db", Disk(small_disk)
    at = place(tmp_path, f"sqlite:///{database}", mails.port, rulebook("1h", "1h", "1h"))
    ballast, client = small_disk / "tocsin.db.ballast", Client(at.port)
    with closing(client), command(at) as process:
        until(lambda: client.post("first"))
        until(ballast.exists)
        disk.leave(disk.total * 15 // 100)
        until(lambda: "disk_low" in log(at))
        assert not told(mails, "disk is almost full")
        disk.leave(disk.total * 8 // 100)
        until(lambda: told(mails, "disk is almost full"))
        paged = len(mails.mails)
        disk.leave(200 << 10)
        until_refused(client)
        assert "disk_full" in log(at)
        assert not ballast.exists()
        control = Remote(socket_of(database))
        answer = control.ask("POST", "/api/v1/incidents/INC-1/escalate", {"by": "dana", "reason": "full"})
        assert answer.status == 200  # commands of people are carried out
        until(lambda: len({mail.to for mail in mails.mails[paged:]}) > 1)  # and the next one is paged
        assert client.get("/ready") == (200, {"status": "ready"})
        disk.leave(disk.total // 2)
        until(lambda: client.post("welcome again"))
        until(ballast.exists)
        until(lambda: status_of(at, "disk is almost full") == "resolved")
        process.terminate()
        assert process.wait(30) == 0, log(at)[-3000:]
    found = account(at.database, client.promises, mails.mails, SystemClock().now())
    assert (found.lost, found.silent, found.wrong, found.unexplained) == ([], [], [], [])


@pytest.mark.timeout(120)
def test_a_server_that_starts_on_a_full_disk_goes_on_with_what_is_live(
    small_disk: Path, mails: Sink, tmp_path: Path
) -> None:
    database, disk = small_disk / "tocsin.db", Disk(small_disk)
    at = place(tmp_path, f"sqlite:///{database}", mails.port, rulebook("2s", "1h", "1h"))
    ballast, client = small_disk / "tocsin.db.ballast", Client(at.port)
    with closing(client), command(at) as process:
        until(lambda: client.post("first"))
        until(ballast.exists)
        process.kill()
        process.wait()
    disk.leave(4 << 10)
    with closing(client), command(at) as process:
        until(lambda: any(mail.to.startswith("eve@") for mail in mails.mails))  # the step after the kill
        until(lambda: client.post("second") is None and client.refused)
        until(lambda: told(mails, "the disk is full"))
        disk.leave(disk.total // 2)
        until(lambda: client.post("third"))
        assert ballast.exists()
        process.terminate()
        assert process.wait(30) == 0, log(at)[-3000:]
    assert [promise.key for promise in client.promises] == ["first", "third"]


@pytest.mark.parametrize(
    ("share", "before", "level"),
    [
        (0.5, Level.AMPLE, Level.AMPLE),
        (0.19, Level.AMPLE, Level.LOW),
        (0.21, Level.LOW, Level.LOW),
        (0.23, Level.LOW, Level.AMPLE),
        (0.09, Level.AMPLE, Level.SHORT),
        (0.11, Level.LOW, Level.LOW),
        (0.11, Level.SHORT, Level.SHORT),
        (0.13, Level.FULL, Level.LOW),
    ],
)
def test_a_level_is_left_only_when_there_is_clearly_more_room(share: float, before: Level, level: Level) -> None:
    assert judged(share, before) is level
