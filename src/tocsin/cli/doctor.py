"""`tocsin doctor`: looks at everything that can be looked at, and says what is wrong and what helps."""

from collections.abc import Callable, Iterator

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from tocsin.cli.doctor_checks import CHECKS, Finding, Patient
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.store.errors import StoreError

app = introduce(
    "doctor",
    """
tocsin doctor
tocsin doctor --database postgresql://tocsin@db/tocsin --format json
""",
    "It verifies of every stream that its events make its snapshot and that its hash chain is whole, that nothing that "
    "was signed has been taken back (against the file of TOCSIN_ROOTS, where that is set), that the database still "
    "refuses a silent incident, that the adapters could be loaded, and what the environment of this shell sets. "
    "It changes nothing and may run beside the server. It exits 1 when something is wrong.",
)

MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


@app.default
def doctor(*, database: Database = DATABASE, form: Format = "text") -> int:
    """Run all checks."""
    patient = Patient(database)
    found: list[Finding] = []
    for name, check in CHECKS.items():
        for finding in _examined(name, check, patient):
            if finding.state == "error" and any(finding.text == told.text for told in found):
                continue
            found.append(finding)
            if form == "text":
                _tell(finding)
    patient.close()
    wrong = [finding for finding in found if finding.state == "error"]
    if form == "json":
        say_json({"healthy": not wrong, "findings": [msgspec.to_builtins(finding) for finding in found]})
    else:
        warnings = sum(finding.state == "warning" for finding in found)
        say(f"{'not healthy' if wrong else 'healthy'}: {len(wrong)} errors, {warnings} warnings")
    return 1 if wrong else 0


def _examined(name: str, check: Callable[[Patient], Iterator[Finding]], patient: Patient) -> Iterator[Finding]:
    """The findings of one check; a store that cannot be read is one, and ends only this check."""
    try:
        yield from check(patient)
    except StoreError as problem:
        what, _, hint = str(problem).partition("; ")
        yield Finding(name, "error", what, hint)
    except MistakeError as problem:
        yield Finding(name, "error", problem.what, problem.hint)
    except (SQLAlchemyError, OSError) as problem:
        what = " ".join(str(getattr(problem, "orig", None) or problem).split())
        yield Finding(name, "error", f"the database cannot be read: {what}", "keep the file, restore the last backup")


def _tell(finding: Finding) -> None:
    say(f"{MARKS[finding.state]}  {finding.check}: {safe(finding.text)}")
    if finding.hint:
        say(f"         hint: {safe(finding.hint)}")
