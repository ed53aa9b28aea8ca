"""`tocsin apply`: what changes is shown, what cannot be used changes nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pysqlite3.dbapi2 as driver
import pytest

from tests.cli.conftest import free_port
from tests.cli.terminal import ACME, Ran, in_process, tocsin
from tests.quick import QUICK
from tocsin.app import join
from tocsin.cli.direct import direct
from tocsin.config import load, loads
from tocsin.settings import Settings
from tocsin.store import audit_log, people, rulebooks
from tocsin.store.ledger import open_ledger

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rules that are proved in a moment."""
    file = tmp_path_factory.mktemp("ruled") / "tocsin.db"
    with direct(f"sqlite:///{file}", may_make=True) as someone:
        someone.apply(loads({"same.yaml": QUICK}), by="tests", comment="")
    return file


@pytest.fixture
def same(tmp_path: Path) -> Path:
    """The rules in force, as a file."""
    file = tmp_path / "same.yaml"
    file.write_text(QUICK, "utf-8")
    return file


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The example with one wait changed."""
    file = tmp_path / "rules.yaml"
    file.write_text(QUICK.replace("{hand_over: team, wait: 5m}", "{hand_over: team, wait: 7m}"), "utf-8")
    return file


def test_the_difference_is_shown_and_the_version_rises(run: Run, changed: Path) -> None:
    ran = run("apply", changed, "--note", "two more minutes")
    assert ran.status == 0
    assert "~ policies.production.functional[1].wait: 5m -> 7m" in ran.out.splitlines()
    assert "in force: version 2" in ran.err
    assert run("apply", changed).out == "no rule changes\n"


def test_json_tells_every_change_with_its_path(run: Run, changed: Path) -> None:
    told = run("apply", changed, "--format", "json").data
    assert (told["applied"], told["version"], told["first"]) == (True, 2, False)
    paths = {change["path"]: change for change in told["changes"]}
    wait = paths["policies.production.functional[1].wait"]
    assert (wait["kind"], wait["old"], wait["new"]) == ("changed", "5m", "7m")


def ways(file: Path, person: str) -> dict[str, str]:
    """Each address of a person with its state."""
    ledger = open_ledger(f"sqlite:///{file}", write=False)
    with ledger.read() as connection:
        found = {way.address: way.state for way in people.everything(connection) if way.person == person}
    ledger.close()
    return found


def test_an_address_that_the_file_changes_takes_the_place_of_the_one_it_gave_before(
    run: Run, file: Path, same: Path, tmp_path: Path
) -> None:
    mark(file, "broken", "eve@acme.example")
    assert run("apply", same).status == 0
    assert ways(file, "eve") == {"eve@acme.example": "broken"}
    moved = tmp_path / "moved.yaml"
    text = QUICK.replace("eve@acme.example", "eve@moved.example").replace("Eve Martin", "Eve Moss")
    moved.write_text(text.replace(', phone: "+442071230003"', ""), "utf-8")
    ran = run("apply", moved, "--format", "json")
    assert (ran.data["changes"], ran.data["people"]) == ([], ["carla", "eve"])
    assert ways(file, "eve") == {"eve@moved.example": "declared"}
    assert ways(file, "carla") == {"carla@acme.example": "declared"}
    assert "Eve Moss" in run("oncall", "--at", "2026-11-27 12:00").out


def test_an_address_that_its_person_verified_stays_whatever_the_file_says(run: Run, file: Path, tmp_path: Path) -> None:
    mark(file, "verified", "eve@acme.example")
    moved = tmp_path / "moved.yaml"
    moved.write_text(QUICK.replace("eve@acme.example", "eve@moved.example"), "utf-8")
    assert "~ people.eve: another name or address" in run("apply", moved).out
    assert ways(file, "eve") == {"eve@acme.example": "verified"}


def mark(file: Path, state: str, address: str) -> None:
    """What became of an address."""
    connection = driver.connect(str(file))
    connection.execute("update contacts set state = ? where address = ?", (state, address))
    connection.commit()
    connection.close()


def test_a_dry_run_changes_nothing(run: Run, changed: Path) -> None:
    assert "5m -> 7m" in run("apply", changed, "--dry-run").out
    assert "5m -> 7m" in run("apply", changed, "--dry-run").out


def test_a_rulebook_that_cannot_be_used_is_refused_with_all_its_complaints(run: Run, changed: Path, same: Path) -> None:
    changed.write_text(changed.read_text("utf-8").replace("wait: 10m", "wait: ten"), "utf-8")
    ran = run("apply", changed)
    assert ran.status == 2
    assert ran.out.count("error F011") == 3
    assert "nothing was applied" in ran.err
    assert run("apply", same).out == "no rule changes\n"


def test_the_first_rulebook_makes_the_database_and_its_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = ("--database", f"sqlite:///{tmp_path / 'new.db'}")
    assert in_process(capsys, "apply", ACME, *new).out == "the first rulebook of this database\n"
    told = in_process(capsys, "oncall", "infra-primary", "--at", "2026-03-25 12:00", *new, "--format", "json").data
    assert told["schedules"][0]["people"][0]["name"] == "Finn Berg"


def test_a_password_in_the_address_is_never_shown() -> None:
    ran = tocsin("apply", ACME, "--database", "postgresql://tocsin:hunter2@127.0.0.1:1/x")
    assert ran.status == 2
    assert "hunter2" not in ran.out + ran.err
    assert ran.err.splitlines()[-1].strip()


@pytest.fixture
def worse(tmp_path: Path) -> Path:
    """The example with a decision that nobody may take."""
    file = tmp_path / "worse.yaml"
    text = QUICK.replace("by: role:duty-manager, within: 15m", "by: stakeholders, within: 15m")
    file.write_text(text, "utf-8")
    return file


def test_what_makes_the_proof_worse_is_refused_and_said_exactly(run: Run, worse: Path, same: Path) -> None:
    ran = run("apply", worse)
    assert ran.status == 3
    assert "! worse: V011 at policies.network.hierarchical.2.by: Nobody may take the decision" in ran.out
    assert "nothing was changed" in ran.err
    told = run("apply", worse, "--force", "--format", "json")  # without a reason
    assert (told.status, told.data["applied"], told.data["version"], len(told.data["worse"])) == (3, False, 1, 1)
    assert run("apply", same).out == "no rule changes\n"


def test_force_and_a_reason_go_on_and_are_written_into_the_log(run: Run, file: Path, worse: Path) -> None:
    ran = run("apply", worse, "--force", "--reason", "a drill")
    assert ran.status == 0
    assert "in force: version 2" in ran.err
    ledger = open_ledger(f"sqlite:///{file}", write=False)
    with ledger.read() as connection:
        (forced,) = audit_log.latest(connection, 5, what="rulebook.forced")
        kept = rulebooks.latest(connection)
    ledger.close()
    assert kept is not None
    assert (kept.note, forced.object, b"V011" in forced.details) == ("a drill", "2", True)
    assert run("apply", worse).status == 0  # it was so before


@pytest.fixture
def slower(tmp_path: Path) -> Path:
    """Management hears of it two minutes later; no check finds anything in that."""
    file = tmp_path / "slower.yaml"
    rung = "- {after: 10m, unless: acknowledged, ask:"
    file.write_text(QUICK.replace(rung, rung.replace("10m", "12m")), "utf-8")
    return file


def test_a_longer_wait_is_refused_with_both_lengths(run: Run, slower: Path) -> None:
    ran = run("apply", slower)
    assert ran.status == 3
    assert "until management hears of it grows from 10 min to 12 min, for what opens" in ran.out
    told = run("apply", slower, "--dry-run", "--format", "json").data
    assert (told["applied"], told["proved"], len(told["worse"])) == (False, True, 1)


def test_where_reports_of_no_known_service_wait_longer_it_is_refused_too(run: Run, tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    policy = "  lost: {functional: [{notify: 'channel:ops', wait: 20m}, {hand_over: team, wait: 5m}]}\n"
    lost = QUICK.replace("desk, policy: production,", "desk, policy: lost,")
    text = lost.replace("policies:\n", f"policies:\n{policy}")
    later.write_text(text, "utf-8")
    ran = run("apply", later)
    assert ran.status == 3
    who = re.escape("! worse: (no known service) P1, P2, P3, P4, P5 (incident): ")
    assert re.search(f"{who}the longest wait for a human grows from .* to 20 min", ran.out), ran.out
    assert "! worse: core-network" not in ran.out
    assert run("apply", later, "--force", "--reason", "a drill").status == 0


def test_what_nobody_could_compare_in_time_is_refused_and_an_emergency_goes_on(run: Run, slower: Path) -> None:
    hasty = run("apply", slower, "--patience", "0s")
    assert hasty.status == 3
    assert "! the waits were not compared" in hasty.out
    assert "the proofs were not waited for; --patience 10m waits longer, --force" in hasty.err
    ran = run("apply", slower, "--patience", "0s", "--force", "--reason", "it burns")
    assert (ran.status, "in force: version 2" in ran.err) == (0, True)


def test_somebody_new_is_reached_by_the_ways_that_the_file_brings(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    zoe = "  zoe:   {name: Zoe Blake, email: zoe@acme.example, manager: nadia, skills: [forensics]}\n  nadia: {name"
    text = QUICK.replace("  nadia: {name", zoe).replace("lead: lena, members: [lena]", "lead: zoe, members: [zoe]")
    file.write_text(text, "utf-8")
    ran = run("apply", file)
    assert (ran.status, "worse" in ran.out) == (0, False)


def test_serve_does_not_put_in_force_what_apply_would_refuse(run: Run, file: Path, slower: Path) -> None:
    database, settings = f"sqlite:///{file}", Settings(rulebook=slower, database=f"sqlite:///{file}")
    refused = tocsin("serve", "--rulebook", slower, "--database", database, "--port", free_port(), cwd=file.parent)
    assert refused.status == 2
    assert "until management hears of it grows from 10 min to 12 min" in refused.err
    assert "the rulebook makes the proof worse than version 1, which is in force" in refused.err
    assert "without --rulebook version 1 goes on" in refused.err
    assert run("apply", slower, "--force", "--reason", "a drill").status == 0
    parts = join(settings)
    parts.ledger.close()
    assert parts.worlds.world().rulebook.digest == load(slower).rulebook.digest  # type: ignore[union-attr]


def test_a_first_rulebook_makes_nothing_worse(tmp_path: Path, worse: Path) -> None:
    parts = join(Settings(rulebook=worse, database=f"sqlite:///{tmp_path / 'new.db'}"))
    parts.ledger.close()
    assert parts.worlds.world().rulebook.digest == load(worse).rulebook.digest  # type: ignore[union-attr]
