"""Tables for spreadsheets: CSV as RFC 4180 has it, in which no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA = "text/csv"

_FORMULA = tuple("=+-@|%＝＋－＠\t\r\n\ufeff")
_UNSEEN = "".join(map(chr, range(33))) + "\x7f\x85\xa0\u200b\u2028\u2029\u3000\ufeff"


def table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """The whole table, its head first."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def cell(text: str) -> str:
    """A text as a spreadsheet may have it: what it would compute gets an apostrophe before it, and stays text."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip(_UNSEEN).startswith(_FORMULA) else text
