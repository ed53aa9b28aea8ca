"""What one check is: a file in `checks/` with a CHECK; adding the file is all it takes."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.finding import Finding, Severity


class Check(Struct, frozen=True):
    """`name` is what one suppresses it by, too; `find` gives what it has found, worst first, or nothing.

    One that `proves` reads the whole proof, which takes its time: it is run where that is made anyway.
    """

    code: str
    name: str
    severity: Severity
    find: Callable[[Case], Iterable[Finding]]
    proves: bool = False
