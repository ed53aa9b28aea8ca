"""Tokens may end by themselves: from an instant on they are of no use, as if they had been revoked."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """On SQLite the table is made anew, so that it is to the letter what a new database has."""
    anew: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("tokens", recreate=anew, copy_from=_before()) as batch:
        batch.add_column(sa.Column("ends_at", sa.BigInteger))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _before() -> sa.Table:
    return sa.Table(
        "tokens",
        sa.MetaData(),
        sa.Column("id", Name, primary_key=True),
        _text("name"),
        _text("role"),
        _text("prefix"),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used", sa.BigInteger),
        sa.Column("scopes", sa.Text),
        _text("teams"),
        sa.Index("tokens_hash", "hash", unique=True),
    )
