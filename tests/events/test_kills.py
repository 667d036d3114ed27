"""A writer and a sender that are killed again and again lose no event and mix up no row's order."""

import asyncio
import random
import subprocess
import sys
from collections import defaultdict

import pytest

from hub import database as hub_database
from hub.clock import now
from hub.events import hooks
from hub.events.hooks import Hook
from hub.graphql.told import TYPES
from schema.entities import entities
from tests.events.hub_of_hooks import SCOPES, Clock, register
from tests.events.receiver import receiving
from tests.house import ROOT

KILLS = 4


def start(what: str, database, key_file, *more: str) -> "subprocess.Popen[bytes]":
    command = [
        sys.executable,
        "-m",
        "tests.events.victims_of_kills",
        what,
        database.service_url,
        str(key_file),
        *more,
    ]
    return subprocess.Popen(command, cwd=ROOT)


@pytest.mark.timeout(600)
async def test_kills_lose_no_event_and_mix_up_no_order(database, store, key_file):
    chance = random.Random(7)  # noqa: S311 -- moments of kills, the same in every run
    engine = hub_database.open_engine(database.service_url, size=1, name="test")
    async with receiving() as receiver:
        async with engine.begin() as connection:
            await connection.run_sync(register, Clock(now()))
            hook = Hook(
                client_id="system", url=receiver.url, purpose="protection", scopes=SCOPES, types=TYPES
            )
            await connection.run_sync(hooks.add, hook, loopback=True, now=now())
        for number in range(KILLS):
            processes = [
                start("writer", database, key_file, str(number * 50)),
                start("sender", database, key_file),
            ]
            await past(store, await store.value("SELECT head FROM outbox") + chance.randint(1, 12))
            await asyncio.sleep(chance.uniform(0, 0.3))
            for process in processes:
                process.kill()
                process.wait()
            await store.rows("UPDATE webhook SET leased_until = NULL RETURNING 1")
        sender = start("sender", database, key_file)
        try:
            async with asyncio.timeout(240):
                while await left(store):  # noqa: ASYNC110 -- other processes do the work
                    await asyncio.sleep(0.2)
        finally:
            sender.kill()
            sender.wait()
    await engine.dispose()
    events = await store.rows("SELECT event_id, row_id, position FROM event ORDER BY position")
    wanted, got = defaultdict(list), defaultdict(list)
    for event_id, row_id, _ in events:
        wanted[str(row_id)].append(str(event_id))
    for one in receiver.taken:
        if one["id"] not in got[one["data"]["row"]]:
            got[one["data"]["row"]].append(one["id"])

    assert got == wanted
    assert [position for *_, position in events] == list(
        range(1, await store.value("SELECT head FROM outbox") + 1)
    )
    assert {*wanted} >= {
        str(row[0])
        for entity in ("Case", "Victim")
        for row in await store.rows(f"SELECT {entities()[entity].key} FROM {entities()[entity].table}")  # noqa: S608 -- names of the declaration
    }
    assert len(events) > 2 * KILLS


async def past(store, position: int) -> None:
    """Returns once so many events were written."""
    async with asyncio.timeout(120):
        while await store.value("SELECT head FROM outbox") < position:  # noqa: ASYNC110 -- another process writes
            await asyncio.sleep(0.01)


async def left(store) -> bool:
    return await store.value(
        "SELECT EXISTS (SELECT FROM webhook_delivery) OR (SELECT min(position) FROM webhook) < (SELECT head FROM outbox)"
    )
