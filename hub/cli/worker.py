"""`worker`: read every agency again and again."""

import asyncio
import signal

from hub import jobs
from hub.cli import context


def worker() -> None:
    """Read every agency whose connection is set, link, wait HUB_PULL_INTERVAL_S, and again until SIGTERM.

    An agency that fails is tried again in the next round; the others are not kept waiting.
    """
    settings = context.read_settings()
    urls = context.databases(settings)

    async def job() -> None:
        ended = asyncio.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signal_number, ended.set)
        async with context.working(settings, urls, name="worker") as work:
            while not ended.is_set():
                await jobs.run_round(work, sorted(settings.agency))
                try:
                    await asyncio.wait_for(ended.wait(), settings.pull_interval_s)
                except TimeoutError:
                    continue

    context.run(job())
