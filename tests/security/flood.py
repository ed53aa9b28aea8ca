"""Two installations that were told the same things: one in hostile words, the other in harmless ones."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.doors import ENVIRONMENT, Running
from tests.security.carried import SITE, Carrier, carriers, reached
from tests.security.corpus import corpus, everything, twin
from tocsin.intake.bounds import is_web

SOURCES = {
    "generic": ("scripts", ENVIRONMENT["KEY_SCRIPTS"]),
    "alertmanager": ("prometheus", ENVIRONMENT["KEY_PROMETHEUS"]),
}
STRIDE = 29
"""Between the texts of neighbouring places, so that each place gets another one."""


class Words(NamedTuple):
    """What one request says in its places: texts of the corpus from `start` on, or their twins."""

    texts: tuple[str, ...]
    start: int
    harmless: bool

    def say(self, n: int) -> str:
        text = self.texts[(self.start + n * STRIDE) % len(self.texts)]
        return twin(text) if self.harmless else text

    def address(self, n: int) -> str:
        """Every other time one that can be followed where the hostile one can, too."""
        if self.start % 2:
            return self.say(n)
        text = self.texts[(self.start + n * STRIDE) % len(self.texts)]
        site = SITE if is_web(SITE + text) else "acme "
        return site + (twin(text) if self.harmless else text)


def plan(each: int = 2) -> Iterator[tuple[Carrier, tuple[str, ...], int]]:
    """What is sent: by the richest shape all of what browsers could run, by every shape some of everything.

    Shapes that make several incidents at once make them in the order of their keys, which is another for the twin's.
    """
    rich = max(carriers(), key=lambda one: len(reached(one)))
    for start in range(0, len(corpus("xss")), 2):  # the places beside get those between
        yield rich, corpus("xss"), start
    single = [one for one in carriers() if len({signal.key for signal in one.read(str)}) == 1]
    for number, carrier in enumerate(single):
        for start in range(each):
            yield carrier, everything(), number + start * (len(everything()) // each)


async def send(here: Running, carrier: Carrier, words: Words) -> list[str]:
    """The incidents that came of it."""
    source, key = SOURCES[carrier.format]
    body, kind, query = carrier.request(words.say, words.address)
    answer = await here.client.post(
        f"/in/{source}?{query}", content=body, headers={"authorization": f"Bearer {key}", "content-type": kind}
    )
    assert answer.status_code == 202, (carrier, answer.text)
    return [one["id"] for one in answer.json()["incidents"] if one["id"]]
