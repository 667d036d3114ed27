"""Waits for the next commit with events: told by the database, and asked for anyway now and then.

What is heard is a hint; reading is the truth. A connection that breaks costs nothing but the time between two looks.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from psycopg import AsyncConnection, sql

from hub.database import conninfo
from schema.tables.events import CHANNEL

LOOKS_EVERY_S: Final = 1.0
_AGAIN_S: Final = 1.0
_CHECK_S: Final = 30.0


class Waking:
    """One listening connection for all who wait in a process; `async with` it.

    Args:
        url: of the database, as the service's role; not by way of a pooler of transactions, which hears nothing.
    """

    def __init__(self, url: str) -> None:
        self._conninfo = conninfo(url)
        self._next = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen(), name="waking")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def next(self) -> asyncio.Event:
        """Set at the next commit with events; ask for it before looking, so that none falls in between."""
        return self._next

    @staticmethod
    async def wait(heard: asyncio.Event, timeout_s: float = LOOKS_EVERY_S) -> None:
        """Returns once it is heard, and after a while anyway."""
        with suppress(TimeoutError):
            await asyncio.wait_for(heard.wait(), timeout_s)

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.Error, OSError):
                async with await self._connected() as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._wake()  # of what was committed while nobody listened
                    while True:
                        async for _ in connection.notifies(timeout=_CHECK_S, stop_after=1):
                            self._wake()
                        await connection.execute("SELECT 1")
            await asyncio.sleep(_AGAIN_S)

    async def _connected(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(self._conninfo, autocommit=True, application_name="waking")

    def _wake(self) -> None:
        heard, self._next = self._next, asyncio.Event()
        heard.set()
