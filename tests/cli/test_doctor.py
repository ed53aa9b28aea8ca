"""`tocsin doctor`: healthy when all is well, and exit 1 with the place when memory was tampered with."""

import json
from collections.abc import Callable
from pathlib import Path

import pysqlite3.dbapi2 as driver
import pytest

from tests.cli.terminal import Ran, in_process

Run = Callable[..., Ran]
DISC = "cast(replace(cast({} as text), 'Disk', 'Disc') as blob)"


def states(ran: Ran) -> dict[str, str]:
    """The worst that each check found."""
    worst: dict[str, str] = {}
    for finding in ran.data["findings"]:
        rank = ("ok", "warning", "error").index
        before = worst.get(finding["check"], "ok")
        worst[finding["check"]] = max(before, finding["state"], key=rank)
    return worst


def test_a_whole_store_is_healthy_and_what_is_not_set_is_a_warning(run: Run) -> None:
    run("incident", "report", "Disk full", "--service", "order-database")
    ran = run("doctor", "--format", "json")
    assert (ran.status, ran.data["healthy"]) == (0, True)
    found = states(ran)
    assert {name: found[name] for name in ("database", "memory", "silence", "clock", "rulebook", "intakes")} == {
        "database": "ok", "memory": "ok", "silence": "ok", "clock": "ok", "rulebook": "ok", "intakes": "ok",
    }  # fmt: skip
    assert found["channels"] == found["sources"] == found["server"] == "warning"


def test_text_says_the_same_with_hints(run: Run) -> None:
    ran = run("doctor")
    assert ran.out.splitlines()[-1].startswith("healthy: 0 errors")
    assert "hint: set TOCSIN_SMTP" in ran.out
    assert "portal: there is no intake form here, so nothing comes in by it" in ran.out
    assert "hint: there are alertmanager, generic" in ran.out


@pytest.mark.parametrize(
    ("tampered", "code"),
    [
        (f"update events set body = {DISC.format('body')} where seq = 1 and stream = 'INC-1'", "chain-broken"),
        ("update events set body = 'text, and none that can be read' where stream = 'INC-1'", "snapshot-differs"),
        (f"update streams set state = {DISC.format('state')} where kind = 'incident'", "snapshot-differs"),
        ("delete from events where stream = 'INC-1' and seq = 2", "events-missing"),
    ],
)
def test_what_was_tampered_with_is_found(tampered: str, code: str, run: Run, file: Path) -> None:
    run("incident", "report", "Disk full", "--service", "order-database")
    connection = driver.connect(str(file))
    assert connection.execute(tampered).rowcount
    connection.commit()
    connection.close()
    ran = run("doctor", "--format", "json")
    assert (ran.status, ran.data["healthy"]) == (1, False)
    wrong = [finding for finding in ran.data["findings"] if finding["state"] == "error"]
    assert code in {finding["check"] for finding in wrong}
    assert any(finding["text"].startswith("INC-1") and finding["hint"] for finding in wrong)


def test_a_snapshot_that_another_version_wrote_otherwise_is_whole(run: Run, file: Path) -> None:
    run("incident", "report", "Disk full", "--service", "order-database")
    connection = driver.connect(str(file))
    state = json.loads(connection.execute("select state from streams where id = 'INC-1'").fetchone()[0])
    older = json.dumps(dict(reversed(state.items()))).encode()
    connection.execute("update streams set state = ? where id = 'INC-1'", (older,))
    connection.commit()
    connection.close()
    assert states(run("doctor", "--format", "json"))["memory"] == "ok"


@pytest.mark.parametrize(
    "damaged",
    [
        "update events set body = x'00' where stream = 'INC-1'",
        "update events set body = 'a text' where stream = 'INC-1'",
        "drop table outbox",
        "drop table streams",
        "drop table meta",
        "update rulebooks set texts = '{}'",
    ],
)
def test_whatever_is_damaged_the_doctor_finishes_and_says_so(damaged: str, run: Run, file: Path) -> None:
    run("incident", "report", "Disk full", "--service", "order-database")
    connection = driver.connect(str(file))
    connection.execute(damaged)
    connection.commit()
    connection.close()
    ran = run("doctor", "--format", "json")
    assert (ran.status, ran.err, ran.data["healthy"]) == (1, "", False)
    assert states(ran)["intakes"] == "ok"


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500, None])
def test_a_file_that_cannot_be_opened_is_told_once(content: bytes | None, run: Run, file: Path) -> None:
    if content is None:
        file.write_bytes(file.read_bytes()[:50_000])
    else:
        file.write_bytes(content)
    ran = run("doctor", "--format", "json")
    assert (ran.status, ran.err) == (1, "")
    told = [finding["text"] for finding in ran.data["findings"] if finding["state"] == "error"]
    assert told
    assert len(told) == len(set(told))
    assert states(ran)["intakes"] == "ok"


def test_a_missing_check_is_found(run: Run, file: Path) -> None:
    connection = driver.connect(str(file))
    connection.execute("pragma writable_schema = on")
    changed = connection.execute(
        "update sqlite_master set sql = replace(sql, 'CONSTRAINT streams_never_silent CHECK', 'CONSTRAINT gone CHECK')"
    )
    assert changed.rowcount
    connection.commit()
    connection.close()
    ran = run("doctor", "--format", "json")
    assert ran.status == 1
    assert states(ran)["check-missing"] == "error"


def test_no_database_is_an_error_with_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "doctor", "--database", f"sqlite:///{tmp_path / 'none.db'}", "--format", "json")
    assert ran.status == 1
    assert states(ran)["database"] == "error"


def test_a_database_of_a_newer_program_is_told_apart_from_damage(run: Run, file: Path) -> None:
    connection = driver.connect(str(file))
    connection.execute("update alembic_version set version_num = '9999'")
    connection.commit()
    connection.close()
    ran = run("doctor", "--format", "json")
    assert ran.status == 1
    assert any("newer tocsin" in finding["text"] for finding in ran.data["findings"])
    listed = run("incident", "list")
    assert listed.status == 2
    assert "newer tocsin" in listed.err


def test_a_secret_that_others_can_read_is_an_error(run: Run, file: Path) -> None:
    secret = file.with_suffix(".secret")
    secret.write_text("x" * 43)
    secret.chmod(0o644)
    assert states(run("doctor", "--format", "json"))["secret"] == "error"
    secret.chmod(0o600)
    assert states(run("doctor", "--format", "json"))["secret"] == "ok"
