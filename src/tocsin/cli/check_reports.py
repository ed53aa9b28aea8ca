"""What was found of a rulebook, as the reports that CI systems read: SARIF 2.1.0 and JUnit."""

from collections.abc import Sequence
from html import escape
from typing import Any

from tocsin import __version__
from tocsin.config import Complaint

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(found: Sequence[Complaint]) -> dict[str, Any]:
    """One run with a rule for each code and a result for each finding, at its line."""
    codes = sorted({one.code for one in found})
    driver = {"name": "tocsin", "version": __version__, "rules": [{"id": code} for code in codes]}
    results = [_result(one) for one in found]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(one: Complaint) -> dict[str, Any]:
    region = {"startLine": one.line, "startColumn": one.column}
    place = {"physicalLocation": {"artifactLocation": {"uri": one.file}, "region": region}}
    said = f"{one.text}. {one.hint}" if one.hint else one.text
    return {"ruleId": one.code, "level": LEVELS[one.severity], "message": {"text": said}, "locations": [place]}


def junit(path: str, found: Sequence[Complaint]) -> str:
    """One suite with a failed case for each finding; what is only worth knowing is a case that was passed over."""
    failed = sum(one.severity != "info" for one in found)
    head = f'<testsuite name={_quoted(path)} tests="{max(len(found), 1)}" failures="{failed}"'
    cases = [_case(one) for one in found] or ['  <testcase classname="tocsin" name="check"/>']
    lines = [f'{head} skipped="{len(found) - failed}">', *cases, "</testsuite>"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines])


def _case(one: Complaint) -> str:
    name = _quoted(f"{one.file}:{one.line}:{one.column}")
    tag = "skipped" if one.severity == "info" else "failure"
    inside = f"<{tag} message={_quoted(one.text)}>{escape(_plain(one.hint))}</{tag}>"
    return f"  <testcase classname={_quoted(one.code)} name={name}>{inside}</testcase>"


def _quoted(text: str) -> str:
    return f'"{escape(_plain(text))}"'


def _plain(text: str) -> str:
    """Without what XML has no place for."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
