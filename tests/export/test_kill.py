"""Whoever computes an export is killed again and again: no row is lost, none comes twice, and the ledger has every part once."""

import asyncio
import json
import multiprocessing
import time

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from hub.clock import now
from tests.export.computing import compute
from tests.export.conftest import lines
from tests.graphql.hub import EVERY, entitle
from tests.graphql.serving import serve

QUERY = "query ($w: VictimFilter) { victims(where: $w) { nodes { id sex fullName case { id } } } }"
PART_ROWS = 8


@pytest.fixture
def computing(cluster, own_database, key_file):
    """Starts a process that computes; each is forked from one that has loaded all that it needs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.export.computing"])
    url = cluster.url("hub_service", own_database)

    def start():
        process = context.Process(target=compute, args=(url, key_file, PART_ROWS))
        process.start()
        return process

    return start


@pytest.fixture
def served(cluster, own_database, key_file, tmp_path):
    """A hub with a real clock, whose exports nobody computes."""
    url = cluster.url("hub_service", own_database)

    async def entitled():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(entitle, now(), "one")
        await engine.dispose()

    asyncio.run(entitled())
    with serve(url, key_file, tmp_path) as found:
        yield found


def test_killed_again_and_again_it_has_every_row_once(served, cluster, own_database, computing):
    headers = {"Authorization": f"Bearer {served.token(*sorted(EVERY))}"}
    with httpx.Client(trust_env=False, base_url=served.url, headers=headers, timeout=60) as http:
        _killed(http, cluster.conninfo("postgres", own_database), computing)


def _killed(http, superuser, computing):
    path = http.post("/export", json={"query": QUERY}).headers["Location"]
    kills = 0

    with psycopg.connect(superuser, autocommit=True) as owner:

        def parts():
            return owner.execute("SELECT part_count, state FROM bulk_export").fetchone()

        deadline = time.monotonic() + 200
        while parts()[1] == "OPEN" and time.monotonic() < deadline:
            before = parts()[0]
            process = computing()
            while parts()[0] < before + 2 and parts()[1] == "OPEN" and time.monotonic() < deadline:
                time.sleep(0.005)
            process.kill()
            process.join()
            kills += 1
        count, state = parts()
        orphans = owner.execute(
            """SELECT count(*) FROM bulk_export_chunk c WHERE NOT EXISTS (
                   SELECT FROM bulk_export_part p WHERE (p.export_id, p.part) = (c.export_id, c.part))"""
        ).fetchone()
        entries = [
            json.loads(bytes(body))
            for (body,) in owner.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
        ]

    assert (state, kills > 3) == ("DONE", True)
    told = http.get(path).json()
    found = lines([http.get(one["href"]).content for one in told["parts"]])
    expected = http.post(
        "/graphql",
        json={
            "query": "query ($a: String) { victims(first: 100, after: $a) { nodes { id sex fullName case { id } } } }"
        },
    ).json()["data"]["victims"]["nodes"]
    assert found == expected
    assert len(found) > 50
    assert orphans == (0,)
    made = [one for one in entries if one["kind"] == "export" and one["operation"] and one["subjects"]]
    assert [one["about"] for one in made] == [f"{told['id']}/{n}" for n in range(1, count + 1)]
    manifest = http.get(f"{path}/manifest.json").json()["manifest"]
    assert manifest["rowCount"] == len(found)
    assert 1 < len(manifest["snapshots"]) <= kills
