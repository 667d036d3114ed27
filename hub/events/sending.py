"""The sender as a process runs it: woken by commits, outliving what goes wrong."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from psycopg import Error
from psycopg_pool import PoolTimeout

from auth.egress import is_loopback_url
from hub import database
from hub.clock import Clock
from hub.database import Pool
from hub.events.sender import Sender
from hub.graphql.feed import Feed
from hub.graphql.permits import Permits
from hub.graphql.waking import Waking
from hub.identity.keyring import Keyring
from hub.ledger.writer import Ledger
from schema.errors import HubError

_AGAIN_S: Final = 1.0
_READERS: Final = 4
_log = structlog.get_logger()


@asynccontextmanager
async def sending(
    url: str, pool: Pool, keyring: Keyring, clock: Clock, *, source: str
) -> AsyncGenerator[None]:
    """Sends to endpoints while the block runs.

    Args:
        url: of the database, as the service's role.
        pool: to the same.
        keyring: opens the keys that sign.
        clock: gives the present.
        source: URL by which clients know the hub; where it is of this machine, endpoints may be too.
    """
    async with (
        database.open_pool(url, size=_READERS, name="sender-readers", role="hub_reader") as readers,
        database.open_pool(url, size=1, name="sender-ledger") as recording,
        Ledger(recording) as ledger,
        Waking(url) as waking,
    ):
        sender = Sender(
            pool=pool,
            feed=Feed(readers, Permits(clock), keyring),
            ledger=ledger,
            keyring=keyring,
            clock=clock,
            source=source,
            loopback=is_loopback_url(source),
        )
        ended = asyncio.Event()
        task = asyncio.create_task(run(sender, waking, ended), name="sender")
        try:
            yield
        finally:
            ended.set()
            await task


async def run(sender: Sender, waking: Waking, ended: asyncio.Event) -> None:
    """Sends what is due, again and again, until told to end; what is under way is finished first.

    Args:
        sender: of the process.
        waking: tells of commits.
        ended: set by who tells it to end.
    """
    fails = False
    while not ended.is_set():
        heard = waking.next()
        try:
            is_worked = await sender.step()
        except (HubError, Error, PoolTimeout, OSError) as error:
            if not fails:
                _log.error("sender.failed", error=type(error).__name__)
            fails, is_worked = True, False
            await asyncio.sleep(_AGAIN_S)
        else:
            fails = False
        if not is_worked:
            await waking.wait(heard)
