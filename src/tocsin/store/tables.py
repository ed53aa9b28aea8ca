"""What is kept: every table, its keys, its indexes, and the CHECKs that no code can talk its way around."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)

METADATA = MetaData()

Name = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte on both engines, so that keys sort, and rows are locked, in one order everywhere."""

NUMBERS = Sequence("incident_numbers", metadata=METADATA, start=1)
"""Incident numbers on PostgreSQL; SQLite, with its one writer, counts in `meta`."""


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _when(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _maybe_when(name: str) -> Column[int]:
    return Column(name, BigInteger)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _key(name: str) -> Column[str]:
    return Column(name, Name, primary_key=True)


def _name(name: str) -> Column[str]:
    return Column(name, Name, nullable=False)


streams = Table(
    "streams",
    METADATA,
    _key("id"),
    Column("kind", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    _text("status"),
    _maybe_when("due_at"),
    Column("rank", SmallInteger, nullable=False),
    _text("title"),
    _text("priority"),
    _text("service"),
    _text("team"),
    _text("owner"),
    _when("opened_at"),
    _when("updated_at"),
    Column("confidential", Boolean(create_constraint=False), nullable=False),
    _text("next_what"),
    _text("next_who"),
    _bytes("hash"),
    _bytes("state"),
    CheckConstraint(
        "due_at is not null or kind <> 'incident' or status = 'resolved' or status = 'closed'",
        name="streams_never_silent",
    ),
    CheckConstraint(
        "status = 'open' or status = 'acknowledged' or status = 'resolved' or status = 'closed' or kind <> 'incident'",
        name="streams_status",
    ),
    CheckConstraint("rank between 0 and 7", name="streams_rank"),
)
Index("streams_due", *(streams.c[n] for n in ("kind", "rank", "due_at")), sqlite_where=streams.c.due_at.is_not(None),
      postgresql_where=streams.c.due_at.is_not(None))  # fmt: skip
_SHOWN = ("kind", "status", "rank", "opened_at", "id", "team", "priority", "confidential")
Index("streams_board", *(streams.c[n] for n in _SHOWN))  # filters and counts never touch a row that they do not show
MUTE = text("due_at is null and status in ('open', 'acknowledged')")
Index("streams_mute", streams.c.id, sqlite_where=MUTE, postgresql_where=MUTE)  # always empty: so the auditor is quick
Index("streams_updated", streams.c.updated_at)

events = Table(
    "events",
    METADATA,
    _key("stream"),
    Column("seq", Integer, primary_key=True),
    _when("at"),
    _maybe_when("due_at"),
    Column("type", Text, nullable=False),
    _text("actor"),
    _text("versions"),
    _bytes("hash"),
    _bytes("body"),
)

versions = Table(
    "versions",
    METADATA,
    _key("id"),
    _text("policy"),
    Column("roster", Integer, nullable=False),
    _text("zones"),
    _text("holidays"),
)

live = Table(
    "live",
    METADATA,
    _key("scope"),
    _key("key"),
    _name("stream"),
    _maybe_when("until"),
    sqlite_with_rowid=False,
)
Index("live_until", live.c.until, sqlite_where=live.c.until.is_not(None), postgresql_where=live.c.until.is_not(None))

commands = Table(
    "commands",
    METADATA,
    _key("id"),
    _when("at"),
    _bytes("answer"),
    Index("commands_at", "at"),
    sqlite_with_rowid=False,
)

inbox = Table(
    "inbox",
    METADATA,
    _key("id"),
    _name("stream"),
    _when("due_at"),
    Column("depth", SmallInteger, nullable=False),
    _text("cause"),
    _bytes("body"),
    Index("inbox_due", "due_at"),
)

outbox = Table(
    "outbox",
    METADATA,
    _key("id"),
    _name("incident"),
    Column("seq", Integer, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("round", Integer, nullable=False),
    _text("person"),
    _text("method"),
    _text("purpose"),
    Column("state", Text, nullable=False),
    Column("tried", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    _text("holder"),
    _maybe_when("next_at"),
    _when("due_at"),
    _when("created_at"),
    _maybe_when("sent_at"),
    _maybe_when("withdrawn_at"),
    _text("outcome"),
    _bytes("body"),
    CheckConstraint(
        "state = 'waiting' or state = 'claimed' or state = 'sending' or state = 'sent' or state = 'failed' "
        "or state = 'withdrawn' or state = 'dead'",
        name="outbox_state",
    ),
    CheckConstraint(
        "(next_at is not null) = (state = 'waiting' or state = 'claimed' or state = 'sending')",
        name="outbox_never_forgotten",
    ),
)
Index("outbox_next", outbox.c.lane, outbox.c.next_at, sqlite_where=outbox.c.next_at.is_not(None),
      postgresql_where=outbox.c.next_at.is_not(None))  # fmt: skip
Index("outbox_incident", outbox.c.incident)

attempts = Table(
    "attempts",
    METADATA,
    _key("id"),
    Column("n", Integer, primary_key=True),
    _when("started_at"),
    _maybe_when("ended_at"),
    _text("outcome"),
    _text("detail"),
)

tally = Table(
    "tally",
    METADATA,
    _key("incident"),
    _key("alert"),
    Column("minute", BigInteger, primary_key=True),
    Column("n", Integer, nullable=False),
    _when("last_seen"),
    sqlite_with_rowid=False,
)

texts = Table("texts", METADATA, _key("key"), _bytes("body"))

quarantine = Table("quarantine", METADATA, _key("id"), _when("at"), _text("error"), _bytes("command"))

people = Table(
    "people", METADATA, _key("id"), _text("name"), _text("zone"), _text("language"), _when("changed_at")
)  # fmt: skip

contacts = Table(
    "contacts",
    METADATA,
    _key("person"),
    _key("method"),
    _key("address"),
    Column("state", Text, nullable=False),
    Column("position", SmallInteger, nullable=False),
    _when("changed_at"),
    CheckConstraint("state in ('declared', 'verified', 'broken')", name="contacts_state"),
)

rulebooks = Table(
    "rulebooks",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    _name("digest"),
    _when("applied_at"),
    _text("applied_by"),
    _text("note"),
    _bytes("texts"),
    Index("rulebooks_digest", "digest"),
)

facts = Table(
    "facts",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    _when("at"),
    _text("actor"),
    _bytes("body"),
)

tokens = Table(
    "tokens",
    METADATA,
    _key("id"),
    _text("name"),
    _text("role"),
    _text("prefix"),
    Column("hash", LargeBinary, nullable=False),
    _when("created_at"),
    _maybe_when("revoked_at"),
    _maybe_when("last_used"),
    Column("scopes", Text),  # null: all that the role may
    _text("teams"),
    _maybe_when("ends_at"),
    Index("tokens_hash", "hash", unique=True),
)

source_keys = Table(
    "source_keys",
    METADATA,
    _key("source"),
    _key("id"),
    _text("prefix"),
    Column("hash", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    _when("created_at"),
    Index("source_keys_hash", "hash", unique=True),
    CheckConstraint("state in ('live', 'revoked')", name="source_keys_state"),
)

accounts = Table(
    "accounts",
    METADATA,
    _key("id"),
    _name("login"),
    _text("person"),
    _text("role"),
    _text("password"),
    _when("created_at"),
    _when("changed_at"),
    _maybe_when("disabled_at"),
    Index("accounts_login", "login", unique=True),
)

sessions = Table(
    "sessions",
    METADATA,
    _key("id"),
    Column("hash", LargeBinary, nullable=False),
    _name("account"),
    _name("token"),
    _text("method"),
    Column("trusted", Boolean(create_constraint=False), nullable=False),
    _when("created_at"),
    _when("seen_at"),
    _when("proved_at"),
    _when("ends_at"),
    _maybe_when("revoked_at"),
    _text("address"),
    _text("agent"),
    Index("sessions_hash", "hash", unique=True),
    Index("sessions_account", "account"),
    Index("sessions_ends_at", "ends_at"),
)

identities = Table(
    "identities",
    METADATA,
    _key("issuer"),
    _key("subject"),
    _name("account"),
    _when("created_at"),
    _maybe_when("used_at"),
)

passkeys = Table(
    "passkeys",
    METADATA,
    _key("id"),
    _name("account"),
    _text("name"),
    _bytes("public_key"),
    Column("uses", BigInteger, nullable=False),
    _when("created_at"),
    _maybe_when("used_at"),
    Index("passkeys_account", "account"),
)

invitations = Table(
    "invitations",
    METADATA,
    _key("id"),
    Column("hash", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    _name("account"),
    _when("created_at"),
    _when("expires_at"),
    _maybe_when("used_at"),
    Index("invitations_hash", "hash", unique=True),
    CheckConstraint("purpose in ('setup', 'invite', 'reset')", name="invitations_purpose"),
)

feeds = Table(
    "feeds",
    METADATA,
    _key("id"),
    _bytes("hash"),
    _name("account"),
    _text("what"),
    _when("created_at"),
    _maybe_when("revoked_at"),
    _maybe_when("last_used"),
    Index("feeds_hash", "hash", unique=True),
    Index("feeds_account", "account"),
)

opened = Table(
    "opened",
    METADATA,
    _key("account"),
    _key("incident"),
    _when("at"),
    _when("until"),
    _text("reason"),
)

audit = Table(
    "audit",
    METADATA,
    Column("n", Integer, primary_key=True, autoincrement=False),
    _when("at"),
    _text("actor"),
    Column("what", Text, nullable=False),
    _text("object"),
    _bytes("details"),
    _bytes("hash"),
)

roots = Table(
    "roots",
    METADATA,
    Column("n", Integer, primary_key=True, autoincrement=False),
    _when("since"),
    _when("until"),
    Column("streams", Integer, nullable=False),
    _bytes("digest"),
    _bytes("signature"),
)

meta = Table("meta", METADATA, _key("key"), Column("value", Text, nullable=False))
