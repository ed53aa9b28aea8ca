"""The sender of notifications: sealed for each device of a person, handed to the push service that it has chosen."""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from os import urandom

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.channels.contract import Channel, Kind, Letter, Outcome, Traits, Wiring
from tocsin.channels.posting import Posting
from tocsin.channels.push.devices import Address, Device, complaint, devices_of
from tocsin.channels.push.keys import Key, KeyId, keys_of, unarmoured
from tocsin.channels.push.notice import notice
from tocsin.lib.http import GuardedClient

POSTING = Posting(
    "TOCSIN_PUSH_ALLOW",
    taken=": taken by the push service, not seen yet",
    gone=": the browser no longer listens",
)

URGENT_FOR, ROUTINE_FOR = 3600, 24 * 3600
"""Seconds that a push service keeps what it cannot deliver: a call of an hour ago has long gone on to others."""


class Push:
    """A channel that notifies browsers. `contact` is whom a push service may ask about us."""

    def __init__(self, client: GuardedClient, keys: Mapping[KeyId, Key], contact: str) -> None:
        self._client = client
        self._keys = keys
        self._contact = contact

    async def send(self, letter: Letter, address: str) -> Outcome:
        """Once to each device; the letter is sent when one push service has taken it, which nobody has seen yet."""
        wrong = complaint(address)
        if wrong:
            return Outcome("permanent", wrong)
        plain, devices = notice(letter), devices_of(address)
        return together(await asyncio.gather(*(self._one(letter, plain, one) for one in devices)))

    async def _one(self, letter: Letter, plain: bytes, device: Device) -> Outcome:
        key = self._keys.get(device.key) if device.key else next(iter(self._keys.values()))
        if key is None:
            return Outcome(
                "permanent", "it listens to a key that is no longer ours: notifications must be allowed again"
            )
        headers = self._headers(letter, key.proof(device.endpoint, self._contact, letter.sent_at // 1_000_000))
        return await POSTING.post(self._client, device.endpoint, sealed(plain, device), headers)

    def _headers(self, letter: Letter, proof: str) -> dict[str, str]:
        return {
            "Authorization": proof,
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(URGENT_FOR if letter.urgent else ROUTINE_FOR),
            "Urgency": "high" if letter.urgent else "normal",
            "Topic": topic(letter.thread),
        }

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.close()


def sealed(plain: bytes, device: Device) -> bytes:
    """What only that browser can read (RFC 8291): by a key pair and a salt that are used once."""
    sealed_: bytes = http_ece.encrypt(
        plain,
        salt=urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=unarmoured(device.p256dh),
        auth_secret=unarmoured(device.auth),
        version="aes128gcm",
    )
    return sealed_


def topic(thread: str) -> str:
    """What a push service still has of one incident is replaced by what comes; it does not learn which incident."""
    return sha256(thread.encode("utf-8", "replace")).hexdigest()[:32]


def together(outcomes: list[Outcome]) -> Outcome:
    """The best of them counts; how many devices it was for is said where there are more."""
    best = min(outcomes, key=lambda one: ("sent", "passing", "permanent").index(one.status))
    alike = sum(one.status == best.status for one in outcomes)
    if len(outcomes) == 1:
        return best
    return Outcome(best.status, f"{alike} of {len(outcomes)} devices: {best.detail}", best.retry_after)


def build(wiring: Wiring) -> Channel:
    """Needs nothing; TOCSIN_PUSH_ALLOW opens private networks for push services of one's own: `10.1.0.0/16`."""
    contact = wiring.url if wiring.url.startswith("https://") else f"mailto:tocsin@{wiring.host or 'localhost'}"
    return Push(POSTING.client(wiring), keys_of((wiring.secret, *wiring.old_secrets)), contact)


KIND = Kind(
    name="push",
    label="Notification",
    address=Address,
    check=complaint,
    build=build,
    traits=Traits(),
)
