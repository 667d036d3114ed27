"""What a process that serves does beside answering: it seals the ledger, deletes what is over, tells what was spent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.sweep import sweep
from hub import database
from hub.clock import Clock
from hub.database import Pool
from hub.events.retention import forget
from hub.graphql.budgets import Budgets
from hub.identity.keyring import Keyring
from hub.ledger.sealer import Sealer, run_sealer

_SWEEP_S: Final = 60
_EXCHANGE_S: Final = 1
_log = structlog.get_logger()


@asynccontextmanager
async def upkeep(
    url: str,
    engine: AsyncEngine,
    keyring: Keyring,
    clock: Clock,
    *,
    events_kept: timedelta,
    sweep_every_s: float = _SWEEP_S,
) -> AsyncGenerator[None]:
    """Runs while the block does; at its end what can be sealed is sealed.

    Args:
        url: of the database, as the service's role.
        engine: to the same.
        keyring: opens the key that seals.
        clock: gives the present.
        events_kept: for so long.
        sweep_every_s: between two deletions of what is over.
    """
    ended = asyncio.Event()
    async with database.open_pool(url, size=1, name="sealer", role="hub_sealer") as pool:
        sealing = asyncio.create_task(run_sealer(Sealer(pool, keyring, clock), clock, ended), name="sealer")
        sweeping = asyncio.create_task(_sweep(engine, clock, events_kept, sweep_every_s), name="sweep")
        try:
            yield
        finally:
            ended.set()
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
            await sealing


async def _sweep(engine: AsyncEngine, clock: Clock, events_kept: timedelta, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            async with engine.begin() as connection:
                count = await connection.run_sync(sweep, clock())
            count += await forget(engine, clock() - events_kept)
        except (SQLAlchemyError, OSError) as error:
            # The tables grow a little longer; whoever answers tells of the database being gone.
            _log.warning("sweep.failed", error=type(error).__name__)
        else:
            if count:
                _log.debug("sweep.ended", record_count=count)


@asynccontextmanager
async def exchanging(budgets: Budgets, pool: Pool, *, every_s: float = _EXCHANGE_S) -> AsyncGenerator[None]:
    """Replicas tell each other what their callers have spent while the block runs, and once more at its end.

    Args:
        budgets: of this process.
        pool: of the service's role.
        every_s: between two exchanges.
    """
    exchange = asyncio.create_task(_exchange(budgets, pool, every_s), name="budgets")
    try:
        yield
    finally:
        exchange.cancel()
        with suppress(asyncio.CancelledError):
            await exchange
        with suppress(OperationalError, PoolTimeout):
            await budgets.exchange(pool)


async def _exchange(budgets: Budgets, pool: Pool, every_s: float) -> None:
    fails = False
    while True:
        await asyncio.sleep(every_s)
        try:
            await budgets.exchange(pool)
        except (OperationalError, PoolTimeout) as error:
            if not fails:
                # Each replica goes on by its own count.
                _log.warning("budgets.failed", error=type(error).__name__)
            fails = True
        else:
            if fails:
                _log.info("budgets.resumed")
            fails = False
