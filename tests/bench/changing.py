"""Changes of rows that stand, written by the hub's own outbox and without what a recompute computes.

`python -m tests.bench.changing DATABASE_URL COUNT` writes until the outbox has so many events, in transactions of 1 to 200.
"""

import asyncio
import random
import sys
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from hub.clock import now
from hub.database import conninfo
from hub.view import outbox
from hub.view.redirects import Renewed
from hub.view.store import Changes
from schema.entities import entities
from schema.tables.golden import REACHED

MOST_ROWS = 2_000
MOST_AT_ONCE = 200
_NONE = Changes((), ())
_CHANCE = random.Random()  # noqa: S311 -- nothing secret depends on it


@dataclass(frozen=True)
class Changing:
    """Rows to change.

    Attributes:
        rows: entity and id.
    """

    rows: list[tuple[str, UUID]]

    @classmethod
    async def read(cls, connection: AsyncConnection[Any]) -> Self:
        """Rows of each entity that has events."""
        rows: list[tuple[str, UUID]] = []
        for entity in REACHED:
            declared = entities()[entity]
            statement = f"SELECT {declared.key} FROM {declared.table} ORDER BY 1 LIMIT {MOST_ROWS}"  # noqa: S608 -- names of the declaration
            found = await connection.execute(statement.encode())
            rows += [(entity, row_id) for (row_id,) in await found.fetchall()]
        return cls(rows)

    async def change(self, connection: AsyncConnection[Any], count: int) -> None:
        """Writes so many events.

        Args:
            connection: inside the caller's transaction.
            count: n >= 1, at most as many as there are rows.
        """
        chosen: dict[str, list[UUID]] = {entity: [] for entity in REACHED}
        for entity, row_id in _CHANCE.sample(self.rows, count):
            chosen[entity].append(row_id)
        standing = {entity: {*ids} for entity, ids in chosen.items()}
        await outbox.write(
            connection,
            {"Person": _NONE, **{entity: Changes(tuple(ids), ()) for entity, ids in chosen.items()}},
            before=standing,
            standing=standing,
            renewed=Renewed({}, frozenset()),
            roles=(),
            now=now(),
        )


async def _write(url: str, count: int) -> None:
    async with await AsyncConnection.connect(conninfo(url), autocommit=True) as connection:
        changing = await Changing.read(connection)
        while True:
            ((head,),) = await (await connection.execute("SELECT head FROM outbox")).fetchall()
            if head >= count:
                return
            for _ in range(20):
                async with connection.transaction():
                    await changing.change(connection, _CHANCE.randint(1, MOST_AT_ONCE))


if __name__ == "__main__":
    try:
        asyncio.run(_write(sys.argv[1], int(sys.argv[2])))
    except psycopg.Error as error:
        raise SystemExit(f"{type(error).__name__}") from None
