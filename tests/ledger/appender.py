"""A writer in a process of its own, as `python -m tests.ledger.appender URL`: prints each entry once it is acknowledged."""

import asyncio
import sys

from hub import database
from hub.ledger.writer import Ledger

NAME = "appender that will be killed"
CALLERS = 8


async def main(url: str) -> None:
    """Appends until it is killed."""
    async with database.open_pool(url, size=2, name=NAME) as pool, Ledger(pool) as ledger:

        async def call(caller: int) -> None:
            for number in range(1_000_000):
                await ledger.record(b"%d.%d" % (caller, number))
                sys.stdout.write(f"{caller}.{number}\n")
                sys.stdout.flush()

        await asyncio.gather(*(call(caller) for caller in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
