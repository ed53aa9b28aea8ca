"""Plain dicts, lists and texts as YAML that every reader reads alike: block outside, flow where it fits a line."""

import json
import re
from typing import Any

WIDTH = 110
"""A list or mapping that fits into this many columns is written in one line."""

_PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@%+-]|:(?=[A-Za-z0-9_])| (?=[A-Za-z0-9_(]))*")
_EATEN = re.compile(
    r"y|n|yes|no|on|off|null|nan|inf|[0-9.]+[:e][0-9:.e+-]+.*|0[0-9xob].*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]*\.[0-9.]*"
)
_CONTROLS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def quoted(text: str) -> str:
    """The text in double quotes, with everything escaped that a line cannot hold."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))


def scalar(text: str, key: str = "") -> str:
    """The text, plain where no reader of YAML could take it for something else; expressions are always quoted."""
    if key == "when" or not _PLAIN.fullmatch(text) or _EATEN.fullmatch(text.lower()):
        return quoted(text)
    return text


def flow(value: Any, key: str = "") -> str:
    """The value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(name))}: {flow(item, str(name))}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(str(value), key)


def block(value: Any, indent: int = 0) -> str:
    """The value over several lines, each ended by LF; what fits a line stays on one."""
    lead = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{lead}{scalar(str(name))}:{_below(item, indent, str(name))}" for name, item in value.items())
    if isinstance(value, list | tuple) and value:
        return "".join(f"{lead}-{_below(item, indent)}" for item in value)
    return f"{lead}{flow(value)}\n"


def _below(value: Any, indent: int, key: str = "") -> str:
    """What stands behind a key or a dash: on the same line where it fits, else below and further in."""
    line = flow(value, key)
    if not isinstance(value, dict | list | tuple) or not value or (indent and len(line) + indent + len(key) <= WIDTH):
        return f" {line}\n"
    return "\n" + block(value, indent + 2)
