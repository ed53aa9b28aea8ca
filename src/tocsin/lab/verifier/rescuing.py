"""When a human is in the last resort again, for rounds and questions that go round one in which there is none."""

from tocsin.core.instant import Instant
from tocsin.core.world import CHANNEL
from tocsin.lab.verifier.standing import Standing
from tocsin.lab.verifier.timeline import FAR, IN_SIGHT, Ground, Stand


def human_comes(one: Standing) -> Instant | None:
    """When anybody comes, where nobody is now; None: not for longer than anybody waits."""
    ground, stand = one.ground, one.stand
    key = ("forsaken", ground.around_last_resort(stand))
    answer = ground.remember(key, one.now[0], lambda now: _forsaken(ground, stand, now))
    one.known(answer)
    if answer[0]:
        return None
    ground.to_the_end()
    return answer[1]


def _forsaken(ground: Ground, stand: Stand, now: Instant) -> tuple[bool, Instant | None]:
    """Whether it stays so for longer than anybody waits, and until when that can be said; else until when it does."""
    until: Instant | None = now
    while until is not None and until < now + FAR:
        people, end = ground.last_resort(stand, until)
        if not all(person.startswith(CHANNEL) for person in people):
            break
        until = end
    if until is None:
        return True, None
    stays = until > now + IN_SIGHT
    return stays, until - IN_SIGHT if stays else until
