"""GET /api/openapi.json and GET /api/docs: the same document, for programs and for people."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.app import Litestar

from tocsin import __version__
from tocsin.api.here import KNOWN, Asked, here
from tocsin.api.openapi.document import document
from tocsin.api.openapi.operations import operations
from tocsin.api.openapi.page import POLICY, page


@get("/openapi.json", opt={"verb": KNOWN}, sync_to_thread=True)
def openapi(request: Asked) -> dict[str, Any]:
    """This document."""
    return described(request.app, here(request).site.url)


@get("/docs", opt={"verb": KNOWN, "gives": "text/html"}, sync_to_thread=True)
def docs(request: Asked) -> Response[str]:
    """The same as a page."""
    text = page(described(request.app, here(request).site.url))
    return Response(text, media_type=MediaType.HTML, headers={"content-security-policy": POLICY})


@lru_cache(maxsize=4)
def described(app: Litestar, url: str) -> dict[str, Any]:
    """The document of an application; made once, when somebody first asks for it."""
    made = document(list(operations(app.routes)), __version__, url)
    plain: dict[str, Any] = msgspec.to_builtins(made)
    return plain
