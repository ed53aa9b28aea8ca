"""Which version of the tables a database has, and how it gets the one that this program needs."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tocsin.store.dialect import Dialect
from tocsin.store.errors import SchemaMismatch

HEAD = "0004"
"""The newest version that this program knows."""

TABLE = "alembic_version"


def version_of(connection: Connection) -> str | None:
    """The version of the tables, None when there are none."""
    if not inspect(connection).has_table(TABLE):
        return None
    found: str | None = connection.execute(text(f"select version_num from {TABLE}")).scalar()
    return found


def bring_up(dialect: Dialect, *, write: bool) -> None:
    """Make the tables what this program needs; without `write` only look. SchemaMismatch when that cannot be."""
    with dialect.writing() if write else dialect.reading() as connection:
        if write:
            dialect.alone(connection)
        found = version_of(connection)
        if found != HEAD:
            _refuse(found, connection, write=write)
            upgrade(connection)
            connection.commit()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to `to`; what has been run already is passed over."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def known() -> list[str]:
    """The versions there are migrations for, oldest first."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return sorted(path.name[:4] for path in folder.glob("[0-9]*.py"))


def _refuse(found: str | None, connection: Connection, *, write: bool) -> None:
    where = connection.engine.url.render_as_string()
    if found is not None and found not in known():
        raise SchemaMismatch(
            f"{where} has tables of version {found}, made by a newer tocsin than this one ({HEAD}); use that one, "
            "or restore a backup made before the upgrade"
        )
    if not write:
        raise SchemaMismatch(f"{where} has tables of version {found or 'none'}, {HEAD} is needed: run `tocsin serve`")
