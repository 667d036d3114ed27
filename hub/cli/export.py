"""`export`: whose a leaked file is."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hub.cli import context
from hub.export import leak
from hub.export.leak import Source
from hub.export.marks import Marks
from schema.errors import SettingError


class Action(StrEnum):
    """What can be done with exports."""

    WHOSE = "whose"


def export(
    action: Annotated[Action, typer.Argument(help="what to do, see above")],
    file: Annotated[Path, typer.Argument(help="the file that was found: NDJSON, Parquet, or any text")],
) -> None:
    """Find out about bulk exports.

    whose FILE: names the exports that rows in the file are of, by the column exportMark or wherever a mark stands. One line
    for each export; none if the file has no mark of this hub.

    Raises:
        SettingError: the file cannot be read.
    """
    del action  # there is one
    settings = context.read_settings()
    urls = context.databases(settings)

    async def found() -> list[Source]:
        async with (
            context.working(settings, urls, name="export") as work,
            work.pool.connection() as connection,
        ):
            return await leak.sources(connection, Marks(work.keyring), leak.marks_in(file))

    try:
        sources = context.run(found())
    except OSError as error:
        raise SettingError("FILE", f"{file} cannot be read ({error.strerror})") from None
    for one in sources:
        person = "" if one.account_id is None else f", person {one.account_id}"
        print(
            f"{one.row_count:,} rows of export {one.export_id}: client {one.client_id}{person},"
            f" purpose {one.purpose}, asked for at {one.asked_at:%Y-%m-%d %H:%M} UTC"
        )
    if not sources:
        print("no mark of this hub")
