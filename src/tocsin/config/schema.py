"""The JSON Schema of the language, for editors: derived from the same fields that read it."""

from typing import Any

from tocsin.config.rulebook import ROOT

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one rulebook file. Sections may be spread over files, so only `tocsin check` knows all."""
    shared: dict[str, Any] = {}
    ROOT.schema(shared)
    root = shared.pop("rulebook")
    root["properties"]["tocsin"] = {"enum": [1, "1"], "description": "the version of the language"}
    return {"$schema": DIALECT, **root, "title": "tocsin rulebook", "$defs": dict(sorted(shared.items()))}
