"""A holiday hole, torn by nothing else: a layer of a schedule that is closed then, and no other that is open."""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.irregular import example, torn
from tocsin.lab.verifier.uses import called_on
from tocsin.lab.verifier.wording import listed, wall

CODE = "V009"


def find(case: Case) -> Iterator[Finding]:
    """One finding for each schedule, with all its days."""
    for schedule in called_on(case):
        holes = [one for one in torn(case, schedule) if one.holiday]
        if holes:
            first = holes[0]
            values = {
                "n": str(len({one.holiday for one in holes})),
                "schedule": schedule,
                "days": listed(one.holiday for one in holes),
                "from": wall(first.gap.start, first.zone),
                "until": wall(first.gap.end, first.zone),
                "zone": first.zone,
            }
            text, hint = Phrase("lab.check.holiday", values), Phrase("lab.check.holiday.hint")
            yield Finding(CODE, "warning", ("schedules", schedule), text, hint, example(case, schedule, first))


CHECK = Check(CODE, "holiday", "warning", find)
