"""Writes the table of what `tocsin check` finds from the checks themselves."""

import argparse
import sys
from pathlib import Path

from tocsin.lab.verifier.registry import table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "findings.md"
HEAD = """# What `tocsin check` finds

Written by `make docs` from the checks in `src/tocsin/lab/verifier/checks/`; what is wrong with the text of a rulebook
(codes Y, F, R, P, C) stands in [the language](language.md#complaints).

An **error**: somebody will not be reached. A **warning**: sooner or later. **Info** is worth knowing. The severity
below is the usual one; a finding may be milder or graver where the case is.

Whoever accepts a finding says so in the rulebook, with a reason and an end; what has expired, or matches nothing, is a
finding itself:

```yaml
allow:
  - {finding: lone-responder, at: teams.mail, reason: "two people only until March", until: 2027-03-01}
```

`at` is the place as `tocsin check` names it; all below it is meant, too. Items of lists are counted from 0.
"""


def page() -> str:
    """The whole page."""
    rows = ["| code | name | severity | what |", "|---|---|---|---|"]
    rows += [f"| {one.code} | `{one.name}` | {one.severity} | {_cell(one.meaning)} |" for one in table()]
    return HEAD + "\n" + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write the page, or with --check say whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when the page is out of date")
    if parser.parse_args().check:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != page())
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
