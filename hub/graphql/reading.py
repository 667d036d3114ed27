"""A connection that may read rows, and what the caller is told where there is none."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

from hub.database import Pool
from schema.errors import QueryTooCostly, StoreUnreachable


class Busy(StoreUnreachable):
    """Every connection to the database is in use; try again."""


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
    except PoolTimeout:
        raise Busy from None
    except QueryCanceled:
        raise QueryTooCostly("the database was not done in time; ask for less at once") from None
    except OperationalError:
        raise StoreUnreachable from None
