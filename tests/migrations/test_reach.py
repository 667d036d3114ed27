"""Rows from before there was a reach are shown to nobody until the worker has come by, and to whom they belong then."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg import AsyncConnection
from sqlalchemy.engine import make_url

from hub import database as hub_database
from hub import embedded
from hub.clock import now
from hub.database import conninfo
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from schema.tables.golden import GOLDEN, REACHED
from tests.conftest import AGENCIES
from tests.ingest.store import Store
from tests.ingest.world import WORLD
from tests.migrations.migrating import upgrade

BEFORE = "0004"
SETTINGS = ("case", "victim", "perpetrator", "child", "case_owners", "victim_owners")


def copied(source_url: str, target_url: str) -> None:
    """Brings all rows of one database into another that has fewer columns."""
    with psycopg.connect(conninfo(source_url)) as source, psycopg.connect(conninfo(target_url)) as target:
        columns = target.execute(
            """SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
                 AND c.relname NOT IN ('alembic_version', 'client') GROUP BY 1"""
        ).fetchall()
        for table, listed in columns:
            target.execute(f"TRUNCATE {table}".encode())
            with (
                source.cursor().copy(f"COPY (SELECT {listed} FROM {table}) TO STDOUT".encode()) as said,  # noqa: S608 -- names of the catalogue
                target.cursor().copy(f"COPY {table} ({listed}) FROM STDIN".encode()) as kept,
            ):
                for block in said:
                    kept.write(block)


@pytest.fixture
async def upgraded(
    database, pool, keyring, empty: str, cluster: embedded.Cluster, key_file: Path
) -> AsyncIterator[Store]:
    """A database that was filled at the revision before, and migrated then."""
    async with pool.connection() as connection:
        await Store(connection, keyring).say(*WORLD)
    upgrade(empty, BEFORE)
    copied(database.owner_url, empty)
    with psycopg.connect(conninfo(empty)) as older:
        for entity in REACHED:
            # The release before made it of a row without a reach.
            table = GOLDEN[entity].name
            older.execute(f"UPDATE {table} SET fingerprint = 'without a reach'".encode())  # noqa: S608 -- a name of the schema
    hub_database.migrate(empty)
    service_url = cluster.url("hub_service", make_url(empty).database)
    async with await AsyncConnection.connect(conninfo(service_url), autocommit=True) as connection:
        loaded = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, now())
        yield Store(connection, loaded)


async def given(store: Store) -> dict[str, int]:
    """How many rows of each golden table somebody is given to whom everything is open."""
    found: dict[str, int] = {}
    async with store.connection.transaction(force_rollback=True):
        await store.connection.execute("SET LOCAL ROLE hub_reader")
        await store.connection.execute(
            "SELECT set_config('hub.excluded', '00000000-0000-0000-0000-000000000000', true)"
        )
        for name in SETTINGS:
            await store.connection.execute(
                "SELECT set_config(%s, %s, true)", (f"hub.{name}", ",".join(AGENCIES))
            )
        for table in GOLDEN.values():
            found[table.name] = await store.value(f"SELECT count(*) FROM {table.name}")  # noqa: S608 -- a name of the schema
    return {table: count for table, count in found.items() if count}


async def test_nobody_is_given_a_row_before_the_worker_has_come_by_and_then_all_are_there(upgraded: Store):
    before = await upgraded.view()
    queued = await upgraded.rows(
        "SELECT kind, source_id FROM link_queue EXCEPT (SELECT 'PERSON', source_id FROM source_person"
        " UNION ALL SELECT 'CASE', source_id FROM source_case)"
    )
    waiting = await upgraded.value("SELECT count(*) FROM link_queue")
    shown_before = await given(upgraded)

    await upgraded.link()

    after = await upgraded.view()
    assert queued == []
    assert waiting == len(WORLD)
    # Organisations are open to whoever may see cases.
    assert shown_before == {"golden_organisation": 1}
    assert [row["reach"] for entity in REACHED for row in before[entity]] == [[]] * 3
    assert after == {
        entity: [
            row | {name: after[entity][number][name] for name in ("reach", "tokens") if name in row}
            for number, row in enumerate(rows)
        ]
        for entity, rows in before.items()
    }
    assert [row["reach"][:2] for entity in REACHED for row in after[entity]] == [["POLRI", "POLRI:?"]] * 3
    assert await given(upgraded) == {
        GOLDEN[entity].name: len(rows) for entity, rows in after.items() if rows
    } | {"golden_person": len(after["Victim"]) + len(after["Perpetrator"])}


async def test_what_waited_already_is_done_as_well(upgraded: Store):
    (person,) = await upgraded.rows("SELECT source_id FROM source_person ORDER BY 1 LIMIT 1")
    await upgraded.rows(
        "INSERT INTO link_queue (kind, source_id) VALUES ('PERSON', %s) RETURNING queue_id", *person
    )

    await upgraded.link(1)

    assert await upgraded.value("SELECT count(*) FROM link_queue") == 0
    assert "golden_case" in await given(upgraded)
