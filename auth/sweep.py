"""What is over is deleted: the one place that knows what of `auth` ends by itself."""

from datetime import datetime

from sqlalchemy import Connection, delete

from auth import authorization_code, one_time, pushed, revocations
from schema.tables import people


def sweep(connection: Connection, now: datetime) -> int:
    """How many rows were deleted that nothing asks for any more.

    Safe to call at any replica at any time; nothing depends on it but the size of the tables.

    Args:
        connection: of the service's role.
        now: aware UTC.
    """
    ended = sum(part.sweep(connection, now) for part in (one_time, pushed, authorization_code, revocations))
    logins = (people.login, people.login_attempt)
    return ended + sum(
        connection.execute(delete(table).where(table.c.expires_at <= now)).rowcount for table in logins
    )
