"""Back to text: what was loaded, with its comments, order and quotes; or a plain tree, written out."""

from typing import Any

from tocsin.config.emit import block
from tocsin.config.load import Loaded


def dump(value: Loaded | dict[str, Any], file: str | None = None) -> str:
    """The text that loads as `value`.

    What was loaded keeps every comment, quote and order: text is its own best form, and only line ends and the byte
    order mark are made regular. Of several files `file` names one; ValueError without it. A tree of dicts, lists and
    texts (an importer's, a form's) is written in the house's layout.
    """
    if isinstance(value, dict):
        return block(value) if value else ""
    texts = dict(value.texts)
    if file is not None:
        return texts[file]
    if len(texts) != 1:
        raise ValueError(f"{len(texts)} files were loaded; name one of {', '.join(texts)}")
    return next(iter(texts.values()))
