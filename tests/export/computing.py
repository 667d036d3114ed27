"""Computes exports until the process is ended, part by small part."""

import asyncio
from dataclasses import replace
from pathlib import Path

from hub import clock, database
from hub.export import keeping
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from tests.graphql.hub import AGENCIES


def compute(url: str, key_file: Path, part_rows: int) -> None:
    """Never returns."""
    asyncio.run(_compute(url, key_file, part_rows))


async def _compute(url: str, key_file: Path, part_rows: int) -> None:
    async with database.open_pool(url, size=2, name="computing") as pool:
        async with pool.connection() as connection:
            keyring = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, clock.now())
        async with keeping.opened(url, pool, keyring, clock.now) as workshop:
            small = replace(workshop, part_rows=part_rows, batch=2, lease_s=1)
            await keeping.keep(small, asyncio.Event(), poll_s=0.05)
