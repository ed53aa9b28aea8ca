"""A sentence as a key with parameters, so that rules explain themselves without choosing a language."""

from msgspec import Struct


class Phrase(Struct, frozen=True, gc=False):
    """`key` names the sentence in the catalogue of texts; `values` fill it in. Values are data, never markup."""

    key: str
    values: dict[str, str] = {}
