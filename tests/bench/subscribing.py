"""`python -m tests.bench.subscribing URL TOKEN_FILE COUNT`: so many subscribers in a process of their own.

Says `ready` once all have come to the end of what there is; from then on, for each event that one of them gets, its id and the moment
by the machine's monotonic clock.
"""

import asyncio
import sys
import time
from pathlib import Path

from tests.graphql.subscribers import connected


async def _follow(url: str, token: str, ready: asyncio.Barrier) -> None:
    async with connected(url, token=token) as one:
        await one.subscribe()
        await one.catch_up()
        await ready.wait()
        while True:
            message = await one.message(300)
            moment = time.monotonic()
            events = message["payload"]["data"]["events"]["events"]
            sys.stdout.write("".join(f"{event['id']} {moment}\n" for event in events))
            sys.stdout.flush()


async def _run(url: str, token: str, count: int) -> None:
    ready = asyncio.Barrier(count + 1)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(_follow(url, token, ready))
        await ready.wait()
        sys.stdout.write("ready\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], Path(sys.argv[2]).read_text(), int(sys.argv[3])))
