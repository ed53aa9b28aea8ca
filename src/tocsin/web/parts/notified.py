"""The devices on which somebody is notified: which there are, and the key by which a browser adds itself to them."""

from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, may
from tocsin.channels.push.devices import MOST, Device, complaint, devices_of, written
from tocsin.channels.push.keys import key_of
from tocsin.engine.site import Site
from tocsin.store import people
from tocsin.store.people import Contact

METHOD = "push"


class Listening(Struct, frozen=True):
    """One device, by a name that does not say where it is reached."""

    id: str
    name: str


class Notified(Struct, frozen=True):
    """What the part of a page shows. `key` is empty where nobody can be notified: a demonstration sends nothing."""

    key: str
    devices: tuple[Listening, ...] = ()
    broken: bool = False


def notified(site: Site, connection: Connection, viewer: Caller) -> Notified | None:
    """The viewer's own; None for whoever is no person, or may not change by what ways they are reached."""
    if viewer.person is None or site.demo or not may(viewer, "contact.edit"):
        return None
    way = way_of(connection, viewer.person)
    devices = () if way is None else devices_of(way.address)
    listed = tuple(Listening(name_of(one), one.name) for one in devices)
    return Notified(key_of(site.secret).public, listed, way is not None and way.state == "broken")


def way_of(connection: Connection, person: str) -> Contact | None:
    """The contact that holds somebody's devices."""
    mine = (way for way in people.of(connection, person) if way.method == METHOD)
    return next((way for way in mine if not complaint(way.address)), None)


def name_of(device: Device) -> str:
    """A name for it that its browser can work out, too: what its endpoint comes to."""
    return sha256(device.endpoint.encode()).hexdigest()[:16]


def with_device(way: Contact | None, person: str, device: Device) -> Contact:
    """The contact with one device more: the newest first, each once. The person has shown that it is theirs."""
    known = () if way is None else devices_of(way.address)
    devices = (device, *(one for one in known if one.endpoint != device.endpoint))[:MOST]
    return Contact(person, METHOD, written(devices), "verified", 0 if way is None else way.position)


def without_device(way: Contact, id_: str) -> Contact | None:
    """The contact without one; None where that was the last."""
    left = tuple(one for one in devices_of(way.address) if name_of(one) != id_)
    return Contact(way.person, METHOD, written(left), way.state, way.position) if left else None


def subscribed(given: Mapping[str, object], name: str, site: Site) -> Device | None:
    """What a browser says of itself (PushSubscription, as JSON); None for what is no subscription."""
    keys = given.get("keys")
    if not isinstance(keys, Mapping):
        return None
    endpoint, p256dh, auth = (str(one or "") for one in (given.get("endpoint"), keys.get("p256dh"), keys.get("auth")))
    device = Device(endpoint, p256dh.rstrip("="), auth.rstrip("="), key_of(site.secret).id, name[:60])
    return None if complaint(written((device,))) else device
