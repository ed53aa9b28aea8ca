"""Style, script and bell: from the package itself, kept by browsers for as long as they do not change."""

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from tocsin.web.layout.assets import KINDS, assets


@get("/static/{name:str}", sync_to_thread=False)
def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of ours, by its exact name; there is no way to another file."""
    found = assets().get(name)
    if found is None:
        raise NotFoundException
    body, mark = found
    headers = {"cache-control": "public, max-age=31536000, immutable", "etag": f'"{mark}"'}
    return Response(body, media_type=KINDS[name[name.rindex(".") :]], headers=headers)


@get("/favicon.ico", sync_to_thread=False)
def favicon() -> Response[bytes]:
    """The bell."""
    return Response(
        assets()["bell.svg"][0], media_type=KINDS[".svg"], headers={"cache-control": "public, max-age=86400"}
    )
