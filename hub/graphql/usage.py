"""Which operations each client sends and what of the schema those use, by day: counted here, written every few seconds.

Nothing of it is on the way of an answer. What a process has counted since it last wrote is lost when it is killed: five
seconds at most while the database answers, and the ledger has every operation all the same.

No value is kept: a document is its hash, and one that holds texts has none, since a short text is found by hashing guesses.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

import structlog
from graphql import GraphQLSchema, OperationDefinitionNode
from psycopg import AsyncConnection, Error
from psycopg_pool import PoolTimeout

from hub.clock import Clock
from hub.database import Pool
from hub.graphql.coordinates import coordinates_of
from hub.graphql.documents import Document

KEPT: Final = timedelta(days=400)
"""A day of usage is deleted after this; a client that asks once a year is still known."""
MOST_OPERATIONS: Final = 200
"""Documents of one client on one day in one process that are told apart; further ones are counted together."""
_EVERY_S: Final = 5.0
_NUMBER: Final = re.compile(r"\d{4}")
_LONGEST_NAME: Final = 100
_log = structlog.get_logger()

_Operation: TypeAlias = tuple[str, bytes, str]
"""client_id, hash of the document, name of the operation."""

_COUNT: Final = b"""
    INSERT INTO operation_usage (client_id, document_hash, operation, day, count)
    SELECT * FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::date[], %s::bigint[])
    ON CONFLICT (client_id, document_hash, operation, day)
    DO UPDATE SET count = operation_usage.count + excluded.count
"""
_USE: Final = b"""
    INSERT INTO coordinate_usage (client_id, document_hash, operation, coordinate, last_day)
    SELECT * FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::text[], %s::date[])
    ON CONFLICT (client_id, document_hash, operation, coordinate)
    DO UPDATE SET last_day = greatest(coordinate_usage.last_day, excluded.last_day)
"""


class Usage:
    """What this process has counted and not written yet. One for each process.

    Args:
        schema: ours.
        clock: gives the present.
    """

    def __init__(self, schema: GraphQLSchema, clock: Clock) -> None:
        self._schema = schema
        self._clock = clock
        self._day = clock().date()
        self._known: dict[str, dict[_Operation, set[str]]] = {}
        self._counted: Counter[tuple[_Operation, date]] = Counter()
        self._used: dict[tuple[_Operation, str], date] = {}
        self._tidied: date | None = None

    def note(
        self, client_id: str, document: Document, operation: OperationDefinitionNode, argued: frozenset[str]
    ) -> None:
        """Counts an answer.

        Args:
            client_id: who was answered.
            document: what was sent.
            operation: of it, that ran.
            argued: what its variables use beyond its text.
        """
        today = self._clock().date()
        if today != self._day:
            self._day, self._known = today, {}
        known = self._known.setdefault(client_id, {})
        key = (
            (client_id, document.digest, _name(operation))
            if document.holds_no_value
            else (client_id, b"", "")
        )
        if key not in known and len(known) >= MOST_OPERATIONS:
            key = (client_id, b"", "")
        seen = known.get(key)
        self._counted[key, today] += 1
        if seen is None or not key[1]:
            argued |= coordinates_of(self._schema, document.node)
        if seen is None:
            seen = known[key] = set()
        elif seen.issuperset(argued):
            return
        self._used |= {(key, one): today for one in argued - seen}
        seen |= argued

    async def write(self, pool: Pool) -> None:
        """Writes what was counted, in one transaction; where that fails all of it waits for the next time.

        Args:
            pool: to the hub's database as the service's role.

        Raises:
            psycopg.Error: the database refuses or does not answer.
        """
        counted, used = self._counted, self._used
        if not counted and self._tidied == self._day:
            return
        self._counted, self._used = Counter(), {}
        try:
            async with pool.connection() as connection, connection.transaction():
                # In one order everywhere, so that two replicas wait for each other and never both.
                await _insert(connection, _COUNT, sorted((*key, day, n) for (key, day), n in counted.items()))
                await _insert(connection, _USE, sorted((*key, one, day) for (key, one), day in used.items()))
                if self._tidied != self._day:
                    await _tidy(connection, self._day - KEPT)
            self._tidied = self._day
        except BaseException:
            self._counted.update(counted)
            self._used = used | self._used
            raise


def _name(operation: OperationDefinitionNode) -> str:
    """The operation's name; none where it is long or has a number that could be somebody's."""
    name = operation.name.value if operation.name else ""
    return "" if len(name) > _LONGEST_NAME or _NUMBER.search(name) else name


async def _insert(
    connection: AsyncConnection[Any], statement: bytes, rows: Iterable[tuple[Any, ...]]
) -> None:
    columns = list(zip(*rows, strict=True))
    if columns:
        await connection.execute(statement, [list(column) for column in columns])


async def _tidy(connection: AsyncConnection[Any], before: date) -> None:
    await connection.execute("DELETE FROM operation_usage WHERE day < %s", (before,))
    await connection.execute("DELETE FROM coordinate_usage WHERE last_day < %s", (before,))


@asynccontextmanager
async def written(usage: Usage, pool: Pool, *, every_s: float = _EVERY_S) -> AsyncGenerator[None]:
    """Writes while the block runs, and once at its end.

    Args:
        usage: of the process.
        pool: to the hub's database as the service's role.
        every_s: between two times.
    """

    async def again() -> None:
        while True:
            await asyncio.sleep(every_s)
            await _written(usage, pool)

    writing = asyncio.create_task(again(), name="usage")
    try:
        yield
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await _written(usage, pool)


async def _written(usage: Usage, pool: Pool) -> None:
    try:
        await usage.write(pool)
    except (Error, PoolTimeout, OSError) as error:
        # What was counted waits; whoever answers tells of the database being gone.
        _log.warning("usage.failed", error=type(error).__name__)
