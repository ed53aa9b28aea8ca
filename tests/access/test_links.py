"""Links in messages: good for one incident, person and purpose, for a while, and for nothing else."""

import pytest

from tests.cast import DAY, MONDAY
from tocsin.access.links import Link, Links
from tocsin.core.ids import IncidentId, PersonId, RequestId
from tocsin.core.outgoing import Lane, Message
from tocsin.core.phrase import Phrase
from tocsin.lib import secrets

SECRET = b"a secret that is long enough"
LINKS = Links(SECRET, "https://tocsin.acme.example/")


def message(lane: Lane = "urgent", purpose: str = "decide") -> Message:
    return Message(
        "m1", IncidentId("INC-7"), 3, purpose, "ana", "email", lane, 1, MONDAY, Phrase("x"), RequestId("r2"), ("yes",)  # type: ignore[arg-type]
    )  # fmt: skip


def token(url: str) -> str:
    return url.removeprefix("https://tocsin.acme.example/l/")


def test_a_link_says_whose_it_is_and_what_for() -> None:
    read = LINKS.read(token(LINKS.link_for(message(), MONDAY, "yes")), MONDAY)
    assert read == Link(IncidentId("INC-7"), PersonId("ana"), "decide", RequestId("r2"), "yes", MONDAY)


@pytest.mark.parametrize(("lane", "days"), [("urgent", 1), ("routine", 7), ("last_resort", 1)])
def test_a_link_expires_sooner_in_an_urgent_message(lane: Lane, days: int) -> None:
    text = token(LINKS.link_for(message(lane), MONDAY))
    assert isinstance(LINKS.read(text, MONDAY + days * DAY - 1_000_000), Link)
    assert LINKS.read(text, MONDAY + days * DAY) == secrets.Refused("expired")


def test_a_link_of_another_installation_is_forged() -> None:
    other = Links(b"another secret, as long as that", "https://tocsin.acme.example")
    assert LINKS.read(token(other.link_for(message(), MONDAY)), MONDAY) == secrets.Refused("forged")


@pytest.mark.parametrize("claims", [{}, {"i": "INC-1", "p": "ana", "u": "resolve"}, {"i": "INC-1", "u": "page"}])
def test_what_was_signed_for_something_else_is_no_link(claims: dict[str, str]) -> None:
    for purpose, reason in (("act", "malformed"), ("session", "forged")):
        signed = secrets.sign(purpose, claims, MONDAY + DAY, SECRET)
        assert LINKS.read(signed, MONDAY) == secrets.Refused(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "x", "tsl_.", "tsl_" + "A" * 20 + "." + "B" * 43, "../../etc/passwd"])
def test_garbage_is_no_link(text: str) -> None:
    assert isinstance(LINKS.read(text, MONDAY), secrets.Refused)
