"""Calendars under an address of their own: 256 random bits that open one calendar for reading, and can be revoked."""

import re

from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.core.instant import HOUR, Duration, Instant
from tocsin.lib import secrets
from tocsin.store import audit_log, feeds
from tocsin.store.audit_log import Deed
from tocsin.store.feeds import Feed

PATH = "/calendar/"
SUFFIX = ".ics"

NOTED: Duration = HOUR
"""How exactly the last use is known."""

_TEXT = re.compile(r"tsf_[A-Za-z0-9_-]{43}")


def make(connection: Connection, account: str, what: str, by: str, url: str, now: Instant) -> tuple[str, Feed]:
    """A new address, to be shown once; the one before it for the same calendar is worthless from now on."""
    text = f"tsf_{secrets.reference()[0]}"
    feed = Feed(str(uuid7()), secrets.fingerprint(text), account, what, now)
    feeds.add(connection, feed)
    audit_log.append(connection, Deed(by, "feed.made", feed.id, {"what": what}), now)
    return f"{url.rstrip('/')}{PATH}{text}{SUFFIX}", feed


def revoke(connection: Connection, account: str, id_: str, by: str, now: Instant) -> bool:
    """End one; whether there was one to end."""
    ended = feeds.revoke(connection, account, id_, now)
    if ended:
        audit_log.append(connection, Deed(by, "feed.revoked", id_), now)
    return ended


def shown(connection: Connection, text: str) -> Feed | None:
    """The feed of the last part of an address, while it is good."""
    plain = text.removesuffix(SUFFIX)
    return feeds.by_hash(connection, secrets.fingerprint(plain)) if _TEXT.fullmatch(plain) else None


def worth_noting(feed: Feed, now: Instant) -> bool:
    """Whether its last use is to be written down."""
    return feed.last_used is None or now - feed.last_used >= NOTED
