"""Beside answering, a process that serves seals the ledger and deletes what is over, and outlives what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from hub import database as hub_database
from hub.clock import now
from hub.database import Pool, conninfo
from hub.identity.keyring import Keyring
from hub.ledger import stored
from hub.ledger.entry import Entry
from hub.ledger.verify import verify
from hub.ledger.writer import Ledger
from hub.upkeep import upkeep
from schema.tables import access

KEPT = timedelta(days=30)
ENTRY = Entry(
    request_id="0f",
    at=now(),
    kind="query",
    client_id="polda-kalbar",
    agency="POLRI",
    purpose="investigation",
    grants=(),
    outcome="answered",
    operation="0" * 64,
    coordinates=("Query.cases",),
    subjects=(),
    row_count=0,
)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Returns once it is so, and fails after half a minute."""
    async with asyncio.timeout(30):
        while not await is_so():  # noqa: ASYNC110 -- another task does the work
            await asyncio.sleep(0.05)


@pytest.fixture
async def engine(database) -> AsyncIterator[AsyncEngine]:
    opened = hub_database.open_engine(database.service_url, size=2, name="test")
    yield opened
    await opened.dispose()


async def value(pool: Pool, statement: str) -> Any:
    async with pool.connection() as connection:
        cursor = await connection.execute(statement.encode())
        return (await cursor.fetchall())[0][0]


async def remember(engine: AsyncEngine, name: bytes, minutes: int) -> None:
    """An id that may be used once, which is over in so many minutes."""
    row = {
        "kind": "assertion",
        "value_hash": name,
        "client_id": "c",
        "expires_at": now() + timedelta(minutes=minutes),
    }
    async with engine.begin() as connection:
        await connection.execute(insert(access.one_time_id).values(row))


async def test_what_is_answered_is_under_a_seal_soon_and_the_seals_hold(
    database, pool: Pool, engine: AsyncEngine, keyring: Keyring
):
    async with (
        Ledger(pool, timeout_s=20) as ledger,
        upkeep(database.service_url, engine, keyring, now, events_kept=KEPT),
    ):
        await ledger.record(ENTRY)

        await until(lambda: is_sealed(pool, 1))

    with stored.opened(database.service_url) as kept:
        found = verify(kept.seal_keys(), kept.seals(), kept.records())
    assert (found.first, found.record_count, found.unsealed_count) == (1, 1, 0)


async def is_sealed(pool: Pool, count: int) -> bool:
    return await value(pool, "SELECT coalesce(sum(count), 0) FROM audit.seal") == count


async def test_at_the_end_what_can_be_sealed_is_sealed(
    database, pool: Pool, engine: AsyncEngine, keyring: Keyring
):
    async with Ledger(pool, timeout_s=20) as ledger:
        async with upkeep(database.service_url, engine, keyring, now, events_kept=KEPT):
            await ledger.record(ENTRY)

        assert await is_sealed(pool, 1)


async def test_only_ids_that_are_over_are_deleted(
    database, pool: Pool, engine: AsyncEngine, keyring: Keyring
):
    await remember(engine, b"over", -1)
    await remember(engine, b"alive", 5)

    async with upkeep(database.service_url, engine, keyring, now, events_kept=KEPT, sweep_every_s=0.05):
        await until(lambda: is_left(pool, 1))

    assert await value(pool, "SELECT convert_from(value_hash, 'UTF8') FROM one_time_id") == "alive"


async def test_events_are_deleted_once_they_are_old(
    database, pool: Pool, engine: AsyncEngine, keyring: Keyring
):
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO event (position, entity, row_id, kind, at) VALUES"
            " (1, 'Case', gen_random_uuid(), 'CREATED', now() - interval '31 days'),"
            " (2, 'Case', gen_random_uuid(), 'CREATED', now() - interval '29 days')"
        )
        await connection.execute("UPDATE outbox SET head = 2")

    async with upkeep(database.service_url, engine, keyring, now, events_kept=KEPT, sweep_every_s=0.05):
        await until(lambda: is_kept_from(pool, 2))

    assert await value(pool, "SELECT floor FROM outbox") == 1


async def is_kept_from(pool: Pool, position: int) -> bool:
    return await value(pool, "SELECT min(position) FROM event") == position


async def is_left(pool: Pool, count: int) -> bool:
    return await value(pool, "SELECT count(*) FROM one_time_id") == count


async def test_a_sweep_that_fails_is_told_and_tried_again(
    database, pool: Pool, engine: AsyncEngine, keyring: Keyring
):
    await remember(engine, b"over", -1)
    with psycopg.connect(conninfo(database.owner_url), autocommit=True) as owner, capture_logs() as told:
        owner.execute("REVOKE DELETE ON one_time_id FROM hub_service")
        async with upkeep(database.service_url, engine, keyring, now, events_kept=KEPT, sweep_every_s=0.05):
            await until(lambda: is_told(told, "sweep.failed"))
            owner.execute("GRANT DELETE ON one_time_id TO hub_service")
            await until(lambda: is_left(pool, 0))
            await until(lambda: is_told(told, "sweep.ended"))

    swept = [one for one in told if one["event"].startswith("sweep.")]
    assert swept[0] == {"event": "sweep.failed", "log_level": "warning", "error": "ProgrammingError"}
    assert swept[-1] == {"event": "sweep.ended", "log_level": "debug", "record_count": 1}


async def is_told(told: list[Any], event: str) -> bool:
    return any(one["event"] == event for one in told)


async def test_a_block_that_fails_ends_both_and_seals_before(
    database, pool: Pool, engine: AsyncEngine, keyring: Keyring
):
    async def serve() -> None:
        async with (
            Ledger(pool, timeout_s=20) as ledger,
            upkeep(database.service_url, engine, keyring, now, events_kept=KEPT),
        ):
            await ledger.record(ENTRY)
            message = "the server ends"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="the server ends"):
        await serve()

    assert await is_sealed(pool, 1)
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() in {"sealer", "sweep"}] == []
