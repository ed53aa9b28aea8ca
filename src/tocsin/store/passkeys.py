"""Passkeys: the public half of what somebody's device or key signs with."""

from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from tocsin.core.instant import Instant
from tocsin.store.tables import passkeys


class Passkey(Struct, frozen=True):
    """One passkey. `id` is the credential's, base64url; `uses` its authenticator's counter, 0 where it has none."""

    id: str
    account: str
    name: str
    public_key: bytes
    uses: int
    created_at: Instant
    used_at: Instant | None = None


_ROW = [passkeys.c[name] for name in Passkey.__struct_fields__]


def add(connection: Connection, passkey: Passkey) -> None:
    """Keep a new one; Conflict where that credential is known."""
    connection.execute(passkeys.insert().values({name: getattr(passkey, name) for name in Passkey.__struct_fields__}))


def find(connection: Connection, id_: str) -> Passkey | None:
    """The passkey of that credential."""
    row = connection.execute(select(*_ROW).where(passkeys.c.id == id_)).first()
    return None if row is None else _passkey(row)


def of(connection: Connection, account: str) -> list[Passkey]:
    """Those of an account, the oldest first."""
    found = select(*_ROW).where(passkeys.c.account == account).order_by(passkeys.c.created_at, passkeys.c.id)
    return [_passkey(row) for row in connection.execute(found)]


def used(connection: Connection, id_: str, uses: int, now: Instant) -> None:
    """Note a use, with the authenticator's counter."""
    connection.execute(update(passkeys).where(passkeys.c.id == id_).values(uses=uses, used_at=now))


def remove(connection: Connection, account: str, id_: str) -> bool:
    """Take one away from an account; whether it had it."""
    same = (passkeys.c.id == id_, passkeys.c.account == account)
    return connection.execute(delete(passkeys).where(*same)).rowcount > 0


def _passkey(row: object) -> Passkey:
    values = {name: getattr(row, name) for name in Passkey.__struct_fields__}
    return Passkey(**values | {"public_key": bytes(values["public_key"])})
