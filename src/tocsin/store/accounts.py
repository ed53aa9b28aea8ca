"""Accounts: who may sign in, as whom of the rulebook and in what role; and which subjects of providers they are."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, func, select, update

from tocsin.core.instant import Instant
from tocsin.store.tables import accounts, identities


class Account(Struct, frozen=True):
    """One account. `password` is its hash, '' where there is none to sign in with; `person` an id of the rulebook."""

    id: str
    login: str
    person: str
    role: str
    password: str
    created_at: Instant
    changed_at: Instant
    disabled_at: Instant | None = None


class Identity(Struct, frozen=True):
    """Who an identity provider says somebody is: its own name and its own name for them, never an e-mail address."""

    issuer: str
    subject: str
    account: str
    created_at: Instant
    used_at: Instant | None = None


_ROW = [accounts.c[name] for name in Account.__struct_fields__]
_IDENTITY = [identities.c[name] for name in Identity.__struct_fields__]


def add(connection: Connection, account: Account) -> None:
    """Keep a new one; Conflict where the login is taken."""
    connection.execute(accounts.insert().values({name: getattr(account, name) for name in Account.__struct_fields__}))


def by_id(connection: Connection, id_: str) -> Account | None:
    """The account, disabled or not."""
    return _one(connection, accounts.c.id == id_)


def by_login(connection: Connection, login: str) -> Account | None:
    """The account of that login, disabled or not."""
    return _one(connection, accounts.c.login == login)


def everything(connection: Connection) -> list[Account]:
    """All of them by login."""
    return [Account(*row) for row in connection.execute(select(*_ROW).order_by(accounts.c.login))]


def count(connection: Connection) -> int:
    """How many there are, disabled ones too."""
    return int(connection.execute(select(func.count()).select_from(accounts)).scalar_one())


def change(connection: Connection, id_: str, now: Instant, **values: Any) -> None:
    """Set columns of one account."""
    connection.execute(update(accounts).where(accounts.c.id == id_).values(values | {"changed_at": now}))


def _one(connection: Connection, where: Any) -> Account | None:
    row = connection.execute(select(*_ROW).where(where)).first()
    return None if row is None else Account(*row)


# ----------------------------------------------------------------------------------------- identities


def link(connection: Connection, identity: Identity) -> None:
    """Let a subject be an account; Conflict where it is one already."""
    connection.execute(
        identities.insert().values({name: getattr(identity, name) for name in Identity.__struct_fields__})
    )


def identity(connection: Connection, issuer: str, subject: str) -> Identity | None:
    """Which account a subject is."""
    same = (identities.c.issuer == issuer, identities.c.subject == subject)
    row = connection.execute(select(*_IDENTITY).where(*same)).first()
    return None if row is None else Identity(*row)


def identities_of(connection: Connection, account: str) -> list[Identity]:
    """The subjects that are an account."""
    found = select(*_IDENTITY).where(identities.c.account == account).order_by(identities.c.issuer)
    return [Identity(*row) for row in connection.execute(found)]


def identity_used(connection: Connection, issuer: str, subject: str, now: Instant) -> None:
    """Note that somebody came in by it."""
    same = (identities.c.issuer == issuer, identities.c.subject == subject)
    connection.execute(update(identities).where(*same).values(used_at=now))


def unlink(connection: Connection, issuer: str, subject: str) -> bool:
    """Let a subject be nobody again; whether it was somebody."""
    same = (identities.c.issuer == issuer, identities.c.subject == subject)
    return connection.execute(identities.delete().where(*same)).rowcount > 0
