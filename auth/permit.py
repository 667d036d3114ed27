"""What a caller may do at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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


async def permit_for(connection: AsyncConnection, caller: Caller, now: datetime) -> Permit:
    """The permit, read in the request's own transaction: what has been withdrawn is closed at once.

    Nothing is alive for a client that is gone, suspended, or no longer allowed the token's purpose.
    """
    table = access.client
    statement = select(table.c.scopes, table.c.purposes, table.c.suspended_at).where(
        table.c.client_id == caller.client_id
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None or now >= caller.expires_at + access_token.LEEWAY:
        return Permit(caller=caller, scopes=frozenset())
    suspended = row.suspended_at is not None and row.suspended_at <= now
    if suspended or caller.purpose not in row.purposes:
        return Permit(caller=caller, scopes=frozenset())
    return Permit(caller=caller, scopes=caller.scopes.intersection(row.scopes))
