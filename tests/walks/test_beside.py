"""The second process of a long pull links while its standard input is open, and ends with who started it."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from hub.cli import context
from hub.ingest.pull import Pulled, pull
from hub.jobs.beside import BACKLOG, Beside
from hub.settings import load
from tests.walks.conftest import ROOT, Station

COMMAND = (sys.executable, "-m", "hub", "link", "--follow")
STARTER = """
import asyncio, sys, time
from hub.ingest.pull import Pulled
from hub.jobs.beside import BACKLOG, Beside

async def start():
    beside = Beside((sys.executable, "-m", "hub", "link", "--follow"), lambda count: None)
    beside.watch(Pulled(agency="POLRI", batch_count=1, record_count=BACKLOG, version_count=BACKLOG,
                        unchanged_count=0, late_count=0, quarantined_count=0))
    print(beside.process_id, flush=True)
    time.sleep(600)

asyncio.run(start())
"""


def pulled(versions: int) -> Pulled:
    return Pulled(
        agency="POLRI",
        batch_count=1,
        record_count=versions,
        version_count=versions,
        unchanged_count=0,
        late_count=0,
        quarantined_count=0,
    )


@pytest.fixture
async def work(station: Station, make_station, monkeypatch):
    """A hub that has read the police and linked nothing yet; child processes find it by the environment."""
    own = make_station()
    own.environment.update(station.environment)
    assert own.hub("key").returncode == 0
    assert own.hub("migrate").returncode == 0
    for name, value in own.settings().items():
        monkeypatch.setenv(name, value)
    settings = load(own.settings())
    async with context.working(settings, context.databases(settings), name="test") as opened:
        await pull(opened.connector("polri"), opened.pool, opened.keyring, opened.clock)
        yield opened


async def waiting(work) -> int:
    async with work.pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM link_queue")
        row = await cursor.fetchone()
    return row[0]


async def test_a_long_pull_is_linked_while_it_goes_on(work):
    told: list[int] = []
    queued = await waiting(work)
    beside = Beside(COMMAND, told.append)

    beside.watch(pulled(BACKLOG))
    deadline = time.monotonic() + 60
    while await waiting(work) and time.monotonic() < deadline:  # noqa: ASYNC110 -- another process does the work
        await asyncio.sleep(0.1)
    await beside.finish()

    assert queued > 0
    assert await waiting(work) == 0
    assert sum(told) == queued


async def test_a_short_pull_starts_no_process(work):
    beside = Beside(COMMAND, lambda _: pytest.fail("nobody links"))
    queued = await waiting(work)

    beside.watch(pulled(BACKLOG - 1))
    await beside.finish()

    assert await waiting(work) == queued


def test_it_ends_when_who_started_it_is_killed(station: Station):
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, env=station.settings(), stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        starter.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 60
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
