"""The tables that the migrations make are those that the code speaks to; a wrong database is refused in words."""

import re
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect, text

from tests.contracts.a_store import opened, rows, write
from tocsin.store import migrate
from tocsin.store.errors import SchemaMismatch
from tocsin.store.ledger import open_ledger
from tocsin.store.tables import METADATA

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def shape(connection: Connection) -> dict[str, Any]:
    """What the comparison of Alembic leaves out: CHECKs, partial indexes, collations, tables without row ids."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("select name, sql from sqlite_master where sql is not null"))
        return {
            row.name: re.sub(r"[\s\"]+", " ", row.sql).lower() for row in found if not row.name.startswith("alembic")
        }
    queries = (
        "select conname, pg_get_constraintdef(oid) from pg_constraint where contype in ('c', 'p')",
        "select indexname, indexdef from pg_indexes where schemaname = 'public'",
        """select table_name || '.' || column_name,
            concat_ws(' ', data_type, collation_name, is_nullable, column_default)
            from information_schema.columns where table_schema = 'public'""",
        "select sequencename, start_value::text from pg_sequences",
    )
    return {row[0]: row[1] for query in queries for row in connection.execute(text(query)) if "alembic" not in row[0]}


def test_the_migrations_make_exactly_the_tables_of_the_code(store_url: str, tmp_path: Path) -> None:
    ledger = open_ledger(store_url)
    with ledger.dialect.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        migrated = shape(connection)
        connection.rollback()
        everything = ", ".join(METADATA.tables)
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"drop table {everything}, alembic_version; drop sequence incident_numbers"))
        else:
            for table in METADATA.tables:
                connection.execute(text(f"drop table {table}"))
        METADATA.create_all(connection)
        assert shape(connection) == migrated
    ledger.close()


def test_every_check_of_the_code_has_a_name_and_is_in_the_database(store_url: str) -> None:
    ledger = open_ledger(store_url)
    with ledger.read() as connection:
        looked = inspect(connection)
        there = {check["name"] for table in METADATA.tables for check in looked.get_check_constraints(table)}
    ledger.close()
    wanted = {c.name for t in METADATA.tables.values() for c in t.constraints if isinstance(c, CheckConstraint)}
    assert wanted == there
    assert "streams_never_silent" in wanted


def test_opening_again_changes_nothing(store_url: str) -> None:
    first = open_ledger(store_url)
    write(first, opened("INC-1"))
    first.close()
    second = open_ledger(store_url)
    with second.dialect.writing() as connection:
        migrate.upgrade(connection)
        connection.commit()
    assert [row.version_num for row in rows(second, "select version_num from alembic_version")] == [migrate.HEAD]
    assert [row.id for row in rows(second, "select id from streams")] == ["INC-1"]
    second.close()


def test_workers_that_start_at_once_migrate_once(postgres_url: str) -> None:
    ledgers: list[Any] = []
    threads = [Thread(target=lambda: ledgers.append(open_ledger(postgres_url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledgers) == 4
    for ledger in ledgers:
        ledger.close()


def test_a_database_of_a_newer_version_is_refused_with_a_way_out(store_url: str) -> None:
    ledger = open_ledger(store_url)
    ledger.transact(lambda tx: tx.connection.execute(text("update alembic_version set version_num = '0999'")))
    ledger.close()
    with pytest.raises(SchemaMismatch, match=r"0999, made by a newer tocsin than this one \(\d+\); use that one"):
        open_ledger(store_url)
    with pytest.raises(SchemaMismatch):
        open_ledger(store_url, write=False)


def test_whoever_only_looks_never_makes_tables(postgres_url: str) -> None:
    with pytest.raises(SchemaMismatch, match="version none"):
        open_ledger(postgres_url, write=False)


def test_migrations_are_numbered_named_pre_or_post_and_the_last_is_the_head() -> None:
    files = sorted(path.stem for path in VERSIONS.glob("*.py") if path.stem != "__init__")
    assert all(re.fullmatch(r"\d{4}_(pre|post)_[a-z_]+", name) for name in files)
    assert migrate.known() == [f"{n:04}" for n in range(1, len(files) + 1)]
    assert migrate.known()[-1] == migrate.HEAD
