"""Coming in and going out: by password or token, with delays for whoever guesses, and proving it again later."""

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.access import accounts as administration
from tocsin.access.federation import Refusal, admitted
from tocsin.access.gate import Gate
from tocsin.access.oidc import SKEW, Subject
from tocsin.access.passwords import Passwords
from tocsin.access.permissions import Caller
from tocsin.access.sessions import begin
from tocsin.access.throttle import Throttle, keys_for
from tocsin.core.instant import DAY, SECOND, Duration, Instant
from tocsin.lib import secrets
from tocsin.lib.logs import logger
from tocsin.store import accounts, sessions, tokens
from tocsin.store.accounts import Account
from tocsin.store.sessions import Session
from tocsin.store.tokens import Token

DEVICE: Duration = 180 * DAY
"""How long a browser that signed in is known as its owner's."""

_DEVICE = "device"

log = logger("access")


class Browser(Struct, frozen=True):
    """Where somebody signs in: their address, what their browser says it is, the cookies it showed of us."""

    address: str = ""
    agent: str = ""
    session: str = ""
    device: str = ""
    trusted: bool = False


class In(Struct, frozen=True):
    """Somebody is in: the texts of the cookies that say so."""

    cookie: str
    session: Session
    device: str = ""


class Wait(Struct, frozen=True):
    """Not judged: too many tries; come again after that long."""

    after: Duration


class SignIn:
    """The sign-in of one installation."""

    def __init__(self, gate: Gate, passwords: Passwords) -> None:
        self.gate = gate
        self.passwords = passwords
        self._throttle = Throttle()

    async def with_password(self, login: str, password: str, browser: Browser) -> In | Wait | None:
        """By login and password. None for a wrong one; nobody can tell it from an unknown login, nor time it."""
        found = await self._account(login)
        keys = self._keys(login, found, browser)
        pause = self._throttle.begin(keys, self.gate.clock.now())
        if pause:
            return Wait(pause)
        usable = found is not None and found.disabled_at is None
        good = await self.passwords.verify(password, found.password if found is not None and usable else "")
        if found is None or not good:
            log.warning("sign_in_refused", account=found.id if found else "", address=browser.address)
            return None
        self._throttle.passed(keys)
        return await self._begin(found, "password", browser)

    async def with_token(self, text: str, browser: Browser) -> In | None:
        """By an access token. It is long and random, so nobody guesses it."""
        found = await self.gate.read(lambda connection: _token(connection, text, self.gate.clock.now()))
        if found is None:
            log.warning("sign_in_refused", account="", address=browser.address)
            return None
        return await self._begin(found, "token", browser)

    async def with_subject(self, who: Subject, people: frozenset[str], browser: Browser) -> In | Refusal | None:
        """By an identity provider's word; never for long, so that what it takes back is not theirs for a month.

        It may have known them for days: what is sensitive waits until they have shown it there again.
        """
        now = self.gate.clock.now()
        found = await self.gate.write(lambda connection: admitted(connection, who, people, now))
        if isinstance(found, Refusal):
            return found
        proved = who.proved_at if who.proved_at is not None and who.proved_at <= now + SKEW * SECOND else 0
        return await self._begin(found, "oidc", replace(browser, trusted=False), proved)

    async def as_account(self, account: Account, method: str, browser: Browser) -> In | None:
        """As somebody who has proved it otherwise: by a passkey."""
        return await self._begin(account, method, browser)

    async def leave(self, cookie: str) -> None:
        """End the session of a cookie, if it is one."""
        now = self.gate.clock.now()
        await self.gate.write(lambda connection: _end(connection, cookie, now))

    # ------------------------------------------------------------------------------------------ again

    async def again(self, caller: Caller, secret: str, browser: Browser) -> In | Wait | None:
        """Somebody who is in shows once more who they are, by what they came in with: password or token."""
        if not caller.account:
            token = await self.gate.read(lambda connection: _token(connection, secret, self.gate.clock.now()))
            good = token is not None and token.name == caller.name
            return await self.proved(caller) if good else None
        found = await self._account(caller.name)
        keys = self._keys(caller.name, found, browser)
        pause = self._throttle.begin(keys, self.gate.clock.now())
        if pause:
            return Wait(pause)
        if found is None or not await self.passwords.verify(secret, found.password):
            return None
        self._throttle.passed(keys)
        return await self.proved(caller)

    async def proved(self, caller: Caller) -> In | None:
        """They did: their session goes on under another cookie, fresh for what is sensitive."""
        text, hashed = secrets.reference()
        now = self.gate.clock.now()

        def body(connection: Connection) -> Session | None:
            sessions.rotate(connection, caller.session, hashed, now)
            return sessions.by_hash(connection, hashed)

        session = await self.gate.write(body)
        return None if session is None else In(text, session)

    async def change_password(self, caller: Caller, password: str) -> None:
        """Another password for whoever is signed in; their other sessions end."""
        hashed, now = await self.passwords.hashed(password), self.gate.clock.now()

        def body(connection: Connection) -> None:
            account = administration.the(connection, caller.account)
            administration.set_password(connection, account, hashed, caller.by, now, caller.session)

        await self.gate.write(body)

    async def accept(self, text: str, login: str, password: str, person: str, browser: Browser) -> In | None:
        """Use a one-time link, and be in. Raises accounts.RefusedError."""
        hashed, now = await self.passwords.hashed(password), self.gate.clock.now()
        account = await self.gate.write(
            lambda connection: administration.accept(connection, text, login, hashed, now, person)
        )
        return await self._begin(account, "password", browser)

    # ---------------------------------------------------------------------------------------- details

    async def _account(self, login: str) -> Account | None:
        plain = login.strip().lower()[:100]
        return await self.gate.read(lambda connection: accounts.by_login(connection, plain))

    def _keys(self, login: str, found: Account | None, browser: Browser) -> tuple[str, ...]:
        device = self._device(browser, found.id) if found is not None else ""
        return keys_for(login.strip().lower()[:100], browser.address, device)

    def _device(self, browser: Browser, account: str) -> str:
        """The browser's own mark, where it has signed in to that account before."""
        claims = secrets.verify(browser.device, _DEVICE, self.gate.clock.now(), *self.gate.keys)
        known = not isinstance(claims, secrets.Refused) and claims.get("account") == account
        return claims.get("id", "") if known and isinstance(claims, dict) else ""

    async def _begin(
        self, whose: Account | Token, method: str, browser: Browser, proved: Instant | None = None
    ) -> In | None:
        """A new session in place of the one that the browser had; None where the account has just been disabled."""
        now = self.gate.clock.now()
        text, session = begin(
            whose, method, now, trusted=browser.trusted, address=browser.address, agent=browser.agent
        )  # fmt: skip
        session = session if proved is None else replace(session, proved_at=proved)

        def body(connection: Connection) -> bool:
            if not _still(connection, whose):
                return False
            _end(connection, browser.session, now)
            sessions.add(connection, session)
            return True

        if not await self.gate.write(body):
            return None
        log.info("signed_in", by=whose.id, method=method, address=browser.address)
        return In(text, session, self._mark(whose, browser, now))

    def _mark(self, whose: Account | Token, browser: Browser, now: Instant) -> str:
        if not isinstance(whose, Account):
            return ""
        known = self._device(browser, whose.id) or secrets.reference()[0][:22]
        return secrets.sign(_DEVICE, {"account": whose.id, "id": known}, now + DEVICE, self.gate.keys[0])


def _token(connection: Connection, text: str, now: Instant) -> Token | None:
    found = tokens.by_hash(connection, secrets.fingerprint(text)) if secrets.token_id(text) else None
    return found if found is not None and found.good(now) else None


def _still(connection: Connection, whose: Account | Token) -> bool:
    """Whether it is as it was when it was judged."""
    if isinstance(whose, Account):
        now = accounts.by_id(connection, whose.id)
        return now is not None and now.disabled_at is None and now.password == whose.password
    kept = tokens.by_id(connection, whose.id)
    return kept is not None and kept.revoked_at is None


def _end(connection: Connection, cookie: str, now: Instant) -> None:
    session = sessions.by_hash(connection, secrets.fingerprint(cookie)) if cookie else None
    if session is not None:
        sessions.revoke(connection, session.id, now)
