"""A source: one integration that sends signals, and how its signals name a service."""

from msgspec import Struct

from tocsin.core.ids import SourceId
from tocsin.core.signal import Kind


class Source(Struct, frozen=True):
    """`service` is a service's id, or `label:NAME` to read it from that label; '' leaves it to the signal.

    `scope` is the identity scope, shared by sources that report the same things (two Alertmanagers of one cluster).
    `key` is the environment variable that holds the secret; the secret itself never stands in a rulebook.
    """

    id: SourceId
    intake: str
    scope: str
    service: str = ""
    kind: Kind = "incident"
    key: str = ""
