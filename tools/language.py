"""Writes the reference of the rulebook language from the types that read it."""

import argparse
import sys
from pathlib import Path

from tocsin.config.reference import reference

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "language.md"


def main() -> int:
    """Write the page, or with --check say whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when the page is out of date")
    text = reference()
    if parser.parse_args().check:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
