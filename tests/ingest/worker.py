"""A worker in a process of its own: writes one batch, as `python -m tests.ingest.worker URL KEY_FILE`."""

import asyncio
import sys
from pathlib import Path

from hub import database
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from schema.record import Record
from tests.ingest.store import START, Store, case, person

NAME = "worker that will be killed"
BEFORE: tuple[Record, ...] = (person("o0", victim_in="k"),)
BATCH: tuple[Record, ...] = (
    person("o0", victim_in="k", victim={"status": "IDENTIFIED"}, time=1),
    *(person(f"o{number}", victim_in="k", nik=f"990101410790{number:04}") for number in range(1, 300)),
    case("k"),
)


async def main(url: str, key_file: Path) -> None:
    """Writes the batch that the checkpoint is waiting for."""
    kms = KeyFile.read(key_file)
    async with database.open_pool(url, size=1, name=NAME) as pool, pool.connection() as connection:
        keyring = await Keyring.load(connection, kms, ("POLRI",), START)
        await Store(connection, keyring).write(BATCH, cursor={"halaman": 2})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
