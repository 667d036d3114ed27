"""When something breaks, the caller learns that it did and whether to come again, and nothing else."""

import asyncio
import contextlib
import re
import time

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from hub.database import conninfo
from hub.embedded.cluster import SUPERUSER
from tests.auth.parties import Clock
from tests.graphql.hub import GRAPHQL, running

READER = "-c role=hub_reader"
CASES = "{ cases { totalCount nodes { modus } } }"


def _pool(url, *, size=2, options=""):
    """As the service's, but less patient, so that a test need not wait."""
    return AsyncConnectionPool(
        conninfo(url),
        min_size=1,
        max_size=size,
        open=False,
        timeout=0.5,
        reconnect_timeout=0.2,
        kwargs={"autocommit": True, "options": f"-c timezone=UTC {options}"},
    )


def _masked(response, status):
    """The error of a failure, after it was found to tell nothing."""
    assert response.status_code == status, response.text
    answer = response.json()
    (error,) = answer["errors"]
    assert answer == {
        "errors": [
            {
                "message": "The hub could not answer; give the operator this request's id.",
                "extensions": {"code": "INTERNAL", "requestId": error["extensions"]["requestId"]},
            }
        ]
    }
    assert re.fullmatch(r"[0-9a-f]{16}", error["extensions"]["requestId"])
    return response


@contextlib.asynccontextmanager
async def _as_owner(cluster, name):
    async with await psycopg.AsyncConnection.connect(
        conninfo(cluster.url("hub_owner", name)), autocommit=True
    ) as connection:
        yield connection


@contextlib.asynccontextmanager
async def _as_superuser(cluster):
    async with await psycopg.AsyncConnection.connect(
        cluster.conninfo(SUPERUSER, "postgres"), autocommit=True
    ) as connection:
        yield connection


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
async def test_an_error_that_nobody_foresaw_is_500_with_the_requests_id_and_no_detail(
    own_hub, own_database, cluster, accept
):
    async with _as_owner(cluster, own_database) as owner:
        await owner.execute("ALTER TABLE golden_case RENAME COLUMN modus TO kenanga")

    response = _masked(await own_hub.ask(CASES, accept=accept), 500)

    assert "kenanga" not in response.text
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert "Retry-After" not in response.headers


async def test_one_failing_field_beside_rows_is_masked_as_well(own_hub, own_database, cluster):
    async with _as_owner(cluster, own_database) as owner:
        await owner.execute("ALTER TABLE drift_task RENAME TO kenanga")

    response = await own_hub.ask("{ cases { totalCount } sources { agency } }")

    (error,) = response.json()["errors"]
    assert error["path"] == ["sources"]
    assert error["extensions"].keys() == {"code", "requestId"}
    assert response.json()["data"] is None
    assert "drift" not in response.text


async def test_without_the_database_it_is_503_and_with_it_again_all_is_well(cluster, own_database, key_file):
    url = cluster.url("hub_service", own_database)
    async with running(url, key_file, Clock(), pool=_pool(url), readers=_pool(url, options=READER)) as hub:
        before = await hub.data(CASES)
        token = await hub.token()
        async with _as_superuser(cluster) as owner:
            await owner.execute(f"ALTER DATABASE {own_database} ALLOW_CONNECTIONS false")
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (own_database,),
            )
            try:
                gone = [await hub.ask(CASES) for _ in range(3)]
                hub.clock.forward(seconds=61)  # now keys and withdrawn tokens are read anew as well
                gone += [await hub.ask(CASES) for _ in range(2)]
                gone.append(
                    await hub.http.get("/schema.graphql", headers={"Authorization": f"Bearer {token}"})
                )
                gone.append(await hub.ask("{ sources { agency } me { clientId } }"))
                ready, alive = await hub.http.get("/readyz"), await hub.http.get("/livez")
            finally:
                await owner.execute(f"ALTER DATABASE {own_database} ALLOW_CONNECTIONS true")
        after = await _again(hub)

    for response in gone:
        assert _masked(response, 503).headers["Retry-After"] == "1"
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert after == before


async def _again(hub):
    """The answer once the pool has connected again, within ten seconds."""
    for _ in range(40):
        response = await hub.ask(CASES)
        if response.status_code == 200:
            return response.json()["data"]
        await asyncio.sleep(0.25)
    raise AssertionError(response.text)


async def test_a_pool_without_a_free_connection_keeps_nobody_waiting_for_long(
    cluster, own_database, key_file
):
    url = cluster.url("hub_service", own_database)
    async with running(url, key_file, Clock(), readers=_pool(url, size=1, options=READER)) as hub:
        await hub.token()
        started = time.monotonic()
        async with hub.readers.connection():
            full = await asyncio.gather(*(hub.ask(CASES) for _ in range(5)))
        waited = time.monotonic() - started
        free = await hub.ask(CASES)

    for response in full:
        assert _masked(response, 503).headers["Retry-After"] == "1"
    assert waited < 10
    assert free.status_code == 200


async def test_a_statement_that_takes_too_long_is_ended_and_the_question_is_too_costly(
    cluster, own_database, key_file
):
    url = cluster.url("hub_service", own_database)
    readers = _pool(url, options=f"{READER} -c statement_timeout=300")
    async with (
        running(url, key_file, Clock(), readers=readers) as hub,
        _as_owner(cluster, own_database) as owner,
    ):
        await hub.token()
        async with owner.transaction():
            await owner.execute("LOCK TABLE golden_case IN ACCESS EXCLUSIVE MODE")
            held = await hub.ask(CASES)
        free = await hub.ask(CASES)

    assert held.status_code == 400
    assert held.json() == {
        "errors": [
            {
                "message": "the database was not done in time; ask for less at once",
                "extensions": {"code": "QUERY_TOO_COSTLY"},
            }
        ]
    }
    assert free.status_code == 200


async def test_a_caller_that_goes_away_in_the_middle_of_a_body_is_no_failure_of_the_hub(own_hub):
    token = await own_hub.token()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"authorization", b"Bearer " + token.encode())],
    }
    told = iter(
        [{"type": "http.request", "body": b'{"query": "{', "more_body": True}, {"type": "http.disconnect"}]
    )
    sent = []

    async def receive():
        return next(told)

    async def send(message):
        sent.append(message)

    await own_hub.service(scope, receive, send)

    assert sent[0]["status"] == 400
