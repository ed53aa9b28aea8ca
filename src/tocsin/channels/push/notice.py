"""What a device shows: a letter as a few words, with all that is said after a tap, for then there may be no network."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from tocsin.channels import wording
from tocsin.channels.contract import Letter

ROOM = 3_000
"""Octets of a notice; sealed it stays well within the 4 KB that push services must take."""

TITLE, BODY = 160, 400
"""Characters; more is not read on a lock screen."""

NEWS = frozenset({"taken", "over", "inform"})
"""What replaces a call quietly: it wants nothing."""


def notice(letter: Letter) -> bytes:
    """The notice as JSON. Its links are paths: the device has them from us and knows where we are."""
    found = _notice(letter)
    made = msgspec.json.encode(found)
    while len(made) > ROOM and found["body"]:  # three bytes a letter in some scripts
        found["body"] = found["body"][: len(found["body"]) * 2 // 3].rstrip() + "…" if len(found["body"]) > 8 else ""
        made = msgspec.json.encode(found)
    return made


def _notice(letter: Letter) -> dict[str, Any]:
    calm = letter.purpose in NEWS
    return {
        "v": 1,
        "id": letter.id,
        "tag": letter.thread,
        "lang": letter.language,
        "at": letter.sent_at // 1000,
        "title": _cut(wording.subject(letter), TITLE),
        "body": _cut(_body(letter), BODY),
        "quiet": calm or not letter.urgent,
        "stays": letter.urgent and not calm and letter.priority == "P1",
        "open": _path(letter.incident_url),
        "acts": _acts(letter),
        "words": {name: wording.word(letter, f"push.{name}") for name in ("open", "offline", "failed")},
    }


def _acts(letter: Letter) -> list[dict[str, str]]:
    """At most two, for browsers show no more: the one act of the letter, or both answers to an offer."""
    if letter.act_url:
        return [{"title": letter.act_label, "path": _path(letter.act_url)}]
    if len(letter.choices) == 2 and letter.purpose == "offer":
        return [{"title": one.label, "path": _path(one.url)} for one in letter.choices]
    return []


def _body(letter: Letter) -> str:
    """Why it is them and what comes next; where something is asked or told, that first."""
    lines = (*wording.notices(letter), letter.question, letter.news, letter.service, letter.reason, letter.next)
    return "\n".join(line for line in lines if line)


def _cut(text: str, most: int) -> str:
    text = text.encode("utf-8", "replace").decode()  # half a character, as some senders cut them, is none
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _path(url: str) -> str:
    return urlsplit(url).path or "/"
