"""A driver of the conformance kit for tocsin's live engine, and an example of one: JSON lines in, JSON lines out.

It needs an installed tocsin and nothing else. `tocsin conformance ... --driver live` does the same in one process.
"""

import json
import sys

from tocsin.cli.conformance_drivers import live_engine
from tocsin.lab.kit.case import asked


def main() -> None:
    """Until the input ends. Answers go out alone: what the engine logs goes where it disturbs nobody."""
    answers, sys.stdout = sys.stdout, sys.stderr
    player = live_engine()
    for line in sys.stdin:
        case = asked(json.loads(line))
        lines = [str(one) for one in player.play(case)]
        answers.write(json.dumps({"id": case.name, "lines": lines}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
