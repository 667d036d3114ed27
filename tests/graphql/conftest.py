"""A database filled once a run; a hub on it that all tests which only read share, and one of its own for the rest."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg_pool import AsyncConnectionPool

from hub import database, embedded
from hub.clock import now
from hub.database import conninfo
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from tests.auth.parties import Clock
from tests.graphql.hub import AGENCIES, Hub, entitle, register, running
from tests.graphql.model import Model
from tests.graphql.owners import give_owners
from tests.graphql.records import Population, ingest
from tests.graphql.serving import Served, serve
from tests.graphql.watching import Watched


@dataclass(frozen=True)
class Filled:
    """The filled database: tests copy it or only read it."""

    name: str
    population: Population


@pytest.fixture(scope="session")
def filled(cluster: embedded.Cluster, template: str, key_file: Path) -> Filled:
    name = "graphql_filled"
    cluster.create_database(name, template=template)
    population = Population()
    asyncio.run(_fill(cluster.url("hub_service", name), key_file, population))
    return Filled(name, population)


async def _fill(url: str, key_file: Path, population: Population) -> None:
    clock = Clock()
    async with database.open_pool(url, size=2, name="fill") as pool, pool.connection() as connection:
        found = await connection.execute("SELECT EXISTS (SELECT FROM client)")
        if await found.fetchone() == (True,):
            return  # by another folder's tests, which have these fixtures too
        keyring = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, clock())
        await ingest(connection, keyring, population.records, clock())
    engine = database.open_engine(url, size=1, name="fill")
    async with engine.begin() as bound:
        await bound.run_sync(register, clock, "one", "two")
    await engine.dispose()


async def _entitle(url: str) -> None:
    engine = database.open_engine(url, size=1, name="fill")
    async with engine.begin() as bound:
        await bound.run_sync(entitle, now(), "one", "two")
    await engine.dispose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hub(cluster: embedded.Cluster, filled: Filled, key_file: Path) -> AsyncIterator[Hub]:
    """On a copy that nobody changes; its clock stands still."""
    cluster.create_database("graphql_shared", template=filled.name)
    async with running(cluster.url("hub_service", "graphql_shared"), key_file, Clock()) as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def model(hub: Hub) -> Model:
    """What the shared hub's database holds."""
    return await Model.read(hub.pool)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rows_hub(cluster: embedded.Cluster, filled: Filled, key_file: Path) -> AsyncIterator[Hub]:
    """On a copy with protected witnesses, whose rows nobody changes, and to which tests add clients."""
    cluster.create_database("graphql_rows", template=filled.name)
    async with running(cluster.url("hub_service", "graphql_rows"), key_file, Clock()) as found:
        await give_owners(found.pool)
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watched(cluster, filled, key_file):
    cluster.create_database("graphql_watched", template=filled.name)
    with psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("ALTER DATABASE graphql_watched SET log_statement = 'all'")
    url = cluster.url("hub_service", "graphql_watched")
    pool = AsyncConnectionPool(
        conninfo(url),
        min_size=1,
        max_size=1,
        open=False,
        kwargs={"autocommit": True, "options": "-c timezone=UTC -c role=hub_reader"},
    )
    async with running(url, key_file, Clock(), readers=pool) as hub:
        async with pool.connection() as connection:
            ((pid,),) = await (await connection.execute("SELECT pg_backend_pid()")).fetchall()
        yield Watched(hub, cluster.layout.log, pid)


@pytest.fixture
def own_database(cluster: embedded.Cluster, filled: Filled) -> Iterator[str]:
    """The name of a filled database that the test may change."""
    name = f"graphql_{uuid4().hex}"
    cluster.create_database(name, template=filled.name)
    yield name
    cluster.drop_database(name)


@pytest.fixture
async def own_hub(cluster: embedded.Cluster, own_database: str, key_file: Path) -> AsyncIterator[Hub]:
    async with running(cluster.url("hub_service", own_database), key_file, Clock()) as found:
        yield found


@pytest.fixture(scope="session")
def served(
    cluster: embedded.Cluster, filled: Filled, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A process of its own, on a copy that nobody changes."""
    cluster.create_database("graphql_served", template=filled.name)
    url = cluster.url("hub_service", "graphql_served")
    # Its clock is the real one, and the grants of the filled database ended long ago by that.
    asyncio.run(_entitle(url))
    with serve(url, key_file, tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past_hub(cluster, filled, key_file):
    """On a copy of the filled database, whose clock goes on and on."""
    cluster.create_database("graphql_past", template=filled.name)
    async with running(cluster.url("hub_service", "graphql_past"), key_file, Clock()) as hub:
        yield hub
    cluster.drop_database("graphql_past")
