"""A fingerprint of what the rules say, the same however the files are cut, ordered or commented."""

from hashlib import sha256

from msgspec import Struct, json, structs


def digest_of(value: Struct) -> str:
    """The hex SHA-256 over the canonical JSON of a value that has a `digest`, with that one left empty.

    Mappings and sets are sorted; the order of lists counts, for it means something wherever a list is kept.
    """
    return sha256(json.encode(structs.replace(value, digest=""), order="sorted")).hexdigest()
