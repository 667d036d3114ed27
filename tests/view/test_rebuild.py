"""A rebuild finds nothing to do after increments, and mends whatever is not what the sources say."""

import pytest

from hub.view.rebuild import rebuild
from tests.ingest.store import START, Store, gone
from tests.ingest.world import WORLD

TABLES = (
    "golden_person",
    "golden_case",
    "golden_victim",
    "golden_perpetrator",
    "golden_service_event",
    "golden_legal_event",
    "golden_movement",
    "golden_job_placement",
    "golden_restitution",
    "golden_document",
    "golden_organisation",
)


async def test_after_increments_nothing_is_to_be_done(store: Store):
    await store.say(*WORLD)
    steps: list[int] = []

    changed = await rebuild(store.connection, store.keyring, START, steps.append)

    # One case; three persons.
    assert (changed, steps) == (0, [1, 2])


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_that_was_lost_comes_back(store: Store, owner, table: str):
    await store.say(*WORLD)
    before = await store.view()
    lost = await owner.execute(f"DELETE FROM {table}".encode())  # noqa: S608 -- a literal of this file

    changed = await rebuild(store.connection, store.keyring, START)

    assert changed == lost.rowcount >= 1
    assert await store.view() == before


@pytest.mark.parametrize("table", [table for table in TABLES if table != "golden_organisation"])
async def test_a_row_of_nobody_goes(store: Store, owner, table: str):
    await store.say(*WORLD)
    before = await store.view()
    await owner.execute(
        f"CREATE TEMP TABLE strange AS SELECT * FROM {table} LIMIT 1".encode()  # noqa: S608 -- a literal of this file
    )
    columns = [
        row[0]
        for row in await (
            await owner.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'uuid'",
                (table,),
            )
        ).fetchall()
    ]
    for column in columns:
        if not column.endswith("organisation_id") and column != "reporting_entity_id":
            await owner.execute(f"UPDATE strange SET {column} = gen_random_uuid()".encode())  # noqa: S608 -- a name of the catalogue
    await owner.execute(f"INSERT INTO {table} SELECT * FROM strange".encode())  # noqa: S608 -- a literal of this file

    changed = await rebuild(store.connection, store.keyring, START)

    assert changed == 1
    assert await store.view() == before


async def test_a_row_that_says_something_else_is_what_the_sources_say_again(store: Store, owner):
    await store.say(*WORLD)
    before = await store.view()
    await owner.execute("UPDATE golden_victim SET sector = 'Z', fingerprint = 'x'")

    changed = await rebuild(store.connection, store.keyring, START)

    assert changed == 1
    assert await store.view() == before


async def test_an_erased_subject_leaves_a_person_without_identity(store: Store, owner):
    await store.say(*WORLD)
    await owner.execute("DELETE FROM subject_key")
    await owner.execute(f"TRUNCATE {', '.join(TABLES)}".encode())

    await rebuild(store.connection, store.keyring, START)

    rows = await store.golden("Person")
    assert len(rows) == 2
    assert {(row["full_name"], row["nik"], row["nik_status"], row["sex"]) for row in rows} == {
        (None, None, "ABSENT", "FEMALE")
    }
    assert [row["number"] for row in await store.golden("Document")] == []
    assert await store.value("SELECT count(*) FROM golden_victim") == 1


async def test_a_withdrawn_world_leaves_no_row(store: Store):
    await store.say(*WORLD)

    await store.say(*[gone(one, time=1) for one in WORLD])

    assert {entity: rows for entity, rows in (await store.view()).items() if rows} == {}
    assert await rebuild(store.connection, store.keyring, START) == 0
