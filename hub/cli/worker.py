"""`worker`: read every agency again and again, and compute bulk exports beside."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hub import jobs
from hub.cli import context
from hub.cli.context import Databases
from hub.export import keeping
from hub.jobs import Work


def worker() -> None:
    """Read every agency whose connection is set, link, wait HUB_PULL_INTERVAL_S, and again until SIGTERM.

    Bulk exports are computed beside, one at a time.
    An agency that fails is tried again in the next round; the others are not kept waiting.
    """
    settings = context.read_settings()
    urls = context.databases(settings)

    async def job() -> None:
        ended = asyncio.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signal_number, ended.set)
        async with (
            context.working(settings, urls, name="worker") as work,
            exporting(urls, work),
        ):
            await jobs.run_round(work, sorted(work.agencies))
            await rounds(work, settings.pull_interval_s, ended)

    context.run(job())


@asynccontextmanager
async def exporting(urls: Databases, work: Work) -> AsyncGenerator[None]:
    """Computes bulk exports while the block runs.

    Args:
        urls: of the database.
        work: what a job needs.
    """
    ended = asyncio.Event()
    async with keeping.opened(urls.service_url, work.pool, work.keyring, work.clock) as workshop:
        task = asyncio.create_task(keeping.keep(workshop, ended), name="exports")
        try:
            yield
        finally:
            ended.set()
            await task


async def rounds(work: Work, interval_s: float, ended: asyncio.Event) -> None:
    """Waits and reads every agency, again and again, until told to end.

    Args:
        work: what a round needs.
        interval_s: between two rounds, seconds.
        ended: set by who tells it to end.
    """
    while not ended.is_set():
        try:
            await asyncio.wait_for(ended.wait(), interval_s)
        except TimeoutError:
            await jobs.run_round(work, sorted(work.agencies))
