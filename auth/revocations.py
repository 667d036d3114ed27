"""Tokens withdrawn before their end, logins that have ended, clients and people suspended.

A small set in memory, refreshed on demand.
"""

from asyncio import Lock
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.tables import access, people

FRESH_FOR: Final = timedelta(seconds=1)
"""Every replica refuses a withdrawn token within this; the bound is 5 s."""


def revoke(connection: Connection, *, jti: str, client_id: str, expires_at: datetime, now: datetime) -> None:
    """The token is refused from now on; revoking twice is revoking once."""
    row = {"jti": jti, "client_id": client_id, "revoked_at": now, "expires_at": expires_at}
    connection.execute(insert(access.revoked_token).values(row).on_conflict_do_nothing())


def is_revoked(connection: Connection, jti: str) -> bool:
    """True if the token was withdrawn."""
    statement = select(access.revoked_token.c.jti).where(access.revoked_token.c.jti == jti)
    return connection.execute(statement).first() is not None


def is_login_over(connection: Connection, login_id: UUID) -> bool:
    """True if tokens that name the login are refused."""
    statement = _ended_logins().where(people.login.c.login_id == login_id)
    return connection.execute(statement).first() is not None


def _ended_logins() -> Select[UUID]:
    """Logins that were ended, or whose issuer is trusted no more.

    One that is idle or has come to its time is not among them: no token that names it is alive by then.
    """
    login, trusted = people.login, people.trusted_issuer
    return (
        select(login.c.login_id)
        .join_from(login, trusted, login.c.trust_id == trusted.c.trust_id, isouter=True)
        .where(
            login.c.ended_at.is_not(None)
            | trusted.c.approved_at.is_(None)
            | trusted.c.withdrawn_at.is_not(None)
        )
    )


def sweep(connection: Connection, now: datetime) -> int:
    """How many withdrawals of tokens that have ended anyway were deleted."""
    margin = timedelta(hours=1)
    ended = delete(access.revoked_token).where(access.revoked_token.c.expires_at < now - margin)
    return connection.execute(ended).rowcount


class Revocations:
    """What this process refuses in spite of a good signature."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        """Args: engine: of the service's role. clock: aware UTC."""
        self._engine = engine
        self._clock = clock
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._fresh_until = datetime.min.replace(tzinfo=UTC)
        self._tokens: frozenset[str] = frozenset()
        self._clients: frozenset[str] = frozenset()
        self._accounts: frozenset[str] = frozenset()
        self._logins: frozenset[UUID] = frozenset()

    async def fresh(self) -> None:
        """The sets are at most a second old when this returns; usually a comparison of two times.

        A database that does not answer raises, so that no token is accepted on old knowledge.
        """
        if self.is_fresh(self._clock()):
            return
        async with self._lock:
            if not self.is_fresh(self._clock()):
                await self._read()

    def expire(self) -> None:
        """The next `fresh` reads anew: this process has just withdrawn something itself."""
        self._read_at = None

    def refuses(
        self, *, jti: str, client_id: str, account_id: str | None = None, login_id: UUID | None = None
    ) -> bool:
        """True if the token was withdrawn, its client or its person is suspended, or its login has ended."""
        return (
            jti in self._tokens
            or client_id in self._clients
            or account_id in self._accounts
            or login_id in self._logins
        )

    def is_fresh(self, now: datetime) -> bool:
        """True if `fresh` has nothing to do; also false for a clock that was set back."""
        return self._read_at is not None and self._read_at <= now < self._fresh_until

    async def _read(self) -> None:
        now = self._clock()
        client, account = access.client.c, people.account.c
        clients = select(client.client_id).where(client.suspended_at.is_not(None))
        accounts = select(account.account_id).where(account.suspended_at.is_not(None))
        async with self._engine.connect() as connection:
            self._tokens = frozenset(await connection.scalars(select(access.revoked_token.c.jti)))
            self._clients = frozenset(await connection.scalars(clients))
            self._accounts = frozenset(await connection.scalars(accounts))
            self._logins = frozenset(await connection.scalars(_ended_logins()))
        self._read_at, self._fresh_until = now, now + FRESH_FOR
