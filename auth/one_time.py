"""Ids that are valid once: `jti` of assertions and of proofs."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from schema.tables import access


def spend(connection: Connection, *, kind: str, client_id: str, value: str, expires_at: datetime) -> bool:
    """True the first time, false ever after, at whichever replica.

    A replica that spends the same id at the same moment waits here until the other's transaction has ended.

    Args:
        connection: inside the transaction of the request, which commits whether or not the request is refused.
        kind: what the id is, such as `assertion`.
        client_id: whose id it is; two clients may choose the same.
        value: the id.
        expires_at: when whatever carried the id is refused for its age anyway.
    """
    digest = hashlib.sha256(client_id.encode() + b"\0" + value.encode("utf-8", "surrogatepass")).digest()
    row = {"kind": kind, "value_hash": digest, "client_id": client_id, "expires_at": expires_at}
    statement = insert(access.one_time_id).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(access.one_time_id.c.kind)).first() is not None


def sweep(connection: Connection, now: datetime) -> int:
    """How many expired ids were deleted."""
    expired = delete(access.one_time_id).where(access.one_time_id.c.expires_at < now)
    return connection.execute(expired).rowcount
