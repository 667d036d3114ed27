"""`link`: link what is in the queue."""

from hub import jobs
from hub.cli import context, progress


def link() -> None:
    """Link the records that wait in the queue and recompute what they touch."""
    settings = context.read_settings()
    urls = context.databases(settings)

    async def job() -> int:
        async with context.working(settings, urls, name="link") as work:
            with progress.steps() as steps:
                return await jobs.link_all(work, steps.watch)

    print(f"{context.run(job())} records linked")
