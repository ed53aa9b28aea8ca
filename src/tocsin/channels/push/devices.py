"""The devices of one person, as the address of this channel: where each is reached, and for whose eyes it is sealed."""

from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta, Struct

from tocsin.channels.push.keys import KeyId, unarmoured
from tocsin.lib.addresses import is_public, parse

MOST = 5
"""Devices of one person; the newest stay."""

LONGEST = 1_000
"""Characters of one device's endpoint."""


class Device(Struct, frozen=True):
    """One browser. `p256dh` and `auth` are its keys (RFC 8291), `key` names the one of ours that it listens to."""

    endpoint: str
    p256dh: str
    auth: str
    key: KeyId = KeyId("")
    name: str = ""


class Address(Struct, frozen=True):
    """The devices, written by the page that asks the browser; nobody types them."""

    devices: Annotated[
        str,
        Meta(
            title="Devices",
            description="Browsers that were asked to show notifications, as JSON; /account adds them.",
            examples=[
                (
                    '[{"endpoint":"https://push.example/a1","p256dh":"BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInm'
                    'YWAmS6TlzAC8wEqKK6PBru3jl7A8","auth":"BTBZMqHH6r4Tts7J_aSIgg"}]'
                )
            ],
        ),
    ]


_READ = msgspec.json.Decoder(tuple[Device, ...], strict=True)


def written(devices: tuple[Device, ...]) -> str:
    """The address that stands for them."""
    return msgspec.json.encode(devices).decode()


@lru_cache(maxsize=4096)
def devices_of(address: str) -> tuple[Device, ...]:
    """The devices of an address. ValueError where it is none."""
    try:
        return _READ.decode(address)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        raise ValueError("these are no devices: each needs endpoint, p256dh and auth") from None


def complaint(address: str) -> str:
    """What is wrong with an address, '' when nothing is."""
    try:
        devices = devices_of(address)
    except ValueError as error:
        return str(error)
    if not 1 <= len(devices) <= MOST:
        return f"give 1 to {MOST} devices"
    return next((wrong for wrong in map(wrong_with, devices) if wrong), "")


def wrong_with(device: Device) -> str:
    """What is wrong with one device, '' when nothing is. Where its endpoint may lead is judged when it is called."""
    try:
        parts = urlsplit(device.endpoint)
        _ = parts.port
    except ValueError:
        return "the endpoint cannot be read"
    if len(device.endpoint) > LONGEST or not device.endpoint.isascii() or not device.endpoint.isprintable():
        return "the endpoint is too long, or no address"
    if " " in device.endpoint or "\\" in device.endpoint or not parts.hostname or parts.username is not None:
        return "the endpoint is no address"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_inside(parts.hostname)):
        return "the endpoint must begin with https://"
    return _wrong_keys(device)


def _is_inside(host: str) -> bool:
    """An address in figures that is not of the public internet: a test's own, or one that the operator opens."""
    address = parse(host)
    return address is not None and not is_public(address)


def _wrong_keys(device: Device) -> str:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unarmoured(device.p256dh))
        known = len(unarmoured(device.p256dh)) == 65 and len(unarmoured(device.auth)) == 16
    except ValueError:
        known = False
    return "" if known else "p256dh or auth is no key of a browser"
