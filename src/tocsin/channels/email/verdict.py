"""What a mail server's refusal means: is this address broken, or is it us, the provider or the moment?

Only a word about the mailbox or its domain, said about the recipient, is permanent. A wrong password, a missing relay
permission, a policy, a full disk, a letter that looks like spam are faults that somebody can mend without giving the
person a new address, and marking the address broken for them would silence it for good. Codes: RFC 5321 (4.2),
RFC 3463 and IANA's registry of enhanced status codes, RFC 7504 (521, 556).
"""

import re

from tocsin.channels.contract import Outcome
from tocsin.lib.smtp_sessions import RefusedError

_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
_GONE = frozenset({"1.0", "1.1", "1.2", "1.3", "1.4", "1.6", "1.9", "1.10", "2.0", "2.1"})
"""Enhanced codes that speak of the mailbox or its domain. Not 1.7 and 1.8 (the sender's), 2.2 (full), 7.x (policy)."""

_GONE_BARE = frozenset({501, 521, 550, 551, 553, 556})
"""Codes without an enhanced one that, said about the recipient, mean that nobody is there."""

_OURS = re.compile(
    r"relay|spam|block|black ?list|denied|polic|authenti|reputation|rate|quota|limit|permitted|allowed|sender|spf|dkim"
    r"|dmarc|helo|ehlo|reverse|ptr|tls|virus|content|temporar|try again|later|\bfull\b|over ?size|too (?:large|many)",
    re.IGNORECASE,
)
"""Words in a refusal without an enhanced code that show it is not about the mailbox."""


def judge(error: RefusedError) -> Outcome:
    """The outcome of one refused letter, with the server's own words for people."""
    detail = f"{error.stage}: {error.code} {' '.join(error.text.split())}"[:300]
    return Outcome("permanent" if _is_gone(error) else "passing", detail)


def _is_gone(error: RefusedError) -> bool:
    if error.code < 500 or error.stage not in {"recipient", "data"}:
        return False
    enhanced = _ENHANCED.search(error.text)
    if enhanced is not None:
        return f"{enhanced[1]}.{enhanced[2]}" in _GONE or f"{enhanced[1]}.{enhanced[2]}" == "6.7"
    return error.stage == "recipient" and error.code in _GONE_BARE and not _OURS.search(error.text)
