"""Settings, database and keys of one command."""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

from connectors import registry
from hub import clock, database, embedded, logs, settings
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from hub.jobs import Work
from hub.settings import Settings

DATABASE = "hub"
_LINKER = (sys.executable, "-m", "hub", "link", "--follow")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Databases:
    """The hub's database as each role sees it."""

    owner_url: str
    service_url: str

    def __repr__(self) -> str:
        return "Databases(sealed)"


def read_settings() -> Settings:
    """The settings of this process, with the log configured by them.

    Raises:
        SettingError: one is wrong.
    """
    found = settings.load()
    logs.configure(found.log_level)
    return found


def databases(found: Settings) -> Databases:
    """The database of these settings: the one given, else the embedded one, started if it does not run.

    Raises:
        StoreError: it cannot be had.
    """
    if found.database_url is not None:
        service = found.database_url.get_secret_value()
        owner = found.database_owner_url.get_secret_value() if found.database_owner_url else service
        database.check(service)
        return Databases(owner, service)
    cluster = embedded.start(
        found.var / "pg", bin_dir=found.pg_bin_dir, start_timeout_s=found.pg_start_timeout
    )
    cluster.create_database(DATABASE)
    return Databases(cluster.url("hub_owner", DATABASE), cluster.url("hub_service", DATABASE))


def agency_codes() -> tuple[str, ...]:
    """Codes of every agency that has a connector."""
    return tuple(agency.upper() for agency in registry.agencies())


@asynccontextmanager
async def working(
    found: Settings, urls: Databases, *, name: str, statement_timeout_s: int = 0
) -> AsyncGenerator[Work]:
    """What a job needs, while the command runs.

    Args:
        found: the settings.
        urls: the database.
        name: of the command, shown in pg_stat_activity.
        statement_timeout_s: after which the server ends a statement; 0 for never.

    Raises:
        RevisionMismatch: the schema is not this code's.
        SettingError: there is no root key.
    """
    # What is loaded stays, and a batch makes many objects and no cycles: collecting by default cost a tenth of linking.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    async with database.open_pool(
        urls.service_url, size=found.database_pool_size, name=name, statement_timeout_s=statement_timeout_s
    ) as pool:
        await database.require_revision(pool)
        kms = KeyFile.read(found.root_key_file)
        async with pool.connection() as connection:
            keyring = await Keyring.load(connection, kms, agency_codes(), clock.now())
        yield Work(pool, keyring, clock.now, found.agency, _LINKER)


def run(job: Coroutine[Any, Any, Result]) -> Result:
    """The job's result.

    Raises:
        HubError: what it raises.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(job)
