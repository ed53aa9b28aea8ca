"""Accounts of people whom an identity provider names: found, made or refused; nobody is joined by a name alone."""

import re

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access import accounts as administration
from tocsin.access.accounts import Change, RefusedError
from tocsin.access.oidc import Subject
from tocsin.core.instant import Instant
from tocsin.lib.secrets import digest
from tocsin.store import accounts, audit_log, sessions
from tocsin.store.accounts import Account, Identity
from tocsin.store.audit_log import Deed


class Refusal(Struct, frozen=True):
    """Why somebody whom the provider knows does not come in: their groups give nothing, or the account is disabled."""

    code: str


def admitted(connection: Connection, who: Subject, people: frozenset[str], now: Instant) -> Account | Refusal:
    """The account of a subject, with the role that their groups give today; a new one for somebody new."""
    known = accounts.identity(connection, who.issuer, who.subject)
    if known is None:
        return _made(connection, who, people, now)
    account = accounts.by_id(connection, known.account)
    if account is None or account.disabled_at is not None:
        return Refusal("disabled")
    accounts.identity_used(connection, who.issuer, who.subject, now)
    return account if account.password else _adjusted(connection, account, who, now)


def _adjusted(connection: Connection, account: Account, who: Subject, now: Instant) -> Account | Refusal:
    """An account without a password of its own is what the provider's groups make it, except for the last admin."""
    if who.role is None:
        sessions.revoke_all(connection, account.id, now)
        return Refusal("no-role")
    try:
        return administration.change(connection, account.id, Change(role=who.role), _by(who), now)
    except RefusedError:
        return account


def _made(connection: Connection, who: Subject, people: frozenset[str], now: Instant) -> Account | Refusal:
    if who.role is None:
        return Refusal("no-role")
    person = who.person if who.person in people else ""
    account = administration.create(connection, _free_login(connection, who), who.role, person, _by(who), now)
    join(connection, account, who, _by(who), now)
    return account


def join(connection: Connection, account: Account, who: Subject, by: str, now: Instant) -> None:
    """Let a subject be an account from now on. Raises RefusedError `taken` when they are one already."""
    if accounts.identity(connection, who.issuer, who.subject) is not None:
        raise RefusedError("taken")
    accounts.link(connection, Identity(who.issuer, who.subject, account.id, now))
    details = {"login": account.login, "issuer": who.issuer, "subject": who.subject}
    audit_log.append(connection, Deed(by, "account.joined", account.id, details), now)


def _free_login(connection: Connection, who: Subject) -> str:
    """The login that the provider says, made one of ours; with a mark of the subject where somebody else has it."""
    plain = re.sub(r"[^a-z0-9._@+-]+", "-", who.login.strip().lower())[:60].strip("._@+-")
    mark = digest(f"{who.issuer}\0{who.subject}")[:8]
    if plain and accounts.by_login(connection, plain) is None:
        return plain
    return f"{plain or 'user'}-{mark}"


def _by(who: Subject) -> str:
    return f"oidc:{who.issuer}"
