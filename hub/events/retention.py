"""Events are kept for a while, so that whoever was away can go on; what is older is deleted from the oldest on."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.tables.events import departed, event, outbox

MOST: Final = 20_000
"""Events of one step."""


async def forget(engine: AsyncEngine, before: datetime) -> int:
    """How many events were deleted: those from before a moment, at most `MOST`.

    The floor is moved first, in a transaction of its own, since whoever writes events waits for that row: from then on
    older cursors are refused, whether the events behind them are still there or not.

    Args:
        engine: of the service's role.
        before: aware UTC.
    """
    oldest = select(event.c.position, event.c.at).order_by(event.c.position).limit(MOST).subquery()
    kept = func.min(oldest.c.position).filter(oldest.c.at >= before)
    async with engine.begin() as connection:
        found = await connection.execute(
            select(func.min(oldest.c.position), func.max(oldest.c.position), kept)
        )
        first, last, first_kept = found.one()
        if first is None or first == first_kept:
            return 0
        floor = last if first_kept is None else first_kept - 1
        await connection.execute(update(outbox).values(floor=func.greatest(outbox.c.floor, floor)))
    async with engine.begin() as connection:
        count = (await connection.execute(delete(event).where(event.c.position <= floor))).rowcount
        # Who was given a row is needed for as long as there are events of it.
        await connection.execute(delete(departed).where(departed.c.at < before))
    return count
