"""Entries committed in groups: whoever answers waits for the commit that holds their entry.

While one group is committed the next one gathers, and a small one gathers for some milliseconds more, since a commit costs
the machine the same for one entry as for ten. An entry that comes alone, long after the last, waits for nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import psycopg
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from hub.database import Pool
from hub.ledger.entry import Entry
from schema.errors import AuditUnavailable

GROUP: Final = 200
"""Entries that are committed together at most."""
WORTH_A_COMMIT: Final = 8
"""Entries that are committed at once."""
PACE_S: Final = 0.004
"""Between the beginnings of two groups, where the second is smaller than that."""
MOST_WAITING: Final = 10_000
"""Entries that may wait; more are refused at once, since nobody would wait for so long."""

INSERT: Final = """
INSERT INTO audit.record (era, body)
SELECT present.era, said.body
FROM (SELECT e.era FROM audit.era e
      WHERE e.era = (SELECT max(era) FROM audit.era)
      AND e.system = (SELECT system_identifier FROM pg_control_system())
      AND NOT EXISTS (
          SELECT FROM audit.seal s WHERE s.n = (SELECT max(n) FROM audit.seal)
          AND s.era = e.era AND s.xid_to > pg_snapshot_xmax(pg_current_snapshot()))) AS present,
    unnest(%b::bytea[]) WITH ORDINALITY AS said (body, nth)
WHERE current_setting('synchronous_commit') <> 'off' OR set_config('synchronous_commit', 'on', true) = 'on'
ORDER BY said.nth
"""
"""One statement for a group, in the era that counts this server's transactions; no row where there is none yet.

Every insert asks, so that nobody writes into an era that is over, however long ago they connected. What is acknowledged
must survive the server, so a commit is never asynchronous, whatever the server's default is.
"""

OPEN_ERA: Final = """
INSERT INTO audit.era (era, system)
SELECT coalesce(max(e.era), 0) + 1, (SELECT system_identifier FROM pg_control_system()) FROM audit.era e
ON CONFLICT DO NOTHING
"""
"""The next era. It comes with its first records in one transaction, so there is no era without any."""

_log = structlog.get_logger()


class Ledger:
    """The ledger for those who answer. One for each process; `async with` it.

    Args:
        pool: as the service's role, and for the ledger alone: from a pool that it shares, it could wait for a connection
            of those who wait for it.
        timeout_s: after which an entry that is not committed is given up, and with it its answer.
    """

    def __init__(self, pool: Pool, *, timeout_s: float = 5.0) -> None:
        self._pool = pool
        self._timeout_s = timeout_s
        self._waiting: deque[tuple[bytes, asyncio.Future[bool]]] = deque()
        self._wake = asyncio.Event()
        self._is_closed = True
        self._task: asyncio.Task[None] | None = None
        self._fails = False
        self._began = -PACE_S

    async def __aenter__(self) -> Self:
        self._is_closed = False
        self._task = asyncio.create_task(self._write_groups(), name="ledger")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def record(self, entry: Entry | bytes) -> None:
        """Returns after the commit that holds the entry.

        Args:
            entry: or its body.

        Raises:
            AuditUnavailable: it was not committed in time or at all, so nothing may be answered. Where the connection
                broke in between it may stand in the ledger all the same: it then says more was read than was.
        """
        if self._is_closed or len(self._waiting) >= MOST_WAITING:
            raise AuditUnavailable
        body = entry if isinstance(entry, bytes) else entry.body()
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, written))
        self._wake.set()
        try:
            async with asyncio.timeout(self._timeout_s):
                is_committed = await written
        except TimeoutError:
            is_committed = False
        if not is_committed:
            raise AuditUnavailable

    async def _write_groups(self) -> None:
        while group := await self._next_group():
            self._began = time.monotonic()
            is_committed = await self._is_written([body for body, _ in group])
            for _, written in group:
                if not written.done():
                    written.set_result(is_committed)

    async def _is_written(self, bodies: Sequence[bytes]) -> bool:
        """True once the group is committed; operators are told when it cannot be, and when it can again."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._write(bodies)
        except Exception as error:  # noqa: BLE001 -- whatever it was, nobody of the group may answer
            if not self._fails:
                _log.error("ledger.failed", error=type(error).__name__, record_count=len(bodies))
            self._fails = True
            return False
        if self._fails:
            _log.info("ledger.resumed", record_count=len(bodies))
        self._fails = False
        return True

    async def _next_group(self) -> list[tuple[bytes, asyncio.Future[bool]]]:
        """What waits by now; nothing once the ledger is closed and nothing waits any more."""
        while True:
            if 0 < len(self._waiting) < WORTH_A_COMMIT:
                await asyncio.sleep(self._began + PACE_S - time.monotonic())
            group: list[tuple[bytes, asyncio.Future[bool]]] = []
            while self._waiting and len(group) < GROUP:
                one = self._waiting.popleft()
                # Who has left answers nothing, and the ledger may not say that they did.
                if not one[1].done():
                    group.append(one)
            if group or self._is_closed:
                return group
            self._wake.clear()
            await self._wake.wait()

    async def _write(self, bodies: Sequence[bytes]) -> None:
        async with self._pool.connection() as connection:
            if await _insert(connection, bodies):
                return
            async with connection.transaction():
                await connection.execute(OPEN_ERA)
                if not await _insert(connection, bodies):
                    raise AuditUnavailable


async def _insert(connection: psycopg.AsyncConnection[Any], bodies: Sequence[bytes]) -> bool:
    """True if they are in; in autocommit they are committed then."""
    cursor = await connection.execute(INSERT, (bodies,), prepare=True)
    return cursor.rowcount == len(bodies)


def insert(connection: Connection, entry: Entry) -> None:
    """The entry of a decision, in the transaction of the decision: both stand, or neither.

    Args:
        connection: of the service's role, in a transaction.
        entry: of the decision.

    Raises:
        AuditUnavailable: it cannot be written; the transaction must not be committed.
    """
    try:
        for opening in (False, True):
            if opening:
                connection.exec_driver_sql(OPEN_ERA)
            if connection.exec_driver_sql(INSERT, ([entry.body()],)).rowcount == 1:
                return
    except SQLAlchemyError:
        raise AuditUnavailable from None
    raise AuditUnavailable
