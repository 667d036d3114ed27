"""A store of its own for each test, the role that owns it, and endpoints that a sender tells of what happens in it."""

import pytest

from tests.events.hub_of_hooks import hooked, register
from tests.events.receiver import receiving
from tests.ingest.fixtures import database, owner, reused, store

__all__ = ["database", "owner", "reused", "store"]


@pytest.fixture
async def receiver():
    async with receiving() as found:
        yield found


@pytest.fixture
async def hub(database, store):
    async with hooked(database.service_url, store) as found:
        await found.run(register, found.clock)
        yield found
