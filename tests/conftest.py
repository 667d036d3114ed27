"""Real PostgreSQL for every test that wants it: one cluster a run, one copy of a migrated database a test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from hub import database as hub_database
from hub import embedded
from hub.clock import now
from hub.database import Pool
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile

AGENCIES = ("POLRI", "IMIGRASI", "KEMNAKER", "KEMENSOS")
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Database:
    """One test's own database, by role."""

    name: str
    owner_url: str
    service_url: str
    statistics_url: str


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command that a test runs in this process configures the log, which would go on writing to that test's output."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Cluster]:
    shared = tmp_path_factory.getbasetemp()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    running = embedded.start(shared / f"pg-{worker}", extra_settings=_FAST)
    yield running
    running.stop(force=True)
    shutil.rmtree(running.layout.data)


@pytest.fixture(scope="session")
def template(cluster: embedded.Cluster) -> str:
    cluster.create_database("template_hub")
    hub_database.migrate(cluster.url("hub_owner", "template_hub"))
    return "template_hub"


@pytest.fixture
def database(cluster: embedded.Cluster, template: str) -> Iterator[Database]:
    name = f"test_{uuid4().hex}"
    cluster.create_database(name, template=template)
    yield Database(
        name, *(cluster.url(role, name) for role in ("hub_owner", "hub_service", "hub_statistics"))
    )
    cluster.drop_database(name)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with hub_database.open_pool(database.service_url, size=8, name="test") as opened:
        yield opened


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "root.key"
    KeyFile.make(path)
    return path


@pytest.fixture
async def keyring(pool: Pool, key_file: Path) -> Keyring:
    kms = await asyncio.to_thread(KeyFile.read, key_file)
    async with pool.connection() as connection:
        return await Keyring.load(connection, kms, AGENCIES, now())
