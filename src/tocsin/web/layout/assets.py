"""Style, scripts and icons, each under an address that changes with its content, so that browsers may keep them."""

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}

_IMPORT = re.compile(r"""(?<=from ")\./([\w-]+\.js)(?=")""")


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """The files that browsers may keep: name to content and a mark of that content."""
    folder = files("tocsin.web") / "static"
    raw = {file.name: file.read_bytes() for file in folder.iterdir() if Path(file.name).suffix in KINDS}
    made: dict[str, tuple[bytes, str]] = {}
    for name in raw:
        _add(name, raw, made)
    return made


def _add(name: str, raw: dict[str, bytes], made: dict[str, tuple[bytes, str]]) -> tuple[bytes, str]:
    """A script that imports another names it by its mark, so that no browser joins an old one to a new one."""
    if name in made:
        return made[name]
    body = raw[name]
    if name.endswith(".js"):
        linked = _IMPORT.sub(lambda found: f"./{found[1]}?{_add(found[1], raw, made)[1]}", body.decode("utf-8"))
        body = linked.encode("utf-8")
    made[name] = (body, sha256(body).hexdigest()[:12])
    return made[name]


def static(name: str) -> str:
    """The address of a file."""
    return f"/static/{name}?{assets()[name][1]}"
