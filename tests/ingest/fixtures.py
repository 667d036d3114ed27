"""A store for each test: one copy of the migrated database for all, emptied after each, which is far quicker than a copy."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection

from hub import embedded
from hub.database import Pool, conninfo
from hub.identity.keyring import Keyring
from schema.tables import metadata
from tests.ingest.store import Store

_KEPT = {"epoch", "access_version", "outbox"}
_EMPTIED = sorted(table.name for table in metadata.tables.values() if not table.schema)
_EMPTY = f"TRUNCATE {', '.join(name for name in _EMPTIED if name not in _KEPT)} RESTART IDENTITY"
"""Not the ledger, which nobody can empty and which no test of the store writes to."""


@dataclass(frozen=True)
class Reused:
    """A database, by role."""

    owner_url: str
    service_url: str
    statistics_url: str


@pytest.fixture(scope="session")
def reused(cluster: embedded.Cluster, template: str) -> Iterator[Reused]:
    name = f"reused_{uuid4().hex}"
    cluster.create_database(name, template=template)
    yield Reused(*(cluster.url(role, name) for role in ("hub_owner", "hub_service", "hub_statistics")))
    cluster.drop_database(name)


@pytest.fixture
def database(reused: Reused) -> Iterator[Reused]:
    yield reused
    with psycopg.connect(conninfo(reused.owner_url), autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(_EMPTY.encode())
        connection.execute("UPDATE epoch SET epoch = 0")
        connection.execute("UPDATE outbox SET head = 0, floor = 0")


@pytest.fixture
async def store(pool: Pool, keyring: Keyring) -> AsyncIterator[Store]:
    async with pool.connection() as connection:
        yield Store(connection, keyring)


@pytest.fixture
async def owner(database: Reused) -> AsyncIterator[AsyncConnection[Any]]:
    """The role that may read and empty every table."""
    async with await AsyncConnection.connect(conninfo(database.owner_url), autocommit=True) as connection:
        yield connection
