"""`tocsin restore`: a backup becomes the database, after it was found whole."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.backup import as_data
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import MistakeError, note, say_json
from tocsin.cli.reading import shown
from tocsin.core.instant import format_instant
from tocsin.engine.clock import SystemClock
from tocsin.store.backup import restore as fill

app = introduce(
    "restore",
    """
tocsin restore tocsin-2026-03-29.zip --database sqlite:///tocsin.db
tocsin restore tocsin-2026-03-29.zip --database postgresql://tocsin@db/tocsin --force
""",
    "Stop the server first. Every table is compared with the backup before the command ends. What came in after the "
    "backup is not in it: senders that repeat (Alertmanager does) report it again.",
)


@app.default
def restore(
    file: Annotated[Path, Parameter(help="a backup, made on either engine")],
    /,
    *,
    force: Annotated[bool, Parameter(help="throw away what is in the database")] = False,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Fill the database from a backup; one that holds something is refused, unless --force."""
    if not file.is_file():
        raise MistakeError(f"there is no file {file}", "give the path of a backup")
    manifest = fill(file, database, SystemClock().now(), force=force)
    rows = sum(part.rows for part in manifest.tables.values())
    if form == "json":
        say_json({"file": str(file), "database": shown(database), "rows": rows, **as_data(manifest)})
    else:
        made = format_instant(manifest.at)
        note(f"{shown(database)}: {rows} rows as they were at {made}, compared; `tocsin doctor` looks deeper")
