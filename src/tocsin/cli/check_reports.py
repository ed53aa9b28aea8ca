"""What was found of a rulebook, as the reports that CI systems read: SARIF 2.1.0 and JUnit."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from tocsin import __version__
from tocsin.config import Complaint
from tocsin.config.codes import CODES
from tocsin.lab.verifier.registry import table

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Allowed(Struct, frozen=True):
    """What the rulebook's `allow` accepts until then, for a reason."""

    found: Complaint
    reason: str
    until: str

    @property
    def said(self) -> str:
        """Why nobody is to mind it."""
        return f"allowed until {self.until}: {self.reason}"


def sarif(found: Sequence[Complaint], allowed: Sequence[Allowed] = ()) -> dict[str, Any]:
    """One run with a rule for each code and a result for each finding, at its line; what is allowed is suppressed."""
    codes = sorted({one.code for one in (*found, *(each.found for each in allowed))})
    driver = {"name": "tocsin", "version": __version__, "rules": [_rule(code) for code in codes]}
    results = [_result(one) for one in found]
    for one in allowed:
        suppression = {"kind": "inSource", "status": "accepted", "justification": one.said}
        results.append(_result(one.found) | {"suppressions": [suppression]})
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    """What a code means; of a check that another package brings only its name is known."""
    known = next((one for one in table() if one.code == code), None)
    if known is not None:
        return {"id": code, "name": known.name, "shortDescription": {"text": known.meaning}}
    return {"id": code, "shortDescription": {"text": CODES[code].meaning}} if code in CODES else {"id": code}


def _result(one: Complaint) -> dict[str, Any]:
    region = {"startLine": one.line, "startColumn": one.column}
    place = {"physicalLocation": {"artifactLocation": {"uri": _uri(one.file)}, "region": region}}
    said = f"{one.text.rstrip('.')}. {one.hint}" if one.hint else one.text
    return {"ruleId": one.code, "level": LEVELS[one.severity], "message": {"text": said}, "locations": [place]}


def _uri(file: str) -> str:
    """A path as a reference that may stand in a URI: blanks and signs written out, and no scheme made of a colon."""
    path = quote(file.replace("\\", "/"), safe="/:~", errors="replace")
    return f"./{path}" if ":" in path.partition("/")[0] else path


def junit(path: str, found: Sequence[Complaint], allowed: Sequence[Allowed] = ()) -> str:
    """One suite with a failed case for each finding; what is allowed, or only worth knowing, was passed over."""
    failed = sum(one.severity != "info" for one in found)
    several = len(found) + len(allowed)
    head = f'<testsuite name={_quoted(path)} tests="{max(several, 1)}" failures="{failed}" errors="0"'
    lines = [*_cases(found, allowed)] or ['  <testcase classname="tocsin" name="check"/>']
    lines = [f'{head} skipped="{several - failed}">', *lines, "</testsuite>"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines])


def _cases(found: Sequence[Complaint], allowed: Sequence[Allowed]) -> Iterator[str]:
    for one in found:
        yield _case(one, "skipped" if one.severity == "info" else "failure", one.text, one.hint)
    for each in allowed:
        yield _case(each.found, "skipped", each.said, each.found.text)


def _case(one: Complaint, tag: str, message: str, inside: str) -> str:
    name = _quoted(f"{one.file}:{one.line}:{one.column}")
    told = f"<{tag} message={_quoted(message)}>{escape(_plain(inside))}</{tag}>"
    return f"  <testcase classname={_quoted(one.code)} name={name}>{told}</testcase>"


def _quoted(text: str) -> str:
    return f'"{escape(_plain(text))}"'


def _plain(text: str) -> str:
    """Without what XML has no place for."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
