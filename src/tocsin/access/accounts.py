"""Accounts: made, invited, changed and ended; one function each, in a transaction, with its line in the audit log."""

import re
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access.permissions import Role
from tocsin.core.instant import HOUR, Duration, Instant
from tocsin.lib import secrets
from tocsin.store import accounts, audit_log, invitations, sessions
from tocsin.store.accounts import Account
from tocsin.store.audit_log import Deed
from tocsin.store.invitations import Invitation, Purpose

INVITED: Duration = HOUR
"""How long a one-time link is good."""

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,78}[a-z0-9])?")

Code = Literal["login", "taken", "unknown", "last-admin", "set-up", "used"]


class RefusedError(Exception):
    """Why it is not done. `code`: no login, taken by another, no such account, the last admin, set up already, used."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class Change(Struct, frozen=True):
    """What is to be different about an account; None stays as it is."""

    role: Role | None = None
    person: str | None = None
    disabled: bool | None = None


def login_of(text: str) -> str:
    """The one form of a login: 1 to 80 of a-z 0-9 . _ @ + -, beginning and ending with a letter or a figure."""
    plain = text.strip().lower()
    if not _LOGIN.fullmatch(plain):
        raise RefusedError("login")
    return plain


def create(
    connection: Connection, login: str, role: Role, person: str, by: str, now: Instant, password: str = ""
) -> Account:
    """A new account; without a password nobody can sign in with it until an invitation was used."""
    made = Account(str(uuid7()), login_of(login), person, role, password, now, now)
    if accounts.by_login(connection, made.login) is not None:
        raise RefusedError("taken")
    accounts.add(connection, made)
    _write(connection, by, "account.created", made, now, role=role, person=person)
    return made


def change(connection: Connection, id_: str, wanted: Change, by: str, now: Instant) -> Account:
    """Give an account another role or person, disable it, or enable it again. The last admin stays one."""
    audit_log.in_turn(connection)
    before = the(connection, id_)
    weaker = wanted.disabled or wanted.role not in (None, "admin")
    if weaker and before.role == "admin" and before.disabled_at is None and _admins(connection) == 1:
        raise RefusedError("last-admin")
    if wanted.role not in (None, before.role):
        accounts.change(connection, id_, now, role=wanted.role)
        _write(connection, by, "account.role", before, now, before=before.role, role=wanted.role)
    if wanted.person not in (None, before.person):
        accounts.change(connection, id_, now, person=wanted.person)
        _write(connection, by, "account.person", before, now, before=before.person, person=wanted.person)
    if wanted.disabled is not None and wanted.disabled != (before.disabled_at is not None):
        _able(connection, before, by, now, disabled=wanted.disabled)
    return the(connection, id_)


def _able(connection: Connection, account: Account, by: str, now: Instant, *, disabled: bool) -> None:
    accounts.change(connection, account.id, now, disabled_at=now if disabled else None)
    if disabled:
        sessions.revoke_all(connection, account.id, now)
        invitations.void(connection, account.id)
    _write(connection, by, "account.disabled" if disabled else "account.enabled", account, now)


def the(connection: Connection, id_: str) -> Account:
    """The account of that id or login. Raises RefusedError."""
    found = accounts.by_id(connection, id_) or accounts.by_login(connection, id_.strip().lower())
    if found is None:
        raise RefusedError("unknown")
    return found


def _admins(connection: Connection) -> int:
    return sum(one.role == "admin" and one.disabled_at is None for one in accounts.everything(connection))


def sign_out(connection: Connection, account: Account, by: str, now: Instant, but: str = "") -> int:
    """End all its sessions, all `but` one; how many there were. Its owner may come in again at once."""
    ended = sessions.revoke_all(connection, account.id, now, but)
    _write(connection, by, "account.signed-out", account, now)
    return ended


def sign_out_of(connection: Connection, account: Account, session: str, by: str, now: Instant) -> bool:
    """End one of its sessions; whether it had that one."""
    theirs = {one.id for one in sessions.live(connection, now, account.id)}
    ended = session in theirs and sessions.revoke(connection, session, now)
    if ended:
        _write(connection, by, "account.signed-out", account, now, session=session)
    return ended


def set_password(connection: Connection, account: Account, hashed: str, by: str, now: Instant, but: str = "") -> None:
    """Another password; every session of theirs ends, all `but` the one that asked."""
    accounts.change(connection, account.id, now, password=hashed)
    sessions.revoke_all(connection, account.id, now, but)
    invitations.void(connection, account.id)
    _write(connection, by, "account.password", account, now)


# ---------------------------------------------------------------------------------------- invitations


def invite(connection: Connection, account: Account, purpose: Purpose, by: str, now: Instant) -> str:
    """The text of a one-time link by which its owner sets a password. A reset ends what was before at once."""
    if purpose == "reset":
        accounts.change(connection, account.id, now, password="")
        sessions.revoke_all(connection, account.id, now)
    _write(connection, by, "account.reset" if purpose == "reset" else "account.invited", account, now)
    return _invitation(connection, purpose, account.id, now)


def admit(
    connection: Connection, login: str, role: Role, person: str, by: str, now: Instant
) -> tuple[Account, str]:  # fmt: skip
    """A new account, and the text of the link by which its owner comes in."""
    made = create(connection, login, role, person, by, now)
    return made, invite(connection, made, "invite", by, now)


def readmit(connection: Connection, name: str, purpose: Purpose, by: str, now: Instant) -> tuple[Account, str]:
    """The account of that id or login, and the text of a new link for its owner."""
    found = the(connection, name)
    text = invite(connection, found, purpose, by, now)
    return the(connection, found.id), text


def first(connection: Connection, now: Instant) -> str:
    """The text of the link that makes the first admin. Raises RefusedError when there is an account already."""
    if accounts.count(connection):
        raise RefusedError("set-up")
    audit_log.append(connection, Deed("setup", "setup.offered"), now)
    return _invitation(connection, "setup", "", now)


def _invitation(connection: Connection, purpose: Purpose, account: str, now: Instant) -> str:
    text, hashed = secrets.reference()
    invitations.add(connection, Invitation(str(uuid7()), hashed, purpose, account, now, now + INVITED))
    return text


class Invited(Struct, frozen=True):
    """A one-time link that is still good, with whom it is for; nobody yet for the first admin."""

    invitation: Invitation
    account: Account | None


def invited(connection: Connection, text: str, now: Instant) -> Invited | None:
    """Whom a one-time link is for; None for one that is unknown, over or used, whichever."""
    found = invitations.by_hash(connection, secrets.fingerprint(text))
    if found is None or not found.good(now):
        return None
    if found.purpose == "setup":
        return None if accounts.count(connection) else Invited(found, None)
    account = accounts.by_id(connection, found.account)
    return None if account is None or account.disabled_at is not None else Invited(found, account)


def accept(connection: Connection, text: str, login: str, hashed: str, now: Instant, person: str = "") -> Account:
    """Use a one-time link: the first admin is made, or a password set. `login` counts for the first admin alone."""
    found = invited(connection, text, now)
    if found is None or not invitations.use(connection, found.invitation.id, now):
        raise RefusedError("used")
    if found.account is None:
        return create(connection, login, "admin", person, "setup", now, hashed)
    set_password(connection, found.account, hashed, found.account.person or f"account:{found.account.login}", now)
    return msgspec.structs.replace(found.account, password=hashed)


def _write(connection: Connection, by: str, what: str, account: Account, now: Instant, **details: str | None) -> None:
    deed = Deed(by, what, account.id, {"login": account.login, **details})
    audit_log.append(connection, deed, now)
