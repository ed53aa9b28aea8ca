"""Who may come in: accounts, sessions, identities, passkeys, invitations; what admins did; scopes of tokens."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them all."""
    _tokens()
    _accounts()
    _ways_in()
    _records()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _when(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _maybe_when(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, Name, primary_key=True)


def _name(name: str) -> sa.Column[str]:
    return sa.Column(name, Name, nullable=False)


def _tokens() -> None:
    """On SQLite the table is made anew, so that it is to the letter what a new database has."""
    anew: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    before = sa.Table(
        "tokens",
        sa.MetaData(),
        _key("id"),
        _text("name"),
        _text("role"),
        _text("prefix"),
        _bytes("hash"),
        _when("created_at"),
        _maybe_when("revoked_at"),
        _maybe_when("last_used"),
        sa.Index("tokens_hash", "hash", unique=True),
    )
    with op.batch_alter_table("tokens", recreate=anew, copy_from=before) as batch:
        batch.add_column(sa.Column("scopes", sa.Text))
        batch.add_column(_text("teams"))


def _accounts() -> None:
    op.create_table(
        "accounts",
        _key("id"),
        _name("login"),
        _text("person"),
        _text("role"),
        _text("password"),
        _when("created_at"),
        _when("changed_at"),
        _maybe_when("disabled_at"),
        sa.Index("accounts_login", "login", unique=True),
    )
    op.create_table(
        "sessions",
        _key("id"),
        _bytes("hash"),
        _name("account"),
        _name("token"),
        _text("method"),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        _when("created_at"),
        _when("seen_at"),
        _when("proved_at"),
        _when("ends_at"),
        _maybe_when("revoked_at"),
        _text("address"),
        _text("agent"),
        sa.Index("sessions_hash", "hash", unique=True),
        sa.Index("sessions_account", "account"),
        sa.Index("sessions_ends_at", "ends_at"),
    )


def _ways_in() -> None:
    op.create_table(
        "identities",
        _key("issuer"),
        _key("subject"),
        _name("account"),
        _when("created_at"),
        _maybe_when("used_at"),
    )
    op.create_table(
        "passkeys",
        _key("id"),
        _name("account"),
        _text("name"),
        _bytes("public_key"),
        sa.Column("uses", sa.BigInteger, nullable=False),
        _when("created_at"),
        _maybe_when("used_at"),
        sa.Index("passkeys_account", "account"),
    )
    op.create_table(
        "invitations",
        _key("id"),
        _bytes("hash"),
        sa.Column("purpose", sa.Text, nullable=False),
        _name("account"),
        _when("created_at"),
        _when("expires_at"),
        _maybe_when("used_at"),
        sa.Index("invitations_hash", "hash", unique=True),
        sa.CheckConstraint("purpose in ('setup', 'invite', 'reset')", name="invitations_purpose"),
    )


def _records() -> None:
    op.create_table("opened", _key("account"), _key("incident"), _when("at"), _when("until"), _text("reason"))
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        _when("at"),
        _text("actor"),
        sa.Column("what", sa.Text, nullable=False),
        _text("object"),
        _bytes("details"),
        _bytes("hash"),
    )
