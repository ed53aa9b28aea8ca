"""Header values that cannot be broken out of: words of any script in, printable ASCII out.

Encoded words are RFC 2047's, each whole characters and at most 75 octets; addresses in other scripts are RFC 6532's and
need a server that speaks SMTPUTF8. The standard library's own folding loses spaces between encoded words, so it is not
asked.
"""

import base64
import re
from hashlib import sha256

WORD_OCTETS = 42
"""Octets of UTF-8 in one encoded word: 56 characters of base64, with the wrapping 68 of the 75 allowed."""

NAME_CHARACTERS = 120

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_PLAIN = re.compile(r"[A-Za-z0-9][ -~]{0,69}")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f-\x9f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f-\x9f]{1,255}")


def one_line(text: str) -> str:
    """The text without control characters and doubled spaces: what a header can say."""
    return " ".join(_UNSAFE.sub(" ", text).split())


def words(text: str) -> str:
    """A header's text: as it is where it is short plain ASCII, else as encoded words on lines of their own."""
    text = one_line(text)
    if _PLAIN.fullmatch(text) and "=?" not in text:
        return text
    return "\r\n ".join(_encoded(chunk) for chunk in _chunks(text)) if text else ""


def _encoded(octets: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(octets).decode()}?="


def _chunks(text: str) -> list[bytes]:
    chunks = [b""]
    for character in text:
        octets = character.encode()
        if len(chunks[-1]) + len(octets) > WORD_OCTETS:
            chunks.append(b"")
        chunks[-1] += octets
    return chunks


def mailbox(name: str, address: str) -> str:
    """`"Name" <address>`. A name that needs encoding is one encoded word, cut to it: readers join several badly."""
    name = one_line(name)
    if not name:
        return f"<{address}>"
    if name.isascii() and "=?" not in name and len(name) <= NAME_CHARACTERS:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"\r\n <{address}>'
    return f"{_encoded(_chunks(name)[0])}\r\n <{address}>"


def complaint(address: str) -> str:
    """What is wrong with an e-mail address, '' when nothing is. One person's address: no list, no name, no quotes."""
    if not _ADDRESS.fullmatch(address):
        return "write one address such as ana@acme.example, without a name"
    _, _, domain = address.rpartition("@")
    local = address[: -len(domain) - 1]
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "the part before the @ has a dot too many"
    try:
        return "" if routable(address) else "the part after the @ is no domain"
    except UnicodeError:
        return "the part after the @ is no domain"


def routable(address: str) -> str:
    """The address with its domain in ASCII (IDNA), as every server understands it; '' for an impossible domain."""
    local, _, domain = address.rpartition("@")
    ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    labels = ascii_domain.split(".")
    good = all(re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", label) for label in labels)
    return f"{local}@{ascii_domain}" if good else ""


def stable_id(text: str, domain: str) -> str:
    """A Message-ID that is always the same for the same text (RFC 5322, 3.6.4)."""
    return f"<{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}@{domain}>"
