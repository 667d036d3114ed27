"""Processes that a test kills: `python -m tests.events.victims_of_kills sender|writer URL KEY_FILE [FROM]`."""

import asyncio
import sys
from pathlib import Path

from hub import database
from hub.clock import now
from hub.events.sending import sending
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from hub.ingest.batch import Superseded
from tests.conftest import AGENCIES
from tests.events.hub_of_hooks import SOURCE
from tests.ingest.store import Store, case, person

ROUNDS = 400


async def send(url: str, keyring: Keyring, pool: database.Pool) -> None:
    """Sends until it is killed."""
    async with sending(url, pool, keyring, now, source=SOURCE):
        await asyncio.Event().wait()


async def write(keyring: Keyring, pool: database.Pool, first: int) -> None:
    """Says something new of three victims again and again, each round a batch and its linkage."""
    async with pool.connection() as connection:
        store = Store(connection, keyring)
        for number in range(first, ROUNDS):
            records = [
                person(f"v{who}", victim_in="k", time=number, victim={"sector": f"{number}"})
                for who in range(3)
            ]
            try:
                await store.say(case("k"), *records)
            except Superseded:
                continue


async def main(what: str, url: str, key_file: Path, first: int) -> None:
    kms = KeyFile.read(key_file)
    async with database.open_pool(url, size=3, name="killed") as pool:
        async with pool.connection() as connection:
            keyring = await Keyring.load(connection, kms, AGENCIES, now())
        await (send(url, keyring, pool) if what == "sender" else write(keyring, pool, first))


if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    )
