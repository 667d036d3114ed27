"""A client that goes ends its question, and the database stops working for it; what is decided is decided all the same."""

import asyncio
import contextlib
import json
import time

import httpx
import orjson
import psycopg
import pytest
from starlette.requests import Request

from hub.database import conninfo
from hub.graphql import weights
from hub.graphql.presence import Abandoned, Awaited
from hub.limits import Limits
from tests.auth.parties import Clock
from tests.graphql.hub import OFFICER, running
from tests.graphql.officers import PROPOSES, client, enrol_officers
from tests.graphql.test_officers import PROPOSE, proposal

RUNNING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = 'graphql_served' AND state = 'active' AND application_name = %s AND pid <> pg_backend_pid()
"""
QUERY = "{ cases(first: 1) { nodes { id } } }"
COST = weights.OPERATION + weights.LIST + weights.ROW + weights.VALUE
LIMITS = Limits(budget=10 * Limits().cost)
GONE = {"type": "http.disconnect"}


async def _until(condition, seconds=20):
    """Seconds until it holds."""
    began = time.perf_counter()
    while not condition():
        assert time.perf_counter() - began < seconds
        await asyncio.sleep(0.02)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    ("query", "table", "pool"),
    [
        (QUERY, "golden_case", "serve-readers"),
        ("{ sources { agency } }", "drift_task", "serve"),
    ],
    ids=["compiled", "by strawberry"],
)
async def test_a_client_that_goes_has_its_statement_ended_within_a_second(
    served, cluster, query, table, pool
):
    headers = {"Authorization": f"Bearer {served.token('case:read')}"}
    owner = conninfo(cluster.url("hub_owner", "graphql_served"))
    with (
        psycopg.connect(owner) as holder,
        psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as watcher,
    ):

        def count():
            return watcher.execute(RUNNING, (pool,)).fetchone()[0]

        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            asked = asyncio.create_task(
                http.post(f"{served.url}/graphql", json={"query": query}, headers=headers)
            )
            await _until(lambda: count() == 1)
            await asyncio.sleep(0.5)
            asked.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asked
            took = await _until(lambda: count() == 0)
        holder.rollback()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        again = await http.post(f"{served.url}/graphql", json={"query": query}, headers=headers)

    assert took < 1
    assert "errors" not in again.json()
    assert "Abandoned" in served.log
    assert [line for line in served.log.splitlines() if not line.startswith("{")] == []


@pytest.fixture
async def hub(cluster, own_database, key_file):
    async with running(cluster.url("hub_service", own_database), key_file, Clock(), limits=LIMITS) as found:
        yield found


@pytest.fixture
def owner(cluster, own_database):
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as connection:
        yield connection


async def _ask_and_go(hub, token, query, variables=None):
    """Asks, and is gone when the answer comes."""
    messages = [{"type": "http.request", "body": orjson.dumps({"query": query, "variables": variables})}]

    async def receive():
        return messages.pop(0) if messages else GONE

    async def send(message):
        del message

    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("hub.example", 443),
        "client": ("127.0.0.1", 1),
        "scheme": "https",
        "root_path": "",
        "http_version": "1.1",
    }
    await hub.service(scope, receive, send)


def _ledger(owner):
    owner.rollback()
    bodies = owner.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
    return [json.loads(bytes(body)) for (body,) in bodies]


async def test_a_question_whose_client_has_gone_is_paid_for_and_in_the_ledger_it_has_failed(hub, owner):
    token = await hub.token()
    owner.execute("LOCK TABLE golden_case IN ACCESS EXCLUSIVE MODE")

    await asyncio.wait_for(_ask_and_go(hub, token, QUERY), 20)
    told = [(one["kind"], one["outcome"], one["code"], one["subjects"]) for one in _ledger(owner)]
    left = (await hub.ask(QUERY)).json()["extensions"]["cost"]["remaining"]

    assert told == [("query", "failed", "INTERNAL", [])]
    assert left == LIMITS.budget - 2 * COST - weights.OPERATION


async def test_what_is_decided_is_decided_though_nobody_waits_for_it(hub, owner):
    await enrol_officers(hub)
    await client(hub, "newcomer", agency="IMIGRASI")
    token = await hub.person_token(OFFICER, PROPOSES, purpose="subject-request")
    before = await hub.rows("SELECT count(*) FROM access_grant")
    owner.execute("LOCK TABLE access_grant IN EXCLUSIVE MODE")

    asked = asyncio.create_task(_ask_and_go(hub, token, PROPOSE, proposal(hub)))
    await hub.waiting_for_locks(1)
    await asyncio.sleep(0.5)
    owner.rollback()
    await asyncio.wait_for(asked, 20)

    assert await hub.rows("SELECT count(*) FROM access_grant") == [(before[0][0] + 1,)]
    assert [(one["kind"], one["outcome"]) for one in _ledger(owner)] == [("decision", "answered")]


def _request(messages):
    """A request whose body was read, and that hears these messages, one after another, and then nothing."""

    async def receive():
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        return {}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


async def test_what_is_awaited_ends_when_the_client_goes():
    with pytest.raises(Abandoned):
        async with Awaited(_request([GONE]), looks_after_s=0):
            await asyncio.sleep(30)

    assert asyncio.current_task().cancelling() == 0


async def test_what_fails_because_it_was_ended_is_no_other_failure():
    async def statement():
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            raise ConnectionError from None

    with pytest.raises(Abandoned):
        async with Awaited(_request([GONE]), looks_after_s=0):
            await statement()

    assert asyncio.current_task().cancelling() == 0


async def test_who_stays_is_answered():
    async with Awaited(_request([{"type": "http.request"}]), looks_after_s=0):
        await asyncio.sleep(0.05)


async def test_nobody_looks_while_the_answer_comes_soon():
    messages = [GONE]

    async with Awaited(_request(messages), looks_after_s=5):
        await asyncio.sleep(0.01)

    assert messages == [GONE]


@pytest.mark.parametrize("pauses", range(8))
async def test_a_client_that_goes_as_the_answer_comes_ends_nothing_else(pauses):
    with contextlib.suppress(Abandoned):
        async with Awaited(_request([GONE]), looks_after_s=0):
            for _ in range(pauses):
                await asyncio.sleep(0)
    await asyncio.sleep(0.01)

    assert asyncio.current_task().cancelling() == 0


async def test_a_process_that_ends_is_not_taken_for_a_client_that_goes():
    async def answering():
        async with Awaited(_request([]), looks_after_s=0):
            await asyncio.sleep(30)

    task = asyncio.create_task(answering())
    await asyncio.sleep(0.05)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
