"""The places of the settings: which there are, who may see each, and the frame in which each is shown."""

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.response import Redirect
from msgspec import Struct

from tocsin.access.permissions import Verb, may
from tocsin.web.entrance import ForbiddenError, viewer_of
from tocsin.web.here import Asked, prove_first
from tocsin.web.layout.frame import Frame, framed


class Place(Struct, frozen=True):
    """One of them; its name is the last part of its address, and of the keys of its words."""

    name: str
    verb: Verb

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/settings/{self.name}"


PLACES = (
    Place("sources", "source.read"),
    Place("channels", "channel.read"),
    Place("people", "person.read"),
    Place("tokens", "tokens.read"),
    Place("audit", "audit.read"),
    Place("health", "health.read"),
    Place("rulebook", "rulebook.read"),
)
_BY_NAME = {one.name: one for one in PLACES}


class Seat(Struct, frozen=True):
    """The settings as one viewer has them open at one place; '' is the overview."""

    frame: Frame
    place: str

    @property
    def places(self) -> tuple[Place, ...]:
        """What the viewer may see."""
        return tuple(one for one in PLACES if may(self.frame.viewer, one.verb))

    def may(self, verb: Verb) -> bool:
        """Whether a button is to be shown."""
        return may(self.frame.viewer, verb)

    def shown(self, template: str, status: int = 200, **values: object) -> Response[str]:
        """A page of the settings."""
        return self.frame.shown(f"pages/settings/{template}.html", status, seat=self, **values)

    def sure(
        self, key: str, action: str, back: str, form: Mapping[str, Any], words: Mapping[str, str], **more: object
    ) -> Response[str]:
        """The question that is put once more before something that hurts; the form is sent again with the answer."""
        kept = {name: value for name, value in form.items() if name not in ("sure", "csrf")}
        values: dict[str, object] = {"shifts": ()} | more
        return self.shown("sure", 200, key=key, action=action, back=back, form=kept, words=words, **values)


async def seated(request: Asked, place: str = "") -> Seat:
    """At that place, if the viewer may see it. Raises ForbiddenError."""
    if place and not may(viewer_of(request), _BY_NAME[place].verb):
        raise ForbiddenError
    return Seat(await framed(request), place)


def allowed_to(request: Asked, verb: Verb, back: str) -> Redirect | None:
    """Where to go first, to show again who one is, before what needs it; None to go on. Raises ForbiddenError."""
    viewer = viewer_of(request)
    if not may(viewer, verb):
        raise ForbiddenError
    return prove_first(request, viewer, verb, back)


def back_to(path: str) -> Redirect:
    """After something was done: a page that can be loaded again without doing it again."""
    return Redirect(path, status_code=303)


async def form_of(request: Asked) -> dict[str, str]:
    """What was filled in; of several values of a name the last."""
    given = await request.form()
    return {name: str(given.get(name, "")) for name in given}
