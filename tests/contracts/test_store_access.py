"""Accounts, sessions, passkeys, invitations and the audit log, on both engines."""

from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from tests.contracts.a_store import MINUTE, NOON, rows, run
from tests.contracts.test_store_audit import fold
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.oncall.override import Absence, Override
from tocsin.store import accounts, audit_log, facts, invitations, migrate, passkeys, retention, sessions, tokens
from tocsin.store.accounts import Account, Identity
from tocsin.store.audit import verify
from tocsin.store.audit_log import Deed
from tocsin.store.backup import backup, restore
from tocsin.store.errors import Conflict
from tocsin.store.invitations import Invitation
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.passkeys import Passkey
from tocsin.store.sessions import Opened, Session
from tocsin.store.tokens import Token

DANA = Account("a1", "dana", "dana", "responder", "$argon2id$x", NOON, NOON)
DAY = 24 * 60 * MINUTE


def session(n: int = 1, **changes: Any) -> Session:
    made = Session(
        f"s{n}", bytes((n,)) * 32, "a1", "", "password", True, NOON, NOON, NOON, NOON + DAY, None, "192.0.2.7", "Fire"
    )
    return msgspec.structs.replace(made, **changes)


def look(ledger: SqlLedger, query: Any, *arguments: Any) -> Any:
    with ledger.read() as connection:
        return query(connection, *arguments)


def test_an_account_is_found_by_id_and_login_and_changed(ledger: SqlLedger) -> None:
    assert look(ledger, accounts.count) == 0
    run(ledger, accounts.add, DANA)
    run(ledger, lambda c: accounts.change(c, "a1", NOON + 5, role="admin", disabled_at=NOON + 5))
    changed = msgspec.structs.replace(DANA, role="admin", disabled_at=NOON + 5, changed_at=NOON + 5)
    assert look(ledger, accounts.by_id, "a1") == look(ledger, accounts.by_login, "dana") == changed
    assert look(ledger, accounts.everything) == [changed]
    assert look(ledger, accounts.by_login, "nobody") is None
    with pytest.raises(Conflict):
        run(ledger, accounts.add, msgspec.structs.replace(DANA, id="a2"))


def test_a_subject_is_one_account_and_only_with_its_issuer(ledger: SqlLedger) -> None:
    mine = Identity("https://idp.acme.example", "42", "a1", NOON)
    run(ledger, accounts.link, mine)
    assert look(ledger, accounts.identity, mine.issuer, "42") == mine
    assert look(ledger, accounts.identity, "https://other.example", "42") is None
    with pytest.raises(Conflict):
        run(ledger, accounts.link, msgspec.structs.replace(mine, account="a2"))
    run(ledger, accounts.identity_used, mine.issuer, "42", NOON + 1)
    assert look(ledger, accounts.identities_of, "a1") == [msgspec.structs.replace(mine, used_at=NOON + 1)]
    assert run(ledger, accounts.unlink, mine.issuer, "42")
    assert not run(ledger, accounts.unlink, mine.issuer, "42")


def test_sessions_are_listed_while_they_live_and_end_one_by_one_or_together(ledger: SqlLedger) -> None:
    for n in (1, 2, 3):
        run(ledger, sessions.add, session(n, seen_at=NOON + n))
    run(ledger, sessions.add, session(4, account="a2"))
    assert [one.id for one in look(ledger, sessions.live, NOON, "a1")] == ["s3", "s2", "s1"]
    assert len(look(ledger, sessions.live, NOON)) == 4
    assert look(ledger, sessions.live, NOON + DAY) == []
    assert run(ledger, sessions.revoke, "s3", NOON + 9)
    assert not run(ledger, sessions.revoke, "s3", NOON + 9)
    assert run(ledger, sessions.revoke_all, "a1", NOON + 9, "s1") == 1
    assert [one.id for one in look(ledger, sessions.live, NOON, "a1")] == ["s1"]
    run(ledger, sessions.seen, "s1", NOON + 20)
    run(ledger, sessions.rotate, "s1", bytes(32), NOON + 30)
    assert look(ledger, sessions.by_hash, bytes(32)) == session(
        1, hash=bytes(32), seen_at=NOON + 30, proved_at=NOON + 30
    )
    assert look(ledger, sessions.by_hash, bytes((1,)) * 32) is None


def test_broken_glass_is_open_to_one_account_for_a_while(ledger: SqlLedger) -> None:
    for until in (NOON + 5, NOON + 50):
        run(ledger, sessions.open_for, Opened("a1", "INC-1", NOON, until, "legal hold"))
    assert look(ledger, sessions.opened_by, "a1", NOON + 49) == {"INC-1"}
    assert look(ledger, sessions.opened_by, "a1", NOON + 50) == frozenset()
    assert look(ledger, sessions.opened_by, "a2", NOON) == frozenset()


def test_a_passkey_belongs_to_one_account_and_counts_its_uses(ledger: SqlLedger) -> None:
    key = Passkey("AbC_-", "a1", "phone", b"\0\xff", 0, NOON)
    run(ledger, passkeys.add, key)
    run(ledger, passkeys.used, key.id, 7, NOON + 1)
    assert look(ledger, passkeys.of, "a1") == [msgspec.structs.replace(key, uses=7, used_at=NOON + 1)]
    assert not run(ledger, passkeys.remove, "a2", key.id)
    assert run(ledger, passkeys.remove, "a1", key.id)
    assert look(ledger, passkeys.find, key.id) is None


def test_an_invitation_is_used_once_and_a_new_one_voids_those_before(ledger: SqlLedger) -> None:
    first = Invitation("i1", b"1" * 32, "reset", "a1", NOON, NOON + 60 * MINUTE)
    second = msgspec.structs.replace(first, id="i2", hash=b"2" * 32)
    run(ledger, invitations.add, first)
    run(ledger, invitations.add, second)
    assert look(ledger, invitations.by_hash, first.hash) is None
    assert not run(ledger, invitations.use, "i2", second.expires_at)
    assert run(ledger, invitations.use, "i2", NOON + 1)
    assert not run(ledger, invitations.use, "i2", NOON + 2)
    assert not look(ledger, invitations.by_hash, second.hash).good(NOON + 2)
    run(ledger, invitations.void, "a1")
    assert look(ledger, invitations.by_hash, second.hash) is None


def test_what_has_ended_is_forgotten_after_a_week(ledger: SqlLedger) -> None:
    run(ledger, sessions.add, session(1))
    run(ledger, sessions.add, session(2, ends_at=NOON + 90 * DAY))
    run(ledger, sessions.open_for, Opened("a1", "INC-1", NOON, NOON + DAY, ""))
    run(ledger, invitations.add, Invitation("i1", b"1" * 32, "reset", "a1", NOON, NOON + DAY))
    assert run(ledger, retention.tidy, NOON + 8 * DAY) == 0
    assert run(ledger, retention.tidy, NOON + 8 * DAY + 1) == 3
    assert [row.id for row in rows(ledger, "select id from sessions")] == ["s2"]


# ---------------------------------------------------------------------------------------- audit log


def test_deeds_are_numbered_chained_and_found_by_kind(ledger: SqlLedger) -> None:
    for n, what in enumerate(("account.created", "account.disabled", "token.made")):
        run(ledger, audit_log.append, Deed("nadia", what, f"o{n}", {"n": n, "text": "Straße\0"}), NOON + n)
    told = look(ledger, audit_log.latest, 10)
    assert [(one.n, one.what) for one in told] == [(3, "token.made"), (2, "account.disabled"), (1, "account.created")]
    assert [one.n for one in look(ledger, audit_log.latest, 10, 3)] == [2, 1]
    assert [one.n for one in look(ledger, audit_log.latest, 1, None, "account")] == [2]
    assert [one.n for one in look(ledger, audit_log.latest, 9, None, "account.created")] == [1]
    assert look(ledger, audit_log.latest, 9, None, "acc") == look(ledger, audit_log.latest, 9, None, "a%") == []
    assert look(ledger, lambda c: list(audit_log.broken(c))) == []


@pytest.mark.parametrize(
    ("tampering", "code"),
    [
        ("update audit set actor = 'somebody' where n = 2", "entry 2 is not what was written"),
        ("update audit set at = at + 1 where n = 1", "entry 1 is not what was written"),
        ("delete from audit where n = 2", "entry 2 is not there, the next is 3"),
    ],
)
def test_the_doctor_finds_an_audit_log_that_was_changed(ledger: SqlLedger, tampering: str, code: str) -> None:
    for n in range(3):
        run(ledger, audit_log.append, Deed("nadia", "token.made", f"t{n}"), NOON)
    ledger.transact(lambda tx: tx.connection.execute(text(tampering)))
    with ledger.read() as connection:
        (found,) = [one for one in verify(connection, fold) if one.code == "audit-broken"]
    assert code in found.text


def test_many_may_write_at_once_and_the_chain_stays_one(ledger: SqlLedger) -> None:
    def write() -> None:
        for _ in range(10):
            run(ledger, audit_log.append, Deed("nadia", "token.made"), NOON)

    threads = [Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.n for one in look(ledger, audit_log.latest, 100)] == list(range(30, 0, -1))
    assert look(ledger, lambda c: list(audit_log.broken(c))) == []


def test_overrides_and_absences_are_in_the_audit_log_whoever_makes_them(ledger: SqlLedger) -> None:
    swap = Override("o1", ScheduleId("infra-primary"), NOON, NOON + DAY, PersonId("eve"))
    for fact in (swap, Absence("b1", PersonId("dana"), NOON, NOON + DAY), facts.Preference("eve", None)):
        run(ledger, facts.append, fact, NOON, "frank")
    run(ledger, facts.append, facts.Revoked("o1"), NOON + 1, "carla")
    told = [(one.actor, one.what, one.object) for one in look(ledger, audit_log.latest, 9)]
    assert told == [
        ("carla", "override.revoked", "o1"),
        ("frank", "preference.changed", "eve"),
        ("frank", "absence.made", "b1"),
        ("frank", "override.made", "o1"),
    ]


# ------------------------------------------------------------------------------- backup and upgrade


def test_a_backup_keeps_accounts_and_audit_but_no_open_door(ledger: SqlLedger, tmp_path: Path) -> None:
    run(ledger, accounts.add, DANA)
    run(ledger, passkeys.add, Passkey("k", "a1", "phone", b"\xff", 0, NOON))
    run(ledger, sessions.add, session())
    run(ledger, invitations.add, Invitation("i1", b"1" * 32, "reset", "a1", NOON, NOON + DAY))
    run(ledger, audit_log.append, Deed("nadia", "account.created", "a1"), NOON)
    backup(ledger, tmp_path / "b.tocsin", NOON)
    target = f"sqlite:///{tmp_path / 'other.db'}"
    other = open_ledger(target)
    run(other, sessions.add, session(9))
    other.close()
    restore(tmp_path / "b.tocsin", target, NOON, force=True)
    again = open_ledger(target)
    assert look(again, accounts.by_login, "dana") == DANA
    assert look(again, passkeys.of, "a1") == look(ledger, passkeys.of, "a1")
    assert look(again, audit_log.latest, 5) == look(ledger, audit_log.latest, 5)
    assert look(again, sessions.live, NOON) == rows(again, "select * from invitations") == []
    again.close()


def test_tokens_of_the_first_version_keep_all_that_their_role_may(store_url: str) -> None:
    first = open_ledger(store_url)
    with first.dialect.writing() as connection:
        connection.execute(text("drop table alembic_version"))
        for table in (
            "accounts",
            "sessions",
            "identities",
            "passkeys",
            "invitations",
            "opened",
            "audit",
            "tokens",
            "feeds",
        ):
            connection.execute(text(f"drop table {table}"))
        connection.execute(
            text("""create table tokens (id text not null primary key, name text not null default '',
            role text not null default '', prefix text not null default '', hash {} not null,
            created_at bigint not null, revoked_at bigint, last_used bigint)""".format(
                "blob" if connection.dialect.name == "sqlite" else "bytea"
            ))
        )  # fmt: skip
        connection.execute(text("create unique index tokens_hash on tokens (hash)"))
        connection.execute(text("create table alembic_version (version_num varchar(32) not null primary key)"))
        connection.execute(text("insert into alembic_version values ('0001')"))
        row = {"id": "t1", "hash": b"h" * 32, "at": NOON}
        connection.execute(text("insert into tokens (id, hash, created_at) values (:id, :hash, :at)"), row)
        connection.commit()
    first.close()
    upgraded = open_ledger(store_url)
    assert look(upgraded, tokens.everything) == [Token("t1", "", "", "", b"h" * 32, NOON)]
    narrow = Token("t2", "ci", "admin", "toc_t2", b"i" * 32, NOON, scopes=(), teams=("payments",))
    run(upgraded, tokens.add, narrow)
    assert look(upgraded, tokens.by_hash, b"i" * 32) == narrow
    assert [row.version_num for row in rows(upgraded, "select version_num from alembic_version")] == [migrate.HEAD]
    upgraded.close()
