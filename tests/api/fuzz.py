"""`make fuzz`: a real server on a real socket, and schemathesis over its whole document."""

import asyncio
import contextlib
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn

from tests.api.conftest import token_for
from tests.doors import Running, running
from tocsin import asgi

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth"
)
"""What must hold of every answer."""


@contextlib.asynccontextmanager
async def listening(here: Running) -> AsyncIterator[str]:
    """The address of a server in front of the doors, whose clock goes on as clocks do."""
    bound = socket.create_server(("127.0.0.1", 0))
    app = asgi.build(here.site)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    task = asyncio.create_task(server.serve([bound]))
    clock = asyncio.create_task(_hurry(here))
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        clock.cancel()
        server.should_exit = True
        await task


async def _hurry(here: Running) -> None:
    """Time goes fast, so that no limit on requests in a minute is in the way."""
    while True:
        here.clock.advance_to(here.clock.now() + 10_000_000)
        await asyncio.sleep(0.01)


async def fuzz(here: Running, program: str, *args: str) -> int:
    """How schemathesis ended."""
    for n in range(3):
        await here.post(key=f"k{n}")
    token = token_for(here, "admin")
    async with listening(here) as url:
        given = args or ("--max-examples", "40", "--seed", "1")
        process = await asyncio.create_subprocess_exec(
            program, "run", f"{url}/api/openapi.json", "--url", url, "--checks", CHECKS,
            "--exclude-path", "/api/v1/events",
            "--phases", "examples,coverage,fuzzing", "--header", f"Authorization: Bearer {token}", *given,
        )  # fmt: skip
        return await process.wait()


def main() -> int:
    """Over a store of its own."""
    with tempfile.TemporaryDirectory() as folder, running(f"sqlite:///{Path(folder) / 'fuzz.db'}") as here:
        return asyncio.run(fuzz(here, *sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
