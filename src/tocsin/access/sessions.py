"""Sessions: a text that stands for somebody who is signed in, how long it does, and who it stands for now."""

from collections import OrderedDict

import msgspec
from msgspec import Struct
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access.about import teams_of
from tocsin.access.permissions import Caller, Role, role_of
from tocsin.access.tokens import REMEMBERED, caller_of
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant
from tocsin.core.rulebook import Rulebook
from tocsin.lib import secrets
from tocsin.store import accounts, sessions, tokens
from tocsin.store.accounts import Account
from tocsin.store.sessions import Session
from tocsin.store.tokens import Token

NOTED: Duration = 5 * MINUTE
"""How exactly it is known when a session was last seen."""

_MOST = 5_000
_AGENT = 200


class Lifetime(Struct, frozen=True):
    """A session ends when nothing was heard of it for `idle`, and after `absolute` in any case."""

    idle: Duration
    absolute: Duration


POWERFUL, SHARED, TRUSTED = Lifetime(HOUR, 12 * HOUR), Lifetime(2 * HOUR, 12 * HOUR), Lifetime(14 * DAY, 30 * DAY)
"""Of admins and auditors anywhere; of others on a machine that many use; and on one that is theirs."""


def lifetime(role: Role, *, trusted: bool) -> Lifetime:
    """How long sessions of a role last."""
    if role in ("admin", "security-audit"):
        return POWERFUL
    return TRUSTED if trusted else SHARED


class Known(Struct, frozen=True):
    """A session with whose it is: an account, or a token that was shown once."""

    session: Session
    whose: Account | Token
    opened: frozenset[str] = frozenset()

    @property
    def role(self) -> Role:
        """The role that it has now, not the one it had when it began."""
        return role_of(self.whose.role)

    def good(self, now: Instant) -> bool:
        """Whether it still stands for them."""
        life, session = lifetime(self.role, trusted=self.session.trusted), self.session
        whose = self.whose.disabled_at is None if isinstance(self.whose, Account) else self.whose.good(now)
        whole = min(session.ends_at, session.created_at + life.absolute)
        return session.revoked_at is None and whose and now < whole and now - session.seen_at < life.idle

    def caller(self, rulebook: Rulebook | None) -> Caller:
        """Who asks, with the teams that they are in today."""
        session, whose = self.session, self.whose
        if isinstance(whose, Token):
            return msgspec.structs.replace(caller_of(whose), session=session.id, proved_at=session.proved_at)
        person = PersonId(whose.person) if whose.person else None
        teams = frozenset() if rulebook is None else teams_of(person, rulebook)
        return Caller(
            whose.login, self.role, person, teams, None, whose.id, session.id, self.opened, session.proved_at
        )  # fmt: skip


class Sessions:
    """Looks sessions up, and remembers the good ones for a moment."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[Known, Instant]] = OrderedDict()

    def remembered(self, cookie: str, now: Instant, steady: Instant) -> Known | None:
        """Whose cookie it is, if that was looked up a moment ago."""
        found = self._known.get(secrets.fingerprint(cookie))
        return found[0] if found is not None and steady < found[1] and found[0].good(now) else None

    def look_up(self, connection: Connection, cookie: str, now: Instant, steady: Instant) -> Known | None:
        """Whose cookie it is, from the store; None for one that is unknown or over."""
        hashed, remembered = secrets.fingerprint(cookie), self._known  # who forgets meanwhile forgets this one too
        remembered.pop(hashed, None)
        known = find(connection, hashed, now)
        if known is None or not known.good(now):
            return None
        remembered[hashed] = (known, steady + REMEMBERED)
        if len(remembered) > _MOST:
            remembered.popitem(last=False)
        return known

    def forget(self) -> None:
        """Look at the store again for every session: one was ended or changed here."""
        self._known = OrderedDict()


def find(connection: Connection, hashed: bytes, now: Instant) -> Known | None:
    """The session of that hash with whose it is, over or not."""
    session = sessions.by_hash(connection, hashed)
    if session is None:
        return None
    if session.account:
        account = accounts.by_id(connection, session.account)
        opened = sessions.opened_by(connection, session.account, now)
        return None if account is None else Known(session, account, opened)
    token = tokens.by_id(connection, session.token)
    return None if token is None else Known(session, token)


def begin(
    whose: Account | Token, method: str, now: Instant, *, trusted: bool = False, address: str = "", agent: str = ""
) -> tuple[str, Session]:
    """A new session: the text for its cookie, and what is to be kept of it."""
    text, hashed = secrets.reference()
    account, token = (whose.id, "") if isinstance(whose, Account) else ("", whose.id)
    ends = now + lifetime(role_of(whose.role), trusted=trusted).absolute
    shown = "".join(one for one in agent if one.isprintable())[:_AGENT]
    return text, Session(
        str(uuid7()), hashed, account, token, method, trusted, now, now, now, ends, None, address[:64], shown
    )


def worth_noting(session: Session, now: Instant) -> bool:
    """Whether it is to be written down that it was seen."""
    return now - session.seen_at >= NOTED
