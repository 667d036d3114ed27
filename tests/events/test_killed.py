"""Writers, the sender and the server are killed at any moment and started again: each way tells all events, in each row's order."""

import asyncio
import os
import random
import sys
import time

import psycopg
import pytest

from hub import database as hub_database
from hub.clock import now
from hub.database import conninfo
from hub.events import hooks
from hub.events.hooks import Hook
from hub.graphql.told import TYPES
from tests.auth.parties import PRIVATE
from tests.events.hub_of_hooks import SCOPES, register
from tests.events.killing import Followers, Programs, out_of_order
from tests.events.receiver import receiving
from tests.graphql.serving import free_port

KILLS = 12
CATCH_UP_S = 120.0


@pytest.fixture
def own(cluster, template):
    name = "events_killed"
    cluster.create_database(name, template=template)
    yield cluster.url("hub_service", name)
    cluster.drop_database(name)


@pytest.fixture
async def hooked(own):
    """An endpoint of a client that follows everything, and a connection to the database."""
    engine = hub_database.open_engine(own, size=1, name="test")
    async with receiving() as receiver:
        hook = Hook(client_id="system", url=receiver.url, purpose="protection", scopes=SCOPES, types=TYPES)
        async with engine.begin() as bound:
            await bound.run_sync(register, now, "system")
            await bound.run_sync(hooks.add, hook, loopback=True, now=now())
        await engine.dispose()
        async with await psycopg.AsyncConnection.connect(conninfo(own), autocommit=True) as connection:
            await connection.execute("UPDATE client SET bearer_allowed = true")
            yield receiver, connection


@pytest.fixture
async def programs(own, key_file, tmp_path):
    """Two writers, a server and a sender, none of which runs yet; what runs at the end is killed."""
    port = free_port()
    python = [sys.executable, "-m"]
    found = Programs(
        {
            "first writer": [*python, "tests.events.writer", own, str(key_file), "a"],
            "second writer": [*python, "tests.events.writer", own, str(key_file), "b"],
            "server": [*python, "hub", "serve"],
            "sender": [*python, "hub", "worker"],
        },
        {
            **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
            "HUB_DATABASE_URL": own,
            "HUB_KEY_FILE": str(key_file),
            "HUB_PORT": str(port),
            "HUB_VAR": str(tmp_path / "var"),
            "HUB_DEMO_BEARER": "true",
            "HUB_QUERY_BUDGET": "0",
            "HUB_PULL_INTERVAL_S": "3600",
        },
        tmp_path / "log",
    )
    yield found
    for name in list(found.running):
        await found.kill(name)


@pytest.fixture
async def followers(programs):
    """One that pulls and one that subscribes, under way."""
    url = f"http://127.0.0.1:{programs.environment['HUB_PORT']}"
    found = Followers(url, "system", PRIVATE["ed25519"], sorted(SCOPES), "protection", first=7)
    tasks = [asyncio.create_task(found.pull()), asyncio.create_task(found.subscribe())]
    yield found
    for task in tasks:
        assert not task.done(), task.exception()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def disturb(programs: Programs, connection: psycopg.AsyncConnection, kills: int) -> None:
    """One after the other is killed and started again, at any moment after something more was written."""
    chance, seen = random.Random(), 0  # noqa: S311 -- nothing secret depends on it
    for _ in range(kills):
        async with asyncio.timeout(60):
            seen = await _head(connection, seen + 5)
        await asyncio.sleep(chance.uniform(0, 1.5))
        name = chance.choice(list(programs.commands))
        await programs.kill(name)
        if name == "sender":
            # A minute passes at once: whoever held the endpoints is dead.
            await connection.execute("UPDATE webhook SET leased_until = now() WHERE leased_until IS NOT NULL")
        await programs.start(name)


async def until_gone(connection: psycopg.AsyncConnection, name: str) -> None:
    """Returns once the server works for nobody of that name."""
    query = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s"
    while await (await connection.execute(query, (name,))).fetchall():  # noqa: ASYNC110 -- the server tells nobody
        await asyncio.sleep(0.05)


async def _head(connection: psycopg.AsyncConnection, least: int) -> int:
    """Position of the newest event, once it is so high."""
    while True:
        ((head,),) = await (await connection.execute("SELECT head FROM outbox")).fetchall()
        if head >= least:
            return head
        await asyncio.sleep(0.05)


@pytest.mark.timeout(420)
async def test_nothing_is_lost_and_each_row_keeps_its_order(hooked, programs, followers):
    receiver, connection = hooked
    for name in programs.commands:
        await programs.start(name)

    await disturb(programs, connection, KILLS)
    await programs.kill("first writer")
    await programs.kill("second writer")
    # What a writer had sent before it was killed may still be committed.
    await until_gone(connection, "writer")
    until = time.monotonic() + CATCH_UP_S
    while True:
        await asyncio.sleep(0.2)
        taken = [(one["id"], one["data"]["row"]) for one in receiver.taken]
        told = {way: list(followers.seen[way]) for way in ("pull", "subscription")} | {"webhook": taken}
        # After what was told: the worker links what the writers have left, and that makes events too.
        rows = await (await connection.execute("SELECT event_id::text, position FROM event")).fetchall()
        places = dict(rows)
        lost = {way: len(places.keys() - {event for event, _ in events}) for way, events in told.items()}
        if not any(lost.values()) or time.monotonic() > until:
            break

    assert lost == dict.fromkeys(told, 0), programs.log.read_text()[-2000:]
    assert {way: out_of_order(events, places) for way, events in told.items()} == dict.fromkeys(told, 0)
    for way in ("pull", "subscription"):
        assert [places[event] for event, _ in told[way]] == sorted(places.values())
    assert len(places) > 50
