"""`link`: link what is in the queue."""

import asyncio
import sys
from typing import Annotated

import typer

from hub import jobs
from hub.cli import context, progress

_PAUSE_S = 0.1


def link(
    *,
    follow: Annotated[
        bool, typer.Option("--follow", help="go on until standard input ends; a long pull starts it so")
    ] = False,
) -> None:
    """Link the records that wait in the queue and recompute what they touch."""
    settings = context.read_settings()
    urls = context.databases(settings)

    async def job() -> int:
        async with context.working(settings, urls, name="link") as work:
            with progress.steps() as steps:
                if not follow:
                    return await jobs.link_all(work, steps.watch)
                return await _follow(work, steps)

    print(f"{context.run(job())} records linked")


async def _follow(work: jobs.Work, steps: progress.Steps) -> int:
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    count = 0
    while not ended.done():
        linked = await jobs.link_some(work, steps.watch)
        count += linked
        if not linked:
            await asyncio.sleep(_PAUSE_S)
    return count
