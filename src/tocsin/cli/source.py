"""`tocsin source key`: another key for a source, shown once; the one before stays good until it is revoked."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from tocsin.cli.hands import hand
from tocsin.cli.known import instead
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import MistakeError, note, say, say_json, table
from tocsin.cli.reading import exists, reading
from tocsin.cli.rules import rules_of_store
from tocsin.cli.times import show_time
from tocsin.core.instant import format_instant
from tocsin.lib.secrets import token_id
from tocsin.store.queries import source_keys
from tocsin.store.queries.source_keys import Key

app = introduce(
    "source",
    """
tocsin source key add prometheus
tocsin source key list
tocsin source key revoke prometheus abcdefgh
""",
    "To change a key: add one, let every sender use it, then revoke the old one. Two may be live at once. A key that "
    "the rulebook's variable holds is good besides, until the variable is unset.",
)
key = App(name="key", help="The keys of sources.", version_flags=(), default_parameter=Parameter(negative=()))
key["--help"].show = False
app.command(key)

Source = Annotated[str, Parameter(help="the source, as the rulebook names it")]


@key.command
def add(source: Source, /, *, database: Database = DATABASE, form: Format = "text") -> None:
    """Add a key and print it, once, alone on its line: nobody can see it again."""
    _must_exist(database, source)
    with hand(database) as someone:
        text = someone.make_key(source)
    if form == "json":
        say_json({"key": text, "id": token_id(text), "source": source})
    else:
        say(text)


@key.command(name="list")
def show(*, database: Database = DATABASE, form: Format = "text") -> None:
    """List all keys that are kept, revoked ones too; none of them can be read any more."""
    found: list[Key] = []
    if exists(database):
        with reading(database) as connection:
            found = source_keys.keys(connection)
    if form == "json":
        say_json({"keys": [_as_data(one) for one in found]})
        return
    rows = [(one.source, one.id, one.state, show_time(one.created_at, "UTC")) for one in found]
    table(("source", "id", "state", "created"), rows)


@key.command
def revoke(
    source: Source,
    key_id: Annotated[str, Parameter(name="ID", help="the key's id")],
    /,
    *,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Revoke a key: within half a minute nobody can send with it."""
    with hand(database) as someone:
        someone.revoke_key(source, key_id)
    if form == "json":
        say_json({"revoked": key_id, "source": source})
    else:
        note(f"revoked {key_id} of {source}")


def _must_exist(database: str, source: str) -> None:
    rules = rules_of_store(database) if exists(database) else None
    sources = rules.rulebook.sources if rules is not None else {}
    if source not in sources:
        raise MistakeError(f"there is no source {source} in the rulebook", instead(source, sources))


def _as_data(one: Key) -> dict[str, Any]:
    return {"source": one.source, "id": one.id, "state": one.state, "created_at": format_instant(one.created_at)}
