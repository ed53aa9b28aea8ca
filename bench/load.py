"""As many requests as a system takes: `wrk` with a script of ours, or the generator of flood.py where it is missing."""

import http.client
import json
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from bench.processes import FailedError, python
from bench.servers import Server

WRK = shutil.which("wrk")

_SCRIPT = """\
local headers = {HEADERS}
local template = [==[TEMPLATE]==]
local count = 0
function request()
  local known = {["@N@"] = tostring(FIRST + (CYCLE > 0 and count % CYCLE or count)), ["@C@"] = tostring(FIRST + count)}
  count = count + 1
  return wrk.format("POST", "PATH", headers, (string.gsub(template, "@%a@", known)))
end
function done(summary, latency)
  io.write(string.format('\\n{"answers": %d, "micros": %d, "refused": %d, "lost": %d, "p50": %d, "p99": %d}\\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


class Flood(Struct, frozen=True):
    """What is posted: a body in which `@N@` and `@C@` are numbers. With `cycle` the same alerts come again and again.

    With `total` it ends after so many; wrk cannot, so our own generator posts them.
    """

    path: str
    headers: dict[str, str]
    template: str
    first: int = 0
    cycle: int = 0
    total: int = 0
    connections: int = 64


class Flooded(Struct, frozen=True):
    """What came back: answers below 400 a second, processor microseconds of the server for each; milliseconds."""

    rate: float
    cpu: float
    p50: float
    p99: float
    refused: int


def flood(server: Server, what: Flood, seconds: float, folder: Path) -> Flooded:
    """Post for so long, each connection again as soon as it is answered."""
    before = server.process.cpu()
    found = json.loads(_output(command(server.port, what, seconds, folder)).splitlines()[-1])
    spent = server.process.cpu() - before
    server.process.must_run()
    taken = found["answers"] - found["refused"]
    if not taken:
        raise FailedError(f"{server.name} took nothing: {found}\n{server.process.tail()}")
    rate = taken / (found["micros"] / 1e6)
    refused = found["refused"] + found["lost"]
    return Flooded(rate, spent / taken * 1e6, found["p50"] / 1000, found["p99"] / 1000, refused)


def command(port: int, what: Flood, seconds: float, folder: Path) -> list[str]:
    """The generator's command line."""
    url = f"http://127.0.0.1:{port}{what.path}"
    if WRK is None or what.total:
        given = folder / "flood.json"
        given.write_text(json.dumps({"port": port, "seconds": seconds, **_plain(what)}), "utf-8")
        return python("bench.flood", str(given))
    script = folder / "flood.lua"
    script.write_text(_lua(what), "utf-8")
    return [
        WRK,
        "-t1",
        f"-c{what.connections}",
        f"-d{max(round(seconds), 1)}s",
        "--timeout",
        "20s",
        "-s",
        str(script),
        url,
    ]


def shown(what: Flood) -> str:
    """The generator in words, for the report."""
    if WRK is None:
        return f"generator: python -m bench.flood (wrk is not installed), {what.connections} connections"
    return f"generator: wrk -t1 -c{what.connections} -d SECONDS -s flood.lua, another alert in each request"


def warm(server: Server, what: Flood, count: int) -> None:
    """Post some alerts of their own first, so that nothing is done for the first time while it is measured."""
    preload(server, replace(what, first=20_000_000, cycle=count))


def preload(server: Server, what: Flood) -> None:
    """Post each alert of the cycle once."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for n in range(what.first, what.first + what.cycle):
        body = what.template.replace("@N@", str(n)).replace("@C@", "0")
        connection.request("POST", what.path, body.encode(), what.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise FailedError(f"{server.name} answered {answer.status} to alert {n}")
    connection.close()


def _output(line: list[str]) -> str:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FailedError(f"{' '.join(line)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def _plain(what: Flood) -> dict[str, object]:
    return {name: getattr(what, name) for name in what.__struct_fields__}


def _lua(what: Flood) -> str:
    headers = ", ".join(f'["{name}"] = "{value}"' for name, value in what.headers.items())
    known = {"HEADERS": headers, "FIRST": str(what.first), "CYCLE": str(what.cycle), "PATH": what.path}
    text = _SCRIPT
    for name, value in known.items():
        text = text.replace(name, value)
    return text.replace("TEMPLATE", what.template)
