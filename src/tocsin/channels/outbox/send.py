"""The sender that sends nothing: it takes every letter and hands back its words, which the store keeps with the row."""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.channels import wording
from tocsin.channels.contract import Channel, Kind, Letter, Outcome, Wiring


class Address(Struct, frozen=True):
    """Any word."""

    address: Annotated[str, Meta(title="Name", description="Whom it stands for.", examples=["ana"])] = ""


class Outbox:
    """Takes every letter."""

    async def send(self, letter: Letter, address: str) -> Outcome:
        """Always sent. What would have been read holds links that act and a name: no detail, which all are told."""
        told = f"To: {letter.to_name or address}\nSubject: {wording.subject(letter)}\n\n{wording.plain(letter)}"
        return Outcome("sent", reference=told)

    async def close(self) -> None:
        """Holds nothing."""


def build(_wiring: Wiring) -> Channel:
    """Always there."""
    return Outbox()


KIND = Kind(name="outbox", label="Outbox (kept here, not sent)", address=Address, check=lambda _: "", build=build)
