"""A question that nobody waits for any more ends, and with it its statement on the server.

Most questions are answered before anybody looks, so they pay for a timer and for nothing else.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import ClassVar, Final, Self

from starlette.requests import Request

from schema.errors import QueryError

_LOOKS_AFTER_S: Final = 0.25


class Abandoned(QueryError):
    """The client has gone before the answer came."""

    code: ClassVar[str] = "INTERNAL"
    """In the ledger it has failed: nobody refused it, and nothing of it was shown."""


class Awaited:
    """`async with` it: the block ends where the client goes, and what it awaits is cancelled. Good for one block.

    Args:
        http: whose body has been read to its end before the block begins.
        looks_after_s: from when on somebody looks whether the client is still there.
    """

    __slots__ = ("_has_gone", "_http", "_looking", "_looks_after_s", "_task", "_timer")

    def __init__(self, http: Request, *, looks_after_s: float = _LOOKS_AFTER_S) -> None:
        self._http = http
        self._looks_after_s = looks_after_s
        self._has_gone = False
        self._looking: asyncio.Task[None] | None = None
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(self._looks_after_s, self._begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the looking.

        Raises:
            Abandoned: the client has gone, whether or not the block was done at the same moment.
            CancelledError: somebody else has ended the request.
        """
        assert self._timer is not None and self._task is not None  # noqa: S101, PT018 -- the block has begun, in a task
        self._timer.cancel()
        if self._looking is None:
            return
        self._looking.cancel()
        if not self._has_gone:
            return
        if not isinstance(error, asyncio.CancelledError):
            # What was meant for the block comes here, since the block was over.
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)
        self._task.uncancel()
        raise Abandoned from None

    def _begin(self) -> None:
        self._looking = asyncio.create_task(self._look(), name="presence")

    async def _look(self) -> None:
        while (await self._http.receive())["type"] != "http.disconnect":
            pass
        self._has_gone = True
        assert self._task is not None  # noqa: S101 -- the block has begun
        self._task.cancel()
