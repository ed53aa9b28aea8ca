"""One letter as a mail: headers, text and HTML, as the octets that go over the wire."""

import re
from binascii import b2a_qp
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from tocsin.channels import wording
from tocsin.channels.contract import Letter
from tocsin.channels.email import headers

_COLOURS = {"page": "#b42318", "ask": "#b42318", "decide": "#b42318", "offer": "#b54708", "still_on_it": "#b54708"}
_CALM = "#1f6f43"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Sender(Struct, frozen=True):
    """Whom mails come from. `domain` is what Message-IDs end in."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The address's own."""
        return self.address.rpartition("@")[2]


def message_id(letter: Letter, sender: Sender) -> str:
    """The same for every try of one letter, so that a mailbox shows it once."""
    return headers.stable_id(f"letter:{letter.id}", sender.domain)


def compose(letter: Letter, address: str, sender: Sender) -> bytes:
    """The whole mail. `address` has passed `headers.complaint`; the same letter gives the same octets."""
    boundary = f"=_tocsin_{sha256(letter.id.encode('utf-8', 'replace')).hexdigest()[:40]}"
    head = _headers(letter, address, sender)
    head += [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"')]
    mark = f"--{boundary}".encode()
    return b"\r\n".join(
        (
            "".join(f"{name}: {value}\r\n" for name, value in head).encode(),
            mark,
            *_part(wording.plain(letter), "plain"),
            mark,
            *_part(html(letter), "html"),
            mark + b"--\r\n",
        )
    )


def _headers(letter: Letter, address: str, sender: Sender) -> list[tuple[str, str]]:
    root = headers.stable_id(f"thread:{letter.thread}", sender.domain)
    name = sender.name or (f"{letter.organisation} via tocsin" if letter.organisation else "tocsin")
    urgent = [("X-Priority", "1"), ("Importance", "high")] if letter.urgent else []
    return [
        ("From", headers.mailbox(name, sender.address)),
        ("To", headers.mailbox(letter.to_name, address)),
        ("Subject", headers.words(wording.subject(letter))),
        ("Date", format_datetime(datetime.fromtimestamp(letter.sent_at / 1e6, UTC))),
        ("Message-ID", message_id(letter, sender)),
        ("In-Reply-To", root),
        ("References", root),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Tocsin-Incident", headers.words(letter.incident)),
        ("X-Tocsin-Purpose", letter.purpose),
        *urgent,
    ]


def _part(text: str, subtype: str) -> tuple[bytes, ...]:
    """One alternative in quoted-printable, whose lines are short and hold ASCII alone, whatever the text (RFC 2045)."""
    octets = _CONTROL.sub("", text).replace("\n", "\r\n").encode("utf-8", "replace")
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"'.encode(),
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        b2a_qp(octets),
    )


def html(letter: Letter) -> str:
    """The HTML part. Every value is escaped by the template; addresses that are no web address are no links."""
    return (
        _templates()
        .get_template("letter.html")
        .render(
            letter=letter,
            subject=wording.subject(letter),
            lead=wording.word(letter, f"lead.{letter.purpose}"),
            calm=wording.calm(letter),
            notices=wording.notices(letter),
            facts=wording.facts(letter),
            labels=wording.shown_labels(letter.labels),
            organisation=wording.organisation(letter),
            colour=_COLOURS.get(letter.purpose, _CALM),
            word=lambda key, **values: wording.word(letter, key, **values),
            is_web=lambda href: href.lower().startswith(("http://", "https://")),
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
