"""The first tables: streams and their events, what is due, what is to be sent, and who is who."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BOARD = ["kind", "status", "rank", "opened_at", "id", "team", "priority", "confidential"]

Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them all."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("incident_numbers", start=1)))
    _memory()
    _commands()
    _sending()
    _rulebook()
    _upkeep()
    _indexes()


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


def _memory() -> None:
    op.create_table(
        "streams",
        _key("id"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        _text("status"),
        _maybe_when("due_at"),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        _text("title"),
        _text("priority"),
        _text("service"),
        _text("team"),
        _text("owner"),
        _when("opened_at"),
        _when("updated_at"),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        _text("next_what"),
        _text("next_who"),
        _bytes("hash"),
        _bytes("state"),
        sa.CheckConstraint(
            "due_at is not null or kind <> 'incident' or status = 'resolved' or status = 'closed'",
            name="streams_never_silent",
        ),
        sa.CheckConstraint(
            "status = 'open' or status = 'acknowledged' or status = 'resolved' or status = 'closed' "
            "or kind <> 'incident'",
            name="streams_status",
        ),
        sa.CheckConstraint("rank between 0 and 7", name="streams_rank"),
    )
    op.create_table(
        "events",
        _key("stream"),
        sa.Column("seq", sa.Integer, primary_key=True),
        _when("at"),
        _maybe_when("due_at"),
        sa.Column("type", sa.Text, nullable=False),
        _text("actor"),
        _text("versions"),
        _bytes("hash"),
        _bytes("body"),
    )
    op.create_table(
        "versions",
        _key("id"),
        _text("policy"),
        sa.Column("roster", sa.Integer, nullable=False),
        _text("zones"),
        _text("holidays"),
    )
    op.create_table(
        "live",
        _key("scope"),
        _key("key"),
        _name("stream"),
        _maybe_when("until"),
        sqlite_with_rowid=False,
    )


def _commands() -> None:
    op.create_table(
        "commands",
        _key("id"),
        _when("at"),
        _bytes("answer"),
        sa.Index("commands_at", "at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        _key("id"),
        _name("stream"),
        _when("due_at"),
        sa.Column("depth", sa.SmallInteger, nullable=False),
        _text("cause"),
        _bytes("body"),
        sa.Index("inbox_due", "due_at"),
    )
    op.create_table("quarantine", _key("id"), _when("at"), _text("error"), _bytes("command"))
    op.create_table(
        "tally",
        _key("incident"),
        _key("alert"),
        sa.Column("minute", sa.BigInteger, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
        _when("last_seen"),
        sqlite_with_rowid=False,
    )
    op.create_table("texts", _key("key"), _bytes("body"))


def _sending() -> None:
    op.create_table(
        "outbox",
        _key("id"),
        _name("incident"),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("lane", sa.SmallInteger, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        _text("person"),
        _text("method"),
        _text("purpose"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tried", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        _text("holder"),
        _maybe_when("next_at"),
        _when("due_at"),
        _when("created_at"),
        _maybe_when("sent_at"),
        _maybe_when("withdrawn_at"),
        _text("outcome"),
        _bytes("body"),
        sa.CheckConstraint(
            "state = 'waiting' or state = 'claimed' or state = 'sending' or state = 'sent' or state = 'failed' "
            "or state = 'withdrawn' or state = 'dead'",
            name="outbox_state",
        ),
        sa.CheckConstraint(
            "(next_at is not null) = (state = 'waiting' or state = 'claimed' or state = 'sending')",
            name="outbox_never_forgotten",
        ),
    )
    op.create_table(
        "attempts",
        _key("id"),
        sa.Column("n", sa.Integer, primary_key=True),
        _when("started_at"),
        _maybe_when("ended_at"),
        _text("outcome"),
        _text("detail"),
    )


def _rulebook() -> None:
    op.create_table("people", _key("id"), _text("name"), _text("zone"), _text("language"), _when("changed_at"))
    op.create_table(
        "contacts",
        _key("person"),
        _key("method"),
        _key("address"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        _when("changed_at"),
        sa.CheckConstraint("state in ('declared', 'verified', 'broken')", name="contacts_state"),
    )
    op.create_table(
        "rulebooks",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        _name("digest"),
        _when("applied_at"),
        _text("applied_by"),
        _text("note"),
        _bytes("texts"),
        sa.Index("rulebooks_digest", "digest"),
    )
    op.create_table(
        "facts",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        _when("at"),
        _text("actor"),
        _bytes("body"),
    )


def _upkeep() -> None:
    op.create_table(
        "tokens",
        _key("id"),
        _text("name"),
        _text("role"),
        _text("prefix"),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        _when("created_at"),
        _maybe_when("revoked_at"),
        _maybe_when("last_used"),
        sa.Index("tokens_hash", "hash", unique=True),
    )
    op.create_table(
        "source_keys",
        _key("source"),
        _key("id"),
        _text("prefix"),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        _when("created_at"),
        sa.Index("source_keys_hash", "hash", unique=True),
        sa.CheckConstraint("state in ('live', 'revoked')", name="source_keys_state"),
    )
    op.create_table(
        "roots",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        _when("since"),
        _when("until"),
        sa.Column("streams", sa.Integer, nullable=False),
        _bytes("digest"),
        _bytes("signature"),
    )
    op.create_table("meta", _key("key"), sa.Column("value", sa.Text, nullable=False))


def _indexes() -> None:
    op.create_index("streams_due", "streams", ["kind", "rank", "due_at"], **_where("due_at is not null"))
    op.create_index("streams_board", "streams", BOARD)
    op.create_index(
        "streams_mute", "streams", ["id"], **_where("due_at is null and status in ('open', 'acknowledged')")
    )
    op.create_index("streams_updated", "streams", ["updated_at"])
    op.create_index("live_until", "live", ["until"], **_where("until is not null"))
    op.create_index("outbox_next", "outbox", ["lane", "next_at"], **_where("next_at is not null"))
    op.create_index("outbox_incident", "outbox", ["incident"])


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
