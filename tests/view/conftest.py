"""A store of its own for each test, and the role that owns it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from psycopg import AsyncConnection

from hub.database import Pool, conninfo
from hub.identity.keyring import Keyring
from tests.ingest.store import Store


@pytest.fixture
async def store(pool: Pool, keyring: Keyring) -> AsyncIterator[Store]:
    async with pool.connection() as connection:
        yield Store(connection, keyring)


@pytest.fixture
async def owner(database) -> AsyncIterator[AsyncConnection[Any]]:
    """The role that may read and empty every table."""
    async with await AsyncConnection.connect(conninfo(database.owner_url), autocommit=True) as connection:
        yield connection
