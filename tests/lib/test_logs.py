"""Logs: one event one line, and no key, token, address or phone in any of them, whoever wrote it."""

import io
import json
import logging

import pytest
import structlog

from tocsin.lib import secrets
from tocsin.lib.logs import configure, logger, one_line, scrub

TOKEN = secrets.mint().text
LINK = secrets.sign("acknowledge", {"a": "b"}, 1, b"x" * 16)
CANARIES = {
    "a source's key in a URL": ("POST /in/prometheus?key=hunter2secret&x=1", "hunter2secret"),
    "a header": ("Authorization: Bearer hunter2secret", "hunter2secret"),
    "a header as a pair": ("{'authorization': 'GenieKey hunter2secret'}", "hunter2secret"),
    "a scheme alone": ("sent bearer hunter2secret", "hunter2secret"),
    "a token": (f"used {TOKEN} today", TOKEN.rpartition("_")[2]),
    "a signed link": (f"GET /act/{LINK} HTTP/1.1", LINK[10:]),
    "the address of a calendar": ("GET /calendar/tsf_hunter2secrethunter2secret.ics", "hunter2secret"),
    "a password in a URL": ("postgresql://tocsin:hunter2secret@db/tocsin", "hunter2secret"),
    "a mail address": ("to ana.sousa@acme.example failed", "ana.sousa"),
    "a phone": ("dialling +44 20 7123 0003 now", "7123"),
    "a phone in one piece": ("dialling +442071230003", "2071230003"),
}


@pytest.fixture
def log():
    """A stream and what to call to write to it; the process's logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    yield lambda as_json: (configure(lambda: "2026-03-10T01:14:00Z", as_json=as_json, stream=stream), stream)[1]
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize("name", CANARIES)
@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_is_in_no_line_however_it_was_logged(log, name, as_json):
    text, canary = CANARIES[name]
    stream = log(as_json)
    logger("tocsin.tests").info(text, detail=text, nested={"list": [text], "object": ValueError(text)})
    logging.getLogger("uvicorn.access").info("%s", text)
    logger("tocsin.tests").error("failed", exc_info=RuntimeError(text))
    written = stream.getvalue()
    assert canary not in written
    assert "***" in written


@pytest.mark.parametrize("field", ["password", "key", "Authorization", "token", "secret"])
def test_a_field_that_is_a_secret_by_its_name_is_hidden_whole(log, field):
    stream = log(True)
    logger("tocsin.tests").info("said", **{field: "anything"})
    assert "anything" not in stream.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_no_text_forges_a_line_or_moves_the_terminal(log, as_json):
    stream = log(as_json)
    logger("tocsin.tests").info("title\r\nlevel=critical \x1b[2J", title="a\nb\x1b]0;x\x07\u202e\x85")
    (line,) = stream.getvalue().splitlines()
    assert not set(line) & set("\r\x1b\x07\u202e\x85")


def test_a_line_of_json_has_the_callers_time_and_says_who_and_how_bad(log):
    stream = log(True)
    logger("tocsin.engine").warning("late", incident="INC-1", seconds=1.5)
    assert json.loads(stream.getvalue()) == {
        "at": "2026-03-10T01:14:00Z",
        "event": "late",
        "incident": "INC-1",
        "level": "warning",
        "logger": "tocsin.engine",
        "seconds": 1.5,
    }


@pytest.mark.parametrize(
    "text", ["INC-1 took 12:30 + 5 min", "db-3 at 98 %", "2026-03-10T01:14:00Z", "a+b=c", "C++11 1234567"]
)
def test_harmless_text_is_left_alone(text):
    assert scrub(text) == one_line(text) == text
