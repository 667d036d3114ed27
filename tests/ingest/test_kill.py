"""A worker that is killed in the middle of its transaction loses nothing and doubles nothing."""

import asyncio
import subprocess
import sys
from pathlib import Path

from hub.database import Pool
from tests.ingest import worker
from tests.ingest.store import Store

ROOT = Path(__file__).resolve().parents[2]
STORED = """SELECT agency, object, encode(key, 'hex'), version, deleted, encode(hash, 'hex'), facts::text, source_time
    FROM source_record ORDER BY object, key, version"""
LATEST = (
    "SELECT object, encode(key, 'hex'), version, role, source_time FROM source_person ORDER BY object, key"
)
ACTIVITY = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
)


def start(database, key_file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.worker", database.service_url, str(key_file)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )


async def until(store: Store, statement: str, wanted: int) -> None:
    for _ in range(600):
        if await store.value(statement, worker.NAME) == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(statement)


async def content(store: Store) -> list[list[tuple]]:
    return [await store.rows(statement) for statement in (STORED, LATEST)]


async def test_a_kill_inside_the_transaction_leaves_the_old_cursor_and_no_rows(
    store: Store, pool: Pool, database, key_file: Path
):
    await store.write(worker.BEFORE, cursor={"halaman": 1})
    before = await content(store)

    # The worker has written its versions, and waits for this row when it is killed.
    async with pool.connection() as holding, holding.transaction():
        await holding.execute("SELECT FROM source_person FOR UPDATE")
        with start(database, key_file) as running:
            await until(store, f"{ACTIVITY} AND wait_event_type = 'Lock'", 1)
            running.kill()
    await until(store, ACTIVITY, 0)

    assert running.returncode == -9
    assert await content(store) == before
    assert await store.rows("SELECT cursor, cursor_version FROM checkpoint") == [({"halaman": 1}, 1)]
    assert await store.value("SELECT count(*) FROM subject_key") == 1
    assert await store.value("SELECT count(*) FROM link_queue") == 1


async def test_the_rerun_after_a_kill_gives_what_an_undisturbed_run_gives(
    store: Store, pool: Pool, database, key_file: Path, owner
):
    await store.write(worker.BEFORE, cursor={"halaman": 1})
    await store.write(worker.BATCH, cursor={"halaman": 2})
    undisturbed = await content(store)
    await owner.execute(
        "TRUNCATE source_record, source_person, source_case, subject_key, link_queue, checkpoint"
    )
    await store.write(worker.BEFORE, cursor={"halaman": 1})
    async with pool.connection() as holding, holding.transaction():
        await holding.execute("SELECT FROM source_person FOR UPDATE")
        with start(database, key_file) as running:
            await until(store, f"{ACTIVITY} AND wait_event_type = 'Lock'", 1)
            running.kill()
    await until(store, ACTIVITY, 0)

    with start(database, key_file) as again:
        _, problem = again.communicate(timeout=60)

    assert (again.returncode, problem) == (0, b"")
    assert await content(store) == undisturbed
    assert await store.rows("SELECT cursor, cursor_version FROM checkpoint") == [({"halaman": 2}, 2)]
