"""Who carries out a command that writes: the server that runs on the database, or this process itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

import msgspec

from tocsin.access.accounts import Change
from tocsin.access.permissions import Role
from tocsin.cli.acts import Act
from tocsin.cli.direct import NewToken, direct, superseded
from tocsin.cli.remote import Remote, find
from tocsin.config import Loaded
from tocsin.core.signal import Signal
from tocsin.store.url import parse

PROVING = 60.0
"""Seconds for which one answer is waited for while the server proves a rulebook."""

ATTEMPTS = 40
"""So often it is asked whether the proof is made: it goes on between the answers."""


class Hand(Protocol):
    """What can be carried out. Every one raises MistakeError with what was wrong."""

    def act(self, incident: str, act: Act) -> None:
        """One person's act on an incident."""

    def report(self, signal: Signal) -> str:
        """Report by hand; the id of the incident."""

    def create_token(self, wanted: NewToken) -> str:
        """The text of a new token."""

    def revoke_token(self, id_: str) -> None:
        """End a token."""

    def create_account(self, login: str, role: Role, person: str) -> str:
        """The link by which its owner sets a password."""

    def invite(self, login: str, purpose: Literal["invite", "reset"]) -> str:
        """A new link for the owner of an account."""

    def change_account(self, login: str, change: Change) -> None:
        """Another role or person, disabled or enabled."""

    def set_up(self) -> str:
        """The link that makes the first admin."""

    def make_key(self, source: str) -> str:
        """The text of a new key of a source."""

    def revoke_key(self, source: str, id_: str) -> None:
        """End a key."""

    def apply(self, loaded: Loaded, by: str, comment: str, despite: Sequence[str] = (), over: int | None = None) -> int:
        """Put a rulebook in force; its version. `despite` is what that makes worse, which is wanted all the same.

        With `over` only where that version is in force before.
        """


class Served:
    """The running server, by its API."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def act(self, incident: str, act: Act) -> None:
        """POST /incidents/ID/VERB."""
        self._remote.ask("POST", f"/api/v1/incidents/{incident}/{act.verb}", act.body()).checked()

    def report(self, signal: Signal) -> str:
        """POST /incidents."""
        fields = ("title", "text", "service", "severity", "kind", "reporter", "key", "labels")
        body = {name: getattr(signal, name) for name in fields}
        told = self._remote.ask("POST", "/api/v1/incidents", body).checked()
        return str(told["id"])

    def create_token(self, wanted: NewToken) -> str:
        """POST /tokens."""
        told = self._remote.ask("POST", "/api/v1/tokens", msgspec.to_builtins(wanted)).checked()
        return str(told["token"])

    def revoke_token(self, id_: str) -> None:
        """DELETE /tokens/ID."""
        self._remote.ask("DELETE", f"/api/v1/tokens/{id_}").checked()

    def create_account(self, login: str, role: Role, person: str) -> str:
        """POST /accounts."""
        body = {"login": login, "role": role, "person": person}
        return str(self._remote.ask("POST", "/api/v1/accounts", body).checked()["link"])

    def invite(self, login: str, purpose: Literal["invite", "reset"]) -> str:
        """POST /accounts/LOGIN/invitation."""
        answer = self._remote.ask("POST", f"/api/v1/accounts/{login}/invitation", {"purpose": purpose})
        return str(answer.checked()["link"])

    def change_account(self, login: str, change: Change) -> None:
        """PATCH /accounts/LOGIN."""
        said = {name: value for name, value in msgspec.to_builtins(change).items() if value is not None}
        self._remote.ask("PATCH", f"/api/v1/accounts/{login}", said).checked()

    def set_up(self) -> str:
        """POST /setup."""
        return str(self._remote.ask("POST", "/api/v1/setup").checked()["link"])

    def make_key(self, source: str) -> str:
        """POST /sources/NAME/keys."""
        return str(self._remote.ask("POST", f"/api/v1/sources/{source}/keys").checked()["key"])

    def revoke_key(self, source: str, id_: str) -> None:
        """DELETE /sources/NAME/keys/ID."""
        self._remote.ask("DELETE", f"/api/v1/sources/{source}/keys/{id_}").checked()

    def apply(self, loaded: Loaded, by: str, comment: str, despite: Sequence[str] = (), over: int | None = None) -> int:  # noqa: ARG002  the server knows who is at its socket
        """PUT /rulebook, over the version that was just looked at; again for as long as the server is proving it."""
        remote = self._remote.patient(PROVING)
        before = f'"{over}"' if over is not None else remote.ask("GET", "/api/v1/rulebook").headers.get("etag", '"0"')
        body = {"texts": dict(loaded.texts), "note": comment, "force": bool(despite)}
        for _ in range(ATTEMPTS):
            answer = remote.ask("PUT", "/api/v1/rulebook", body, If_Match=before)
            if answer.problem != "proving":
                break
        if answer.status in {409, 412}:
            raise superseded()
        return int(answer.checked()["version"])


@contextmanager
def hand(database: str, *, may_make: bool = False) -> Iterator[Hand]:
    """The server where one runs, else this process; with `may_make` a database that is missing is made."""
    remote = find(parse(database).file)
    if remote is not None:
        yield Served(remote)
        return
    with direct(database, may_make=may_make) as own:
        yield own
