"""A client that goes ends its question, and the database stops working for it; what is decided is decided all the same."""

import asyncio
import contextlib

import httpx
import psycopg
import pytest
from starlette.requests import Request

from hub.database import conninfo
from hub.graphql.presence import Abandoned, while_awaited

RUNNING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = 'graphql_served' AND state = 'active' AND application_name = 'serve-readers'
"""
QUERY = {"query": "{ cases(first: 1) { nodes { id } } }"}


async def _until(condition, seconds=20):
    for _ in range(int(seconds / 0.05)):
        if condition():
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_client_that_goes_has_its_statement_cancelled(served, cluster):
    headers = {"Authorization": f"Bearer {served.token('case:read')}"}
    owner = conninfo(cluster.url("hub_owner", "graphql_served"))
    with (
        psycopg.connect(owner) as holder,
        psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as watcher,
    ):

        def count():
            return watcher.execute(RUNNING).fetchone()[0]

        holder.execute("LOCK TABLE golden_case IN ACCESS EXCLUSIVE MODE")
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            asked = asyncio.create_task(client.post(f"{served.url}/graphql", json=QUERY, headers=headers))
            began = await _until(lambda: count() == 1)
            asked.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asked
        stopped = await _until(lambda: count() == 0)
        holder.rollback()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        answer = (await client.post(f"{served.url}/graphql", json=QUERY, headers=headers)).json()

    assert (began, stopped) == (True, True)
    assert len(answer["data"]["cases"]["nodes"]) == 1
    assert await _until(lambda: "Abandoned" in served.log)


def _request(messages):
    """A request whose body was read, and that hears these messages, one after another, and then nothing."""

    async def receive():
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        return {}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


GONE = {"type": "http.disconnect"}


async def test_what_is_awaited_ends_when_the_client_goes():
    with pytest.raises(Abandoned):
        async with while_awaited(_request([GONE]), looks_after_s=0):
            await asyncio.sleep(30)

    assert asyncio.current_task().cancelling() == 0


async def test_who_stays_is_answered():
    async with while_awaited(_request([]), looks_after_s=0):
        await asyncio.sleep(0.05)


async def test_nobody_looks_while_the_answer_comes_soon():
    messages = [GONE]

    async with while_awaited(_request(messages), looks_after_s=5):
        await asyncio.sleep(0.01)

    assert messages == [GONE]


async def test_a_client_that_goes_as_the_answer_comes_ends_nothing_else():
    for pauses in range(6):
        with contextlib.suppress(Abandoned):
            async with while_awaited(_request([GONE]), looks_after_s=0):
                for _ in range(pauses):
                    await asyncio.sleep(0)
        await asyncio.sleep(0.01)

    assert asyncio.current_task().cancelling() == 0


async def test_a_process_that_ends_is_not_taken_for_a_client_that_goes():
    async def answering():
        async with while_awaited(_request([]), looks_after_s=0):
            await asyncio.sleep(30)

    task = asyncio.create_task(answering())
    await asyncio.sleep(0.05)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_shielded_goes_on_after_the_client():
    done = asyncio.Event()

    async def deciding():
        await asyncio.sleep(0.1)
        done.set()

    with pytest.raises(Abandoned):
        async with while_awaited(_request([GONE]), looks_after_s=0):
            await asyncio.shield(deciding())
    await asyncio.wait_for(done.wait(), 5)
