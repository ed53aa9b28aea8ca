"""`tocsin token`: keys for the API, shown once and kept only as hashes."""

from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.access.permissions import Role, useless
from tocsin.cli.direct import NewToken
from tocsin.cli.hands import hand
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import MistakeError, note, say, say_json, table
from tocsin.cli.reading import exists, reading
from tocsin.cli.times import show_time
from tocsin.core.instant import format_instant
from tocsin.lib.secrets import token_id
from tocsin.store import tokens
from tocsin.store.tokens import Token

app = introduce(
    "token",
    """
tocsin token create grafana --role responder
tocsin token create prometheus --role viewer --scope metrics.read
TOKEN=$(tocsin token create ci --role admin)
tocsin token list --format json
tocsin token revoke grafana
""",
)


@app.command
def create(
    name: Annotated[str, Parameter(help="what or who it is for")],
    /,
    *,
    role: Annotated[Role, Parameter(help="what it may do; docs/reference/permissions.md is the table")] = "viewer",
    scope: Annotated[
        tuple[str, ...],
        Parameter(help="narrow it to a verb (metrics.read), a group (incident.*) or *.read; may be given again"),
    ] = (),
    team: Annotated[tuple[str, ...], Parameter(help="bind it to a team of the rulebook; may be given again")] = (),
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Create a token and print it, once, alone on its line: nobody can see it again."""
    if not name.strip() or len(name) > 100:
        raise MistakeError("a token needs a name of at most 100 characters", "tocsin token create grafana")
    wrong = useless(scope, role)
    if wrong:
        raise MistakeError(f"{role} may do nothing of {', '.join(wrong)}", "scopes narrow a role: incident.*, *.read")
    with hand(database, may_make=True) as someone:
        if any(one.name == name and one.revoked_at is None for one in _all(database)):
            raise MistakeError(f"there is a token {name} already", "choose another name, or revoke that one first")
        text = someone.create_token(NewToken(name, role, scope or None, team))
    if form == "json":
        told = {"token": text, "id": token_id(text), "name": name, "role": role}
        say_json({**told, "scopes": list(scope) if scope else None, "teams": list(team)})
    else:
        say(text)


@app.command(name="list")
def show(*, database: Database = DATABASE, form: Format = "text") -> None:
    """List all tokens, revoked ones too; none of them can be read any more."""
    found = _all(database)
    if form == "json":
        say_json({"tokens": [_as_data(one) for one in found]})
        return
    rows = [
        (one.id, one.name, one.role, _narrow(one), _time(one.created_at), _time(one.last_used), _state(one))
        for one in found
    ]
    table(("id", "name", "role", "only", "created", "last used", "state"), rows)


@app.command
def revoke(
    token: Annotated[str, Parameter(help="its id or its name")],
    /,
    *,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Revoke a token: within half a minute nobody can use it any more."""
    matching = [one for one in _all(database) if token in {one.id, one.name}]
    live = [one for one in matching if one.revoked_at is None]
    if not matching:
        raise MistakeError(f"there is no token {token}", "tocsin token list shows all")
    if not live:
        raise MistakeError(f"{token} was revoked before, at {_time(matching[0].revoked_at)}")
    with hand(database) as someone:
        for one in live:
            someone.revoke_token(one.id)
    if form == "json":
        say_json({"revoked": [one.id for one in live]})
    else:
        note(f"revoked {token}")


def _all(database: str) -> list[Token]:
    if not exists(database):
        return []
    with reading(database) as connection:
        return tokens.everything(connection)


def _time(instant: int | None) -> str:
    return show_time(instant, "UTC")


def _state(one: Token) -> str:
    if one.revoked_at is not None:
        return f"revoked {_time(one.revoked_at)}"
    return "live" if one.ends_at is None else f"ends {_time(one.ends_at)}"


def _narrow(one: Token) -> str:
    scopes = "all" if one.scopes is None else " ".join(one.scopes) or "nothing"
    return f"{scopes}, for {' '.join(one.teams)}" if one.teams else scopes


def _as_data(one: Token) -> dict[str, Any]:
    times = {"created_at": one.created_at, "last_used": one.last_used, "revoked_at": one.revoked_at}
    times["expires_at"] = one.ends_at
    told = {name: None if at is None else format_instant(at) for name, at in times.items()}
    narrow = {"scopes": None if one.scopes is None else list(one.scopes), "teams": list(one.teams)}
    return {"id": one.id, "name": one.name, "role": one.role, **narrow, **told}
