"""Addresses of calendars that are read without signing in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "feeds",
        sa.Column("id", Name, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("account", Name, nullable=False),
        sa.Column("what", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used", sa.BigInteger),
        sa.Index("feeds_hash", "hash", unique=True),
        sa.Index("feeds_account", "account"),
    )
