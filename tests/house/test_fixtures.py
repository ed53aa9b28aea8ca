"""The fixtures themselves: real databases, fresh for every test; loopback alone; a cast that hangs together."""

import socket
import sqlite3

import psycopg
import pytest

from tests import cast
from tocsin.core.catalogue.target import Target


def connect(url: str) -> sqlite3.Connection | psycopg.Connection[tuple[object, ...]]:
    return sqlite3.connect(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else psycopg.connect(url)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_of_either_kind_is_fresh_for_every_test(store_url: str, turn: int) -> None:
    connection = connect(store_url)
    connection.execute("create table marks (turn int)")
    connection.execute(f"insert into marks values ({turn})")
    assert connection.execute("select turn from marks").fetchall() == [(turn,)]
    connection.close()


def test_no_test_reaches_beyond_loopback() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match="loopback alone"):
        outside.connect(("192.0.2.1", 80))


def test_everybody_whom_the_small_rulebook_names_exists() -> None:
    rules = cast.small_rulebook()
    known = {"person": rules.people, "team": rules.teams, "schedule": rules.schedules, "role": rules.roles}
    holders = [holder for role in rules.roles.values() for holder in role.holders]
    steps = [step for policy in rules.policies.values() for step in (*policy.functional, *policy.hierarchical)]
    named: list[Target] = [*rules.last_resort, *holders, *(target for step in steps for target in step.targets)]
    assert [str(target) for target in named if target.name not in known.get(target.kind, (target.name,))] == []
    assert all(rules.service_of(service) for service in rules.services)
