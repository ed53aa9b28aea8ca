"""Invitations: one-time links by which somebody sets a password; of each only the hash."""

from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from tocsin.core.instant import Instant
from tocsin.store.tables import invitations

Purpose = Literal["setup", "invite", "reset"]


class Invitation(Struct, frozen=True):
    """`setup` makes the first admin and has no account; the others set a password of theirs."""

    id: str
    hash: bytes
    purpose: Purpose
    account: str
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None = None

    def good(self, now: Instant) -> bool:
        """Whether it can still be used."""
        return self.used_at is None and now < self.expires_at


_ROW = [invitations.c[name] for name in Invitation.__struct_fields__]


def add(connection: Connection, invitation: Invitation) -> None:
    """Keep a new one; those before it for the same purpose and account are void."""
    same = (invitations.c.purpose == invitation.purpose, invitations.c.account == invitation.account)
    connection.execute(delete(invitations).where(*same))
    values = {name: getattr(invitation, name) for name in Invitation.__struct_fields__}
    connection.execute(invitations.insert().values(values))


def by_hash(connection: Connection, hashed: bytes) -> Invitation | None:
    """The invitation of that hash, used or not."""
    row = connection.execute(select(*_ROW).where(invitations.c.hash == hashed)).first()
    if row is None:
        return None
    values = {name: getattr(row, name) for name in Invitation.__struct_fields__}
    return Invitation(**values | {"hash": bytes(values["hash"])})


def use(connection: Connection, id_: str, now: Instant) -> bool:
    """Use it up; False where somebody else was first."""
    still = (invitations.c.id == id_, invitations.c.used_at.is_(None), invitations.c.expires_at > now)
    return connection.execute(update(invitations).where(*still).values(used_at=now)).rowcount > 0


def void(connection: Connection, account: str) -> None:
    """Let none of an account be of use any more."""
    connection.execute(delete(invitations).where(invitations.c.account == account))


def forget(connection: Connection, before: Instant) -> int:
    """Delete those whose time was over before that; how many."""
    return connection.execute(delete(invitations).where(invitations.c.expires_at < before)).rowcount
