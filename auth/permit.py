"""What a caller may do at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import access_token
from auth.tokens import Caller
from schema.tables import access


@dataclass(frozen=True, kw_only=True)
class Permit:
    """The caller, and the scopes of its token that are alive now. Made once for each request, only handed down."""

    caller: Caller
    scopes: frozenset[str]

    def allows(self, required: Sequence[Sequence[str]]) -> bool:
        """True if all scopes of at least one of the alternatives are held.

        Args:
            required: `@requiresScopes`: outer OR, inner AND. `[[]]` asks for nothing; `[]` is never allowed.
        """
        return any(self.scopes.issuperset(alternative) for alternative in required)


LIVE = select(access.client.c.scopes, access.client.c.purposes, access.client.c.suspended_at).where(
    access.client.c.client_id == bindparam("client_id", type_=Text())
)
"""What is alive for a client: its scopes, its purposes, and since when it is suspended."""


def permit_of(
    caller: Caller, live: tuple[Sequence[str], Sequence[str], datetime | None] | None, now: datetime
) -> Permit:
    """The permit, from what `LIVE` found.

    Nothing is alive for a client that is gone, suspended, or no longer allowed the token's purpose.

    Args:
        caller: of the token.
        live: the row of `LIVE`; None where there is none.
        now: aware UTC.
    """
    if live is None or now >= caller.expires_at + access_token.LEEWAY:
        return Permit(caller=caller, scopes=frozenset())
    scopes, purposes, suspended_at = live
    suspended = suspended_at is not None and suspended_at <= now
    if suspended or caller.purpose not in purposes:
        return Permit(caller=caller, scopes=frozenset())
    return Permit(caller=caller, scopes=caller.scopes.intersection(scopes))


async def permit_for(connection: AsyncConnection, caller: Caller, now: datetime) -> Permit:
    """The permit, read in the request's own transaction: what has been withdrawn is closed at once."""
    row = (await connection.execute(LIVE, {"client_id": caller.client_id})).one_or_none()
    return permit_of(caller, None if row is None else (row.scopes, row.purposes, row.suspended_at), now)
