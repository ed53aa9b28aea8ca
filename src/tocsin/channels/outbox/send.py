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
        """Always sent; the detail is what would have been read."""
        told = f"To: {letter.to_name or address}\nSubject: {wording.subject(letter)}\n\n{wording.plain(letter)}"
        return Outcome("sent", told, reference=f"outbox:{letter.id}")

    async def close(self) -> None:
        """Holds nothing."""


def build(_wiring: Wiring) -> Channel:
    """Always there."""
    return Outbox()


KIND = Kind(name="outbox", label="Outbox (kept here, not sent)", address=Address, check=lambda _: "", build=build)
