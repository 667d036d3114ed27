"""A question that nobody waits for any more ends, and with it its statement on the server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import Request

from schema.errors import QueryError

_LOOKS_AFTER_S: Final = 0.25
"""Most questions are answered before; only for the rest somebody looks whether the client is still there."""


class Abandoned(QueryError):
    """The client has gone before the answer came."""


@asynccontextmanager
async def while_awaited(http: Request, *, looks_after_s: float = _LOOKS_AFTER_S) -> AsyncGenerator[None]:
    """Runs the block, and ends it where the client goes.

    What the block awaits is cancelled then; what must not be ended by a client is shielded from that by whoever runs it.

    Args:
        http: whose body has been read to its end.
        looks_after_s: from when on somebody looks.

    Raises:
        Abandoned: the client has gone.
        CancelledError: somebody else ends the request.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 -- requests are answered in tasks
    looking: asyncio.Task[None] | None = None
    has_gone = False

    async def look() -> None:
        nonlocal has_gone
        while (await http.receive())["type"] != "http.disconnect":
            pass
        has_gone = True
        task.cancel()

    def begin() -> None:
        nonlocal looking
        looking = asyncio.create_task(look(), name="presence")

    timer = asyncio.get_running_loop().call_later(looks_after_s, begin)
    try:
        yield
        if has_gone:
            # The block ended in the same moment; what was meant for it comes here.
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        if not has_gone:
            raise
        task.uncancel()
        raise Abandoned from None
    finally:
        timer.cancel()
        if looking is not None:
            looking.cancel()
