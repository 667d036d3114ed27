"""A connection that may read rows, and what the caller is told where there is none."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

from hub.database import Pool
from schema.errors import QueryTooCostly, StoreUnreachable


class Busy(StoreUnreachable):
    """Every connection to the database is in use; try again."""


def fail(error: Exception) -> NoReturn:
    """Tells the caller of an error of the database, whichever way it was asked.

    Args:
        error: of the driver, of its pool, or of SQLAlchemy around one of them.

    Raises:
        Busy: no connection is free in time.
        QueryTooCostly: the server has ended a statement that took too long.
        StoreUnreachable: the server does not answer.
    """
    if isinstance(getattr(error, "orig", error), QueryCanceled):
        raise QueryTooCostly("the database was not done in time; ask for less at once") from None
    if isinstance(error, PoolTimeout):
        raise Busy from None
    raise StoreUnreachable from None


@asynccontextmanager
async def reading(readers: Pool) -> AsyncGenerator[AsyncConnection[Any]]:
    """A connection of that pool; what the driver raises in the block becomes an error of ours.

    Args:
        readers: connections that may read rows under row level security.

    Raises:
        Busy: none is free in time.
        QueryTooCostly: the server has ended a statement that took too long.
        StoreUnreachable: the server does not answer.
    """
    try:
        async with readers.connection() as connection:
            yield connection
    except (PoolTimeout, OperationalError) as error:
        fail(error)
