"""A process that writes changes of a few victims without end: `python -m tests.events.writer DATABASE_URL KEY_FILE NAME`."""

import asyncio
import random
import sys
from pathlib import Path

from psycopg.errors import DeadlockDetected, SerializationFailure

from hub import database
from hub.clock import now
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from hub.ingest.batch import Superseded
from tests.conftest import AGENCIES
from tests.ingest.store import Store, case, gone, person

VICTIMS = 6


async def write(url: str, key_file: Path, name: str) -> None:
    """One transaction after the other: a word on some victims, now and then that one is no more."""
    chance = random.Random()  # noqa: S311 -- nothing secret depends on it
    async with database.open_pool(url, size=1, name="writer") as pool, pool.connection() as connection:
        keyring = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, now())
        store = Store(connection, keyring)
        while True:
            time = 1 + await store.value("SELECT count(*) FROM source_record")
            records = [case(f"{name}-k", time=time)]
            for number in chance.sample(range(VICTIMS), chance.randint(1, 3)):
                said = person(
                    f"{name}-{number}", victim_in=f"{name}-k", time=time, victim={"sector": f"{time}"}
                )
                records.append(gone(said, time=time) if chance.random() < 0.2 else said)
            try:
                await store.say(*records)
            except (Superseded, DeadlockDetected, SerializationFailure):
                continue  # another writer was first


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
