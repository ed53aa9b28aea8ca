"""Logs that can be shown to anybody: keys, tokens, addresses and phones taken out, one event one line.

Everything passes the same processors, the lines of uvicorn and SQLAlchemy included. The time of a line comes
from the caller, for this package reads no clock.
"""

import logging
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

SECRET_FIELDS = frozenset({"password", "secret", "token", "authorization", "key", "cookie", "set-cookie", "phone"})
"""Fields whose whole value is a secret, whatever it looks like."""

_HIDDEN = "***"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"\b(toc_[a-z2-7]{8,16})_[a-z2-7]{32}", r"\1_***"),
        (r"\btsl_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", "tsl_***"),
        (r"\btsf_[A-Za-z0-9_-]+", "tsf_***"),
        (r"([?&;](?:key|token|secret|password|sig|code|state)=)[^&\s\"'#]*", r"\1***"),
        (r"((?:authorization|x-tocsin-signature|x-api-key|cookie)[\"']?\s*[:=]\s*)[^\r\n,}]+", r"\1***"),
        (r"\b(bearer|basic|geniekey)\s+[^\s\"',}]{6,}", r"\1 ***"),
        (r"(\b[a-z][a-z0-9+.-]*://)[^/\s:@\"']*:[^/\s@\"']*@", r"\1***@"),
        (r"[\w.!#$%&'*+/=?^`{|}~-]+@((?:[\w-]+\.)+[\w-]+)", r"***@\1"),
        (r"(?<![\w.+])\+\d(?:[\s().-]?\d){6,14}(?!\w)", "+***"),
    )
)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def scrub(text: str) -> str:
    """The text without keys, tokens, passwords in URLs, e-mail addresses' local parts and phone numbers."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def one_line(text: str) -> str:
    r"""The text with every control character as an escape (`\n`, `\x1b`), so that nobody forges a line."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def clean(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The processor: every field of the event scrubbed and on one line; a traceback keeps its lines."""
    return {name: _cleaned(name, value) for name, value in event.items()}


def _cleaned(name: str, value: Any) -> Any:
    if name.lower() in SECRET_FIELDS and value:
        return _HIDDEN
    match value:
        case str():
            return scrub(value) if name == "exception" else one_line(scrub(value))
        case Mapping():
            return {one_line(str(k)): _cleaned(str(k), v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned(name, item) for item in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return one_line(scrub(str(value)))


def configure(stamp: Callable[[], str], *, as_json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of the process to `stream` (standard error). `stamp` gives the time as text."""

    def stamped(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {"at": stamp(), **event}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        stamped,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(as_json=as_json))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def _last(*, as_json: bool) -> list[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, timestamp_key="at", sort_keys=False)
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        clean,
        renderer,
    ]


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one module; fields are keyword arguments: `log.info("sent", incident="INC-1")`."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return found
