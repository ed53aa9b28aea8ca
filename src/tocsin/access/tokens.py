"""Access tokens: made once and shown once, looked up by their hash, and worthless soon after they are revoked."""

from collections import OrderedDict
from collections.abc import Collection
from typing import Literal

from sqlalchemy import Connection

from tocsin.access.permissions import Caller, Role, role_of, useless
from tocsin.core.ids import TeamId
from tocsin.core.instant import HOUR, SECOND, Duration, Instant
from tocsin.lib import secrets
from tocsin.store import audit_log, tokens
from tocsin.store.audit_log import Deed
from tocsin.store.tokens import Token

REMEMBERED: Duration = 30 * SECOND
"""How long a token is believed without a look at the store: a revoked one is of no use after that."""

NOTED: Duration = HOUR
"""How exactly the last use is known: one write an hour is enough to see that a token is no longer used."""

_MOST = 1_000

NAME_LIMIT = 80
"""Characters of a name."""

Wrong = Literal["name", "scopes", "teams"]


def mint(
    name: str,
    role: Role,
    now: Instant,
    scopes: tuple[str, ...] | None = None,
    teams: tuple[str, ...] = (),
    ends_at: Instant | None = None,
) -> tuple[str, Token]:
    """A new token: its text, to be shown once, and what is to be kept of it."""
    made = secrets.mint()
    hashed = bytes.fromhex(made.digest)
    kept = Token(made.id, name, role, f"toc_{made.id}", hashed, now, None, None, scopes, teams, ends_at)
    return made.text, kept


def make(
    connection: Connection, name: str, role: Role, scopes: tuple[str, ...] | None, teams: tuple[str, ...], by: str,
    now: Instant, ends_at: Instant | None = None,
) -> tuple[str, Token]:  # fmt: skip
    """Make and keep one, with its line in the audit log."""
    text, token = mint(name, role, now, scopes, teams, ends_at)
    tokens.add(connection, token)
    details = {"name": name, "role": role, "scopes": scopes, "teams": teams, "ends_at": ends_at}
    audit_log.append(connection, Deed(by, "token.made", token.id, details), now)
    return text, token


def revoke(connection: Connection, id_: str, by: str, now: Instant) -> bool:
    """End one for good, with its line in the audit log; whether there was one to end."""
    ended = tokens.revoke(connection, id_, now)
    if ended:
        audit_log.append(connection, Deed(by, "token.revoked", id_), now)
    return ended


def complaint(
    name: str, role: Role, scopes: Collection[str], teams: Collection[str], known: Collection[str]
) -> tuple[Wrong, str] | None:
    """What is wrong with a token that is wanted, and the word that is; None where nothing is."""
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        return "name", name
    useless_ones = useless(tuple(scopes), role)
    if useless_ones:
        return "scopes", ", ".join(useless_ones)
    unknown = next((team for team in teams if team not in known), None)
    return None if unknown is None else ("teams", unknown)


def caller_of(token: Token) -> Caller:
    """Who asks with a token."""
    teams = frozenset(TeamId(team) for team in token.teams)
    return Caller(token.name, role_of(token.role), teams=teams, scopes=token.scopes)


class Tokens:
    """Looks tokens up, and remembers the good ones for a while."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[Caller, Instant]] = OrderedDict()

    def remembered(self, text: str, now: Instant) -> Caller | None:
        """Whose token it is, if that was looked up a moment ago. `now` is steady time."""
        found = self._known.get(_hash(text))
        return found[0] if found is not None and now < found[1] else None

    def look_up(self, connection: Connection, text: str, now: Instant, steady: Instant) -> tuple[Caller, Token] | None:
        """Whose token it is, from the store; None for one that is unknown, revoked or over."""
        if not secrets.token_id(text):
            return None
        hashed, remembered = _hash(text), self._known  # who forgets meanwhile forgets this one too
        kept = tokens.by_hash(connection, hashed)
        if kept is None or not kept.good(now):
            remembered.pop(hashed, None)
            return None
        caller = caller_of(kept)
        left = REMEMBERED if kept.ends_at is None else min(REMEMBERED, kept.ends_at - now)
        remembered[hashed] = (caller, steady + left)
        if len(remembered) > _MOST:
            remembered.popitem(last=False)
        return caller, kept

    def forget(self) -> None:
        """Look at the store again for every token: one was revoked here."""
        self._known = OrderedDict()


def worth_noting(token: Token, now: Instant) -> bool:
    """Whether its last use is to be written down."""
    return token.last_used is None or now - token.last_used >= NOTED


def _hash(text: str) -> bytes:
    return secrets.fingerprint(text)
