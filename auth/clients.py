"""Clients: systems of agencies that an officer has registered, each with its public keys.

The functions take a synchronous connection, since the token endpoint runs on SQLAlchemy's bridge; elsewhere
`await connection.run_sync(clients.register, client)`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql

from auth import jwks
from auth.grant import NotYours, Officer
from schema.errors import AlreadyDecided, DecisionError
from schema.tables import access

EXPLORER: Final = "hub-explorer"
"""The client of the hub's own page. It has no key and can have none, so that it authenticates nowhere: its tokens are given
to whoever has logged in on this host (auth.session_routes), and are theirs alone."""
CONSOLE: Final = "hub-console"
"""The client by which the ledger names the officers' console (hub.console). It has no key either, and gets no token at all."""
OWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        EXPLORER: "The hub's own explorer, for people who have logged in",
        CONSOLE: "The hub's own console, for officers who have logged in",
    }
)
"""Clients of the hub's own, with what they are."""
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")


class ClientRefused(DecisionError):
    """The client cannot be registered so."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """A registered client; what it may ask for is told by its grants alone (auth.holdings)."""

    client_id: str
    agency: str | None
    """The agency that it speaks for; None for a client of no agency."""
    description: str
    public_jwks: Mapping[str, Any]
    unit: str | None = None
    """Office of the agency; a case can be closed to one."""
    redirect_uris: tuple[str, ...] = ()
    """Where people come back to after they have logged in; without any, the client acts for itself only."""
    bearer_allowed: bool = False
    """True only in the demo: its tokens are not bound to a key of the client."""
    suspended_at: datetime | None = None
    created_at: datetime


def is_client_id(text: str) -> bool:
    """True if the text could name a client at all, so that rubbish never reaches the database."""
    return bool(_CLIENT_ID.fullmatch(text))


def register(connection: Connection, client: Client) -> Client:
    """The client as it was registered, its keys reduced to their public parts.

    Raises:
        ClientRefused: the id is taken, the hub's own or malformed, or a redirect_uri is not secure.
    """
    if not is_client_id(client.client_id):
        raise ClientRefused("a client id has 1 to 64 letters, digits or . _ ~ -")
    if client.client_id in OWN:
        raise ClientRefused("this id is the hub's own; choose another id")
    for uri in client.redirect_uris:
        if not _is_redirect(uri):
            raise ClientRefused("a redirect_uri is https, or http on a loopback address, without a fragment")
    row = {
        "client_id": client.client_id,
        "agency": client.agency,
        "description": client.description,
        "public_jwks": jwks.checked(client.public_jwks),
        "unit": client.unit,
        "redirect_uris": list(client.redirect_uris),
        "bearer_allowed": client.bearer_allowed,
        "suspended_at": client.suspended_at,
        "created_at": client.created_at,
    }
    statement = postgresql.insert(access.client).values(row).on_conflict_do_nothing()
    if connection.execute(statement.returning(access.client.c.client_id)).first() is None:
        raise ClientRefused(
            "a client of this id is registered already; replace its keys, or choose another id"
        )
    return _client(row)


def ensure_own(connection: Connection, now: datetime) -> None:
    """The hub's own clients are registered; what is there stays, suspended or not."""
    rows: list[dict[str, Any]] = [
        {"client_id": name, "description": description, "public_jwks": {"keys": []}, "created_at": now}
        for name, description in OWN.items()
        if load(connection, name) is None
    ]
    if rows:
        connection.execute(postgresql.insert(access.client).values(rows).on_conflict_do_nothing())


def _is_redirect(uri: str) -> bool:
    parts = urlsplit(uri)
    is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}
    return (parts.scheme == "https" or is_local) and bool(parts.hostname) and "#" not in uri


def load(connection: Connection, client_id: str) -> Client | None:
    """The client of that id, suspended or not; None where there is none."""
    if not is_client_id(client_id):
        return None
    statement = select(access.client).where(access.client.c.client_id == client_id)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _client(row)


def _client(row: Mapping[Any, Any]) -> Client:
    return Client(
        client_id=row["client_id"],
        agency=row["agency"],
        description=row["description"],
        public_jwks=row["public_jwks"],
        unit=row["unit"],
        redirect_uris=tuple(row["redirect_uris"]),
        bearer_allowed=row["bearer_allowed"],
        suspended_at=row["suspended_at"],
        created_at=row["created_at"],
    )


def replace_keys(connection: Connection, client_id: str, public_jwks: Mapping[str, Any]) -> None:
    """The client authenticates with these keys from now on, and no longer with its old ones.

    Raises:
        ClientRefused: there is no such client, or it is the hub's own, which has no key.
    """
    if client_id in OWN:
        raise ClientRefused("this client is the hub's own, which has no key")
    _change(connection, client_id, public_jwks=jwks.checked(public_jwks))


def suspend(connection: Connection, client_id: str, now: datetime) -> None:
    """The client gets no token any more, and its tokens are refused; suspending twice keeps the first time.

    Raises:
        ClientRefused: there is no such client.
    """
    client = load(connection, client_id)
    _change(connection, client_id, suspended_at=now if client is None else client.suspended_at or now)


def suspend_as(connection: Connection, officer: Officer, client_id: str, now: datetime) -> Client:
    """The client, suspended by an officer whom it concerns; one is enough, as for all that closes.

    Raises:
        ClientRefused: there is no such client, or it is the console itself, which its officers cannot shut behind them.
        NotYours: the officer is neither of the client's agency nor of the secretariat.
        AlreadyDecided: it is suspended.
    """
    client = load(connection, client_id)
    if client is None:
        raise ClientRefused("there is no client of this id")
    if client_id == CONSOLE:
        raise ClientRefused("the console is not suspended from the console; ask an operator")
    if not officer.is_central and officer.agency != client.agency:
        raise NotYours("an officer of the client's agency or of the secretariat suspends it")
    if client.suspended_at is not None:
        raise AlreadyDecided("the client is suspended")
    _change(connection, client_id, suspended_at=now)
    return replace(client, suspended_at=now)


def listed(connection: Connection, officer: Officer) -> list[Client]:
    """The clients of the officer's agency, all of them for the secretariat; by agency and id."""
    table = access.client
    statement = select(table).order_by(table.c.agency.nulls_last(), table.c.client_id)
    if not officer.is_central:
        statement = statement.where(table.c.agency == officer.agency)
    return [_client(row) for row in connection.execute(statement).mappings()]


def _change(connection: Connection, client_id: str, **values: object) -> None:
    statement = update(access.client).where(access.client.c.client_id == client_id).values(**values)
    if connection.execute(statement).rowcount != 1:
        raise ClientRefused("there is no client of this id")
