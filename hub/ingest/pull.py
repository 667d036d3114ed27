"""Asks a source for batches from its checkpoint on and writes each in a transaction of its own."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from connectors.protocol import Batch, Connector, Cursor
from hub.clock import Clock, uuid7
from hub.identity.keyring import Keyring
from hub.ingest import batch
from hub.ingest.batch import Mapped, Written
from schema.errors import SourceError
from schema.record import Drift, Record, Violation

_AHEAD = 2
"""Batches that may wait for the database while the source is asked for more; bounds the memory of a pull."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one pull did, in records."""

    agency: str
    batch_count: int
    record_count: int
    version_count: int
    unchanged_count: int
    late_count: int
    quarantined_count: int


Progress = Callable[[Pulled], None]
"""Told after each commit how far the pull is."""


async def pull(
    connector: Connector,
    pool: AsyncConnectionPool[AsyncConnection[Any]],
    keyring: Keyring,
    clock: Clock,
    progress: Progress = lambda _: None,
) -> Pulled:
    """Reads the source from its checkpoint to its end.

    What was committed before an error stays, and the next pull goes on from there.

    Args:
        connector: the source and its mapping.
        pool: to the hub's database.
        keyring: seals and hashes.
        clock: gives the present.
        progress: told after each commit.

    Raises:
        SourceError: the source cannot be read further, or another worker is reading it.
    """
    agency = connector.agency
    run_id = uuid7()
    cursor, version = await _begin(pool, agency, run_id, clock)
    done = Pulled(
        agency=agency,
        batch_count=0,
        record_count=0,
        version_count=0,
        unchanged_count=0,
        late_count=0,
        quarantined_count=0,
    )
    try:
        async with aclosing(_mapped_ahead(connector, cursor)) as batches:
            async for mapped in batches:
                async with pool.connection() as connection:
                    written = await batch.write(
                        connection,
                        keyring,
                        mapped,
                        seen_version=version,
                        run_id=run_id,
                        number=done.batch_count,
                        now=clock(),
                    )
                version += 1
                done = _add(done, written)
                progress(done)
    except SourceError as problem:
        await _note_failure(pool, agency, problem, clock)
        raise
    _log.info("source.fetched", agency=agency, record_count=done.record_count)
    return done


async def _begin(
    pool: AsyncConnectionPool[AsyncConnection[Any]], agency: str, run_id: UUID, clock: Clock
) -> tuple[Cursor, int]:
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO checkpoint (agency, cursor, cursor_version) VALUES (%s, '{}', 0) ON CONFLICT DO NOTHING",
            (agency,),
        )
        await connection.execute(
            "INSERT INTO pull_run (run_id, agency, started_at) VALUES (%s, %s, %s)", (run_id, agency, clock())
        )
        found = await connection.execute(
            "SELECT cursor, cursor_version FROM checkpoint WHERE agency = %s", (agency,)
        )
        row = await found.fetchone()
    assert row is not None  # noqa: S101 -- inserted above in the same transaction
    return row[0], row[1]


async def _note_failure(
    pool: AsyncConnectionPool[AsyncConnection[Any]], agency: str, problem: SourceError, clock: Clock
) -> None:
    _log.warning("source.failed", agency=agency, code=type(problem).__name__)
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE checkpoint SET last_failed_at = %s, last_problem = %s WHERE agency = %s",
            (clock(), str(problem), agency),
        )


async def _mapped_ahead(connector: Connector, cursor: Cursor) -> AsyncGenerator[Mapped]:
    """Mapped batches, fetched while the one before is being written."""
    queue: asyncio.Queue[Mapped | BaseException | None] = asyncio.Queue(maxsize=_AHEAD)

    async def fetch() -> None:
        try:
            async with aclosing(connector.source.batches(cursor)) as batches:
                async for found in batches:
                    await queue.put(_map(connector, found))
            await queue.put(None)
        except BaseException as problem:  # noqa: BLE001 -- handed over to the reader below, which raises it
            await queue.put(problem)

    task = asyncio.create_task(fetch())
    try:
        while (found := await queue.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _map(connector: Connector, found: Batch) -> Mapped:
    records: list[Record] = []
    violations: list[Violation] = []
    drifts: list[Drift] = []
    for raw in found.records:
        for outcome in connector.mapping.map(raw):
            if isinstance(outcome, Record):
                records.append(outcome)
            else:
                violations.append(outcome)
        drifts.extend(connector.mapping.drift(raw))
    return Mapped(
        agency=connector.agency,
        next_cursor=found.next_cursor,
        is_last=found.is_last,
        source_uri=found.source_uri,
        records=records,
        violations=violations,
        drifts=drifts,
    )


def _add(done: Pulled, written: Written) -> Pulled:
    return Pulled(
        agency=done.agency,
        batch_count=done.batch_count + 1,
        record_count=done.record_count + written.record_count,
        version_count=done.version_count + written.version_count,
        unchanged_count=done.unchanged_count + written.unchanged_count,
        late_count=done.late_count + written.late_count,
        quarantined_count=done.quarantined_count + written.quarantined_count,
    )
