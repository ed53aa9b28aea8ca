"""`tocsin backup`: a copy of everything while the work goes on, read back and compared before it has its name."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import MistakeError, note, say_json
from tocsin.cli.reading import opened
from tocsin.core.instant import format_instant
from tocsin.engine.clock import SystemClock
from tocsin.store.backup import backup as write
from tocsin.store.portable import Manifest

app = introduce(
    "backup",
    """
tocsin backup tocsin-2026-03-29.zip
tocsin backup /srv/backups/tocsin.zip --database postgresql://tocsin@db/tocsin
""",
    "It holds names, addresses and hashes of tokens: only its owner can read it. The secret beside the database is not "
    "in it; keep that too, or links that were sent stop working. Either engine can take it back.",
)


@app.default
def backup(
    file: Annotated[Path, Parameter(help="the file to write; one that is there is refused, unless --force")],
    /,
    *,
    force: Annotated[bool, Parameter(help="replace the file when it is there")] = False,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Write one consistent state of the database to a file."""
    if file.exists() and not force:
        raise MistakeError(f"{file} is there already", "choose another name, or give --force")
    if not file.parent.is_dir():
        raise MistakeError(f"there is no folder {file.parent}", "make it first")
    with opened(database) as ledger:
        manifest = write(ledger, file.absolute(), SystemClock().now())
    rows = sum(part.rows for part in manifest.tables.values())
    if form == "json":
        say_json({"file": str(file), "bytes": file.stat().st_size, "rows": rows, **as_data(manifest)})
    else:
        note(f"{file}: {rows} rows of {len(manifest.tables)} tables, read back and compared")


def as_data(manifest: Manifest) -> dict[str, Any]:
    """What a backup holds, its time as programs read times."""
    return {**msgspec.to_builtins(manifest), "at": format_instant(manifest.at)}
