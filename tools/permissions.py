"""Writes the page of permissions from the one table that decides."""

import argparse
import sys
from pathlib import Path

from tocsin.access.permissions import ROLES, SENSITIVE, TABLE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "permissions.md"
HEAD = """# Who may do what

Written by `make docs` from the table in `src/tocsin/access/permissions.py`, which is what decides.

- **self**: what is the caller's own, or pages, asks or names them.
- **own**: that, and what belongs to a team of which they are a member or the lead.
- **all**: everything that exists for them. What is not written here, nobody may.

`security-audit` stands beside the other roles, not above them: it reads everything, confidential incidents and the
audit log included, and acts on nothing but its own account. A confidential incident exists for those whom it paged,
asked or named, for its team and the team's lead, and for `security-audit`; for everybody else, admins and tokens
included, it does not: lists and counts leave it out, and the answer is the same "not found" as for what never was.

A token has a role, and scopes that narrow it: a verb of this page, a group (`incident.*`) or a verb of every group
(`*.read`). Scopes never widen. A token that is bound to no team stands for a program: where its role says *own*, it may
everywhere; where it says *self*, nowhere. One that is bound to teams may for those teams.

What is marked \N{DAGGER} asks a signed-in person for their password or passkey again when that was 15 minutes ago.
"""


def page() -> str:
    """The whole page."""
    rows = [f"| verb | {' | '.join(ROLES)} | |", f"|---|{'---|' * len(ROLES)}---|"]
    for verb, rule in TABLE.items():
        mark = " \N{DAGGER}" if verb in SENSITIVE else ""
        cells = " | ".join("" if reach == "no" else reach for reach in rule.reach)
        rows.append(f"| `{verb}`{mark} | {cells} | {rule.what} |")
    return HEAD + "\n" + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page, or with --check say whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when the page is out of date")
    text = page()
    if parser.parse_args().check:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
