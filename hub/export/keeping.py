"""The work of a process: what waits is computed, what is over or was withdrawn is closed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog

from hub import database
from hub.clock import Clock
from hub.database import Pool
from hub.export import store
from hub.export.compute import Computing, Withdrawn, Workshop
from hub.identity.keyring import Keyring
from hub.ledger.sealer import Sealer

POLL_S: Final = 2.0
"""Seconds between two looks whether an export waits, or one is over."""
_SWEEP: Final = timedelta(seconds=10)
_log = structlog.get_logger()


@asynccontextmanager
async def opened(url: str, pool: Pool, keyring: Keyring, clock: Clock) -> AsyncGenerator[Workshop]:
    """What computing exports needs, for as long as the block runs.

    Args:
        url: of the database, as the service's role.
        pool: to the same, open.
        keyring: seals, opens, signs.
        clock: gives the present.
    """
    async with AsyncExitStack() as stack:
        readers = await stack.enter_async_context(
            database.open_pool(url, size=1, name="export-readers", role="hub_reader")
        )
        sealers = await stack.enter_async_context(
            database.open_pool(url, size=1, name="export-sealer", role="hub_sealer")
        )
        engine = database.open_engine(url, size=1, name="export")
        stack.push_async_callback(engine.dispose)
        yield Workshop(
            pool=pool,
            readers=readers,
            sealer=Sealer(sealers, keyring, clock),
            engine=engine,
            keyring=keyring,
            clock=clock,
        )


async def keep(workshop: Workshop, ended: asyncio.Event, *, poll_s: float = POLL_S) -> None:
    """Computes and closes exports until told to end; an outage of the database is outlived.

    Args:
        workshop: of the process.
        ended: set by who tells it to end; an export under way is left, and goes on behind its last whole part.
        poll_s: between two looks.
    """
    computing = Computing(workshop)
    swept_at = None
    while not ended.is_set():
        is_idle = True
        try:
            if swept_at is None or workshop.clock() - swept_at >= _SWEEP:
                await sweep(workshop, computing)
                swept_at = workshop.clock()
            is_idle = await _until(ended, computing) is None
        except Exception as error:  # noqa: BLE001 -- the loop outlives whatever happens to one export
            _log.error("export.interrupted", error=type(error).__name__)
        if is_idle:
            try:
                await asyncio.wait_for(ended.wait(), poll_s)
            except TimeoutError:
                continue


async def _until(ended: asyncio.Event, computing: Computing) -> object:
    """What the next export became, or None where there is none, or the process ends."""
    computed = asyncio.create_task(computing.compute_next())
    stopped = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({computed, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return computed.result() if computed.done() else None
    finally:
        for task in (computed, stopped):
            task.cancel()
        await asyncio.gather(computed, stopped, return_exceptions=True)


async def sweep(workshop: Workshop, computing: Computing) -> int:
    """How many exports were closed: those that are over, and those that stand on what was withdrawn."""
    async with workshop.pool.connection() as connection:
        orders = await store.alive(connection)
    count, now = 0, workshop.clock()
    for order in orders:
        if order.expires_at <= now:
            async with workshop.pool.connection() as connection:
                count += await store.close(connection, order.export_id, "EXPIRED", now)
        else:
            try:
                await computing.require_standing(order)
            except Withdrawn as error:
                await computing.close(order, error)
                count += 1
    return count
