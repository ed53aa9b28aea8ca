"""`tocsin conformance`: plays the plain cases of the conformance kit and says where what happens is not what should."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tocsin.cli.conformance_drivers import CannotError, Driver, SilentError, live_engine, simulator
from tocsin.cli.conformance_external import External
from tocsin.cli.options import Format, introduce
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.cli.times import read_duration
from tocsin.lab.kit.case import Case, Unreadable, cases
from tocsin.lab.kit.lines import difference
from tocsin.lib import logs

app = introduce(
    "conformance",
    """
tocsin conformance conformance/
tocsin conformance conformance/ --only decisions
tocsin conformance conformance/ --driver live
tocsin conformance conformance/ --driver "python conformance/drivers/tocsin_live.py"
tocsin conformance conformance/ --driver ./our_driver --timeout 5m --format json
""",
    "Each case says what an escalation system has to do when something breaks and people answer, or do not; the kit's"
    " README says how a case is written and how a driver for another system answers. It exits 0 when every case goes "
    "as its file says, 1 when one does not, 2 when the kit cannot be read.",
)


OURS: dict[str, Callable[[], Driver]] = {"simulator": simulator, "live": live_engine}
"""tocsin's own players, by the word for `--driver`."""


class Verdict(Struct, frozen=True):
    """Of one case: what differs (nothing: it holds), or why the system cannot play it."""

    name: str
    says: str
    level: str
    differs: tuple[str, ...] = ()
    cannot: str = ""


@app.default
def conformance(
    folder: Annotated[Path, Parameter(help="the kit: a folder with `rulebooks` and `cases`")],
    /,
    *,
    driver: Annotated[
        str,
        Parameter(
            help="who plays them: `simulator`, `live` for the whole engine on a clock moved by hand, or a program that "
            "plays cases in another system, by JSON lines"
        ),
    ] = "simulator",
    timeout: Annotated[
        str,
        Parameter(help="how long a program may take for one case, such as 90s; after that the case has failed"),
    ] = "1m",
    only: Annotated[str, Parameter(help="cases of this level, or whose name contains this")] = "",
    form: Format = "text",
) -> int:
    """Play every case: in tocsin's own simulator, or in whatever the driver stands for."""
    patience = read_duration(timeout)
    if not patience:
        raise MistakeError("--timeout leaves no time at all", "write a duration such as 90s")
    chosen = [one for one in read(folder) if only in (one.level, "") or only in one.name]
    if not chosen:
        raise MistakeError(f"no case of {folder} is {only}", "leave --only out to play all of them")
    if driver == "live":  # what fails there fails as the case says: only errors, and never among the answers
        logs.configure(str, as_json=False, level="ERROR")
    with ExitStack() as stack:
        player = OURS[driver]() if driver in OURS else stack.enter_context(External(driver, patience))
        verdicts = [judge(player, one) for one in chosen]
    say_json([_as_data(one) for one in verdicts]) if form == "json" else _as_text(verdicts)
    return 1 if any(one.differs for one in verdicts) else 0


def read(folder: Path) -> list[Case]:
    """Every case of a kit, by file. MistakeError where one cannot be read."""
    books = {path.stem: _plain(path) for path in sorted((folder / "rulebooks").glob("*.yaml"))}
    found = [one for path in sorted((folder / "cases").glob("*.yaml")) for one in _cases(path, books)]
    if not found:
        raise MistakeError(
            f"{folder} is no conformance kit", "it has a folder `cases` with YAML files, and `rulebooks`"
        )
    return found


def _cases(path: Path, books: dict[str, dict[str, Any]]) -> Iterator[Case]:
    try:
        yield from cases(path.stem, _plain(path), books)
    except Unreadable as problem:
        raise MistakeError(f"{path}: {problem}", "the kit's README says how a case is written") from None


def _plain(path: Path) -> dict[str, Any]:
    """A file as mappings, lists and texts."""
    try:
        raw = YAML(typ="base", pure=True).load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as problem:
        raise MistakeError(f"{path} cannot be read: {problem}", "it has to be YAML 1.2 in UTF-8") from None
    if not isinstance(raw, dict):
        raise MistakeError(f"{path} is no mapping", "the kit's README says how a case is written")
    return raw


def judge(player: Driver, case: Case) -> Verdict:
    """Play a case, and compare."""
    try:
        told = player.play(case)
    except CannotError as why:
        return Verdict(case.name, case.says, case.level, cannot=str(why))
    except SilentError as why:
        return Verdict(case.name, case.says, case.level, (str(why),))
    differs = difference(case.expect, told, case.watch, case.tolerance)
    return Verdict(case.name, case.says, case.level, tuple(differs))


def _as_data(one: Verdict) -> dict[str, Any]:
    """Stable keys: case, level, says, holds, differs, cannot."""
    return {
        "case": one.name,
        "level": one.level,
        "says": one.says,
        "holds": not one.differs and not one.cannot,
        "differs": list(one.differs),
        "cannot": one.cannot,
    }


def _as_text(verdicts: list[Verdict]) -> None:
    for one in verdicts:
        if one.differs:
            say(safe(f"{one.name}: {one.says}"))
            for line in one.differs:
                say(safe(f"  {line}"))
        elif one.cannot:
            say(safe(f"{one.name}: cannot be played: {one.cannot}"))
    held = sum(not one.differs and not one.cannot for one in verdicts)
    skipped = sum(bool(one.cannot) for one in verdicts)
    say(f"{held} of {len(verdicts)} cases hold" + (f", {skipped} cannot be played" if skipped else ""))
