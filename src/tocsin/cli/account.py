"""`tocsin account`: who may sign in. Passwords are set by their owners, behind a link that is good once."""

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from tocsin.access.accounts import Change, the
from tocsin.access.permissions import Role
from tocsin.cli.hands import hand
from tocsin.cli.known import instead
from tocsin.cli.options import DATABASE, Database, Format, introduce
from tocsin.cli.output import MistakeError, note, say, say_json, table
from tocsin.cli.reading import exists, reading
from tocsin.cli.rules import rules_of_store
from tocsin.cli.times import show_time
from tocsin.core.instant import format_instant
from tocsin.store import accounts
from tocsin.store.accounts import Account

app = introduce(
    "account",
    """
tocsin account setup
tocsin account create dana --role responder --person dana
tocsin account role dana team-lead
tocsin account reset dana
tocsin account disable dana
""",
    "Each link is printed once, is good once, and for an hour. Links begin with TOCSIN_URL. A disabled account is out "
    "everywhere within a minute.",
)

Login = Annotated[str, Parameter(help="the login, or the account's id")]


@app.command
def setup(*, database: Database = DATABASE, form: Format = "text") -> None:
    """Print the link that makes the first admin; the server prints one too when it starts and there is no account."""
    with hand(database, may_make=True) as someone:
        _tell_link(someone.set_up(), form)


@app.command
def create(
    login: Annotated[str, Parameter(help="what they sign in with: a-z 0-9 . _ @ + -")],
    /,
    *,
    role: Annotated[Role, Parameter(help="what they may do; docs/reference/permissions.md is the table")] = "viewer",
    person: Annotated[str, Parameter(help="who they are in the rulebook")] = "",
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Create an account and print the link by which its owner sets a password."""
    _must_be_somebody(database, person)
    with hand(database, may_make=True) as someone:
        _tell_link(someone.create_account(login, role, person), form)


@app.command(name="list")
def show(*, database: Database = DATABASE, form: Format = "text") -> None:
    """List all accounts, disabled ones too."""
    found: list[Account] = []
    if exists(database):
        with reading(database) as connection:
            found = accounts.everything(connection)
    if form == "json":
        say_json({"accounts": [_as_data(one) for one in found]})
        return
    rows = [(one.login, one.role, one.person or "-", _state(one), show_time(one.created_at, "UTC")) for one in found]
    table(("login", "role", "person", "state", "created"), rows)


@app.command
def role(
    login: Login,
    wanted: Annotated[
        Role, Parameter(name="ROLE", help="viewer, responder, team-lead, manager, admin, security-audit")
    ],
    /,
    *,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Give an account another role; it has it within half a minute, also where it is signed in."""
    _change(database, login, Change(role=wanted), f"{login} is {wanted} now", form)


@app.command
def person(
    login: Login,
    who: Annotated[str, Parameter(name="PERSON", help="who they are in the rulebook; '' for nobody")],
    /,
    *,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Say who of the rulebook an account is."""
    _must_be_somebody(database, who)
    _change(database, login, Change(person=who), f"{login} is {who or 'nobody in the rulebook'} now", form)


@app.command
def disable(login: Login, /, *, database: Database = DATABASE, form: Format = "text") -> None:
    """Let an account in no more, and end its sessions everywhere; on call it stays what the rulebook says."""
    _change(database, login, Change(disabled=True), f"{login} is disabled", form)


@app.command
def enable(login: Login, /, *, database: Database = DATABASE, form: Format = "text") -> None:
    """Let a disabled account in again."""
    _change(database, login, Change(disabled=False), f"{login} may sign in again", form)


@app.command
def reset(login: Login, /, *, database: Database = DATABASE, form: Format = "text") -> None:
    """End its password and its sessions at once, and print the link by which its owner sets another."""
    _invite(database, login, "reset", form)


@app.command
def invite(login: Login, /, *, database: Database = DATABASE, form: Format = "text") -> None:
    """Print a new link for somebody whose first one was too old."""
    _invite(database, login, "invite", form)


def _invite(database: str, login: str, purpose: Literal["invite", "reset"], form: str) -> None:
    with hand(database) as someone:
        _tell_link(someone.invite(login, purpose), form)


def _change(database: str, login: str, change: Change, done: str, form: str) -> None:
    with hand(database) as someone:
        someone.change_account(login, change)
    if form == "json":
        with reading(database) as connection:
            say_json(_as_data(the(connection, login)))
    else:
        note(done)


def _tell_link(link: str, form: str) -> None:
    if form == "json":
        say_json({"link": link})
    else:
        note("good once, and for an hour:")
        say(link)


def _must_be_somebody(database: str, person: str) -> None:
    if not person:
        return
    rules = rules_of_store(database) if exists(database) else None
    people = rules.rulebook.people if rules is not None else {}
    if person not in people:
        raise MistakeError(f"there is no person {person} in the rulebook", instead(person, people))


def _state(one: Account) -> str:
    if one.disabled_at is not None:
        return f"disabled {show_time(one.disabled_at, 'UTC')}"
    return "live" if one.password else "no password yet"


def _as_data(one: Account) -> dict[str, Any]:
    times = {"created_at": one.created_at, "changed_at": one.changed_at, "disabled_at": one.disabled_at}
    told = {name: None if at is None else format_instant(at) for name, at in times.items()}
    named = {"id": one.id, "login": one.login, "role": one.role, "person": one.person or None}
    return {**named, "has_password": bool(one.password), **told}
