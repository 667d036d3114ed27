"""Clients: systems of agencies that an officer has registered, each with its public keys.

The functions take a synchronous connection, since the token endpoint runs on SQLAlchemy's bridge; elsewhere
`await connection.run_sync(clients.register, client)`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql

from auth import jwks
from schema.errors import DecisionError
from schema.tables import access

EXPLORER: Final = "hub-explorer"
"""The client of the hub's own page. It has no key and can have none, so that it authenticates nowhere: its tokens are given
to whoever has logged in on this host (auth.session_routes), and are theirs alone."""
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
    if client.client_id == EXPLORER:
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


def ensure_explorer(connection: Connection, now: datetime) -> None:
    """The client of the hub's own page is registered; what is there stays, suspended or not."""
    if load(connection, EXPLORER) is not None:
        return
    row: dict[str, Any] = {
        "client_id": EXPLORER,
        "description": "The hub's own explorer, for people who have logged in",
        "public_jwks": {"keys": []},
        "created_at": now,
    }
    connection.execute(postgresql.insert(access.client).values(row).on_conflict_do_nothing())


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
    if client_id == EXPLORER:
        raise ClientRefused("this client is the hub's own, which has no key")
    _change(connection, client_id, public_jwks=jwks.checked(public_jwks))


def suspend(connection: Connection, client_id: str, now: datetime) -> None:
    """The client gets no token any more, and its tokens are refused; suspending twice keeps the first time.

    Raises:
        ClientRefused: there is no such client.
    """
    client = load(connection, client_id)
    _change(connection, client_id, suspended_at=now if client is None else client.suspended_at or now)


def _change(connection: Connection, client_id: str, **values: object) -> None:
    statement = update(access.client).where(access.client.c.client_id == client_id).values(**values)
    if connection.execute(statement).rowcount != 1:
        raise ClientRefused("there is no client of this id")
