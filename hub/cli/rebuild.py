"""`rebuild`: compute the whole view from nothing."""

from hub.cli import context, progress
from hub.view.rebuild import rebuild as rebuild_view


def rebuild() -> None:
    """Compute every golden row anew from versions and links. 0 rows changed says that the view was right."""
    settings = context.read_settings()
    urls = context.databases(settings)

    async def job() -> int:
        async with context.working(settings, urls, name="rebuild") as work:
            with progress.steps() as steps:
                count = 0

                def watch(done: int) -> None:
                    nonlocal count
                    count += done
                    steps.set("entities", count)

                async with work.pool.connection() as connection:
                    return await rebuild_view(connection, work.keyring, work.clock(), watch)

    print(f"{context.run(job())} rows changed")
