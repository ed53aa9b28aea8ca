"""The example organisation as a world in which questions are asked: everybody by e-mail and text message."""

from tests.cast import CAST, MINUTE, MONDAY
from tests.stories.story import EXAMPLES
from tocsin.config.load import loads
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.world import World

LOADED = loads({"acme.yaml": (EXAMPLES / "acme.yaml").read_text("utf-8")})
assert LOADED.rulebook is not None
NAMES = {seed.person: seed.name for seed in LOADED.seeds}
ACME = World(
    LOADED.rulebook,
    compile_all(LOADED.rulebook.conditions),
    Facts(1, methods={person: {"email": "declared", "sms": "declared"} for person in CAST}),
)


def minute(number: int) -> Instant:
    """So many minutes after Monday nine o'clock."""
    return MONDAY + number * MINUTE
