"""`pull AGENCY`: read one agency once, and link what is new."""

from typing import Annotated

import typer

from hub import jobs
from hub.cli import context, progress


def pull(agency: Annotated[str, typer.Argument(help="word of the agency, such as polri")]) -> None:
    """Read one agency from its checkpoint on, link what is new and recompute the view.

    Settings of the agency are HUB_AGENCY__<AGENCY>__<NAME>. A pull that is broken off goes on where it was.

    Raises:
        SourceError: the agency cannot be read; what was committed before stays.
    """
    settings = context.read_settings()
    urls = context.databases(settings)

    async def job() -> jobs.Round:
        async with context.working(settings, urls, name="pull") as work:
            with progress.steps() as steps:
                return await jobs.run_round(work, [agency], steps.watch)

    done = context.run(job())
    if done.failed:
        raise done.failed[0]
    for one in done.pulled:
        print(
            f"{agency}: {one.record_count} records, {one.version_count} new or changed,"
            f" {one.quarantined_count} in quarantine"
        )
