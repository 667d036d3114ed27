"""A hub with officers of three agencies and a client, none of whom holds anything of the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.auth.parties import Clock
from tests.conftest import Database
from tests.console.officer import Officer
from tests.graphql.hub import Hub, register, running
from tests.graphql.officers import APPROVES, POLICE, PROPOSES, client, enrol_officers

NEWCOMER = "newcomer"


@pytest.fixture
def clock() -> Clock:
    """Stands on a day in March, unless a test moves it."""
    return Clock()


@pytest.fixture
async def hub(database: Database, key_file: Path, clock: Clock) -> AsyncIterator[Hub]:
    async with running(database.service_url, key_file, clock) as found:
        async with found.engine.begin() as connection:
            await connection.run_sync(register, found.clock, "one")
        await enrol_officers(found)
        await client(found, NEWCOMER, agency="IMIGRASI")
        yield found


@pytest.fixture
async def proposer(hub: Hub) -> Officer:
    """Of the secretariat."""
    return await Officer(hub, PROPOSES).log_in()


@pytest.fixture
async def approver(hub: Hub) -> Officer:
    """Another one of the secretariat."""
    return await Officer(hub, APPROVES).log_in()


@pytest.fixture
async def police(hub: Hub) -> Officer:
    return await Officer(hub, POLICE).log_in()
