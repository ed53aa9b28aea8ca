"""What there is instead of a name that there is not: the nearest one, else all of them."""

from collections.abc import Iterable

from tocsin.config.complaints import nearest

LISTED = 12
"""How many names a hint gives before it only counts."""


def instead(name: str, names: Iterable[str]) -> str:
    """`did you mean eve?`, or `there are ana, ben and 40 more`."""
    known = sorted(names)
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return nearest(name, known) or f"there are {', '.join(known[:LISTED]) or 'none'}{more}"
