"""A store of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from hub.database import Pool
from hub.identity.keyring import Keyring
from tests.ingest.store import Store


@pytest.fixture
async def store(pool: Pool, keyring: Keyring) -> AsyncIterator[Store]:
    async with pool.connection() as connection:
        yield Store(connection, keyring)
