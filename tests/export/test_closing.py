"""An export ends with what it stands on, by its client, or by time; nothing of it can be fetched or read then."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from auth import grants
from auth.grants import Decision
from hub.database import conninfo
from hub.export.compute import Computing
from hub.export.keeping import sweep
from tests.auth.parties import APPROVER
from tests.export.conftest import VICTIMS
from tests.graphql.hub import ACCOUNT
from tests.graphql.records import NAMES

BELOW = ("/parts/1", "/manifest.json")


async def revoke_one(hub, client="one"):
    """One of the grants of a client is revoked."""

    def revoked(connection):
        query = text("SELECT grant_id FROM access_grant WHERE grantee = :client ORDER BY grant_id LIMIT 1")
        grant_id = connection.execute(query, {"client": client}).scalar_one()
        grants.decide(connection, APPROVER, grant_id, 1, Decision.REVOKED, "of a test", hub.clock())

    async with hub.engine.begin() as connection:
        await connection.run_sync(revoked)


async def suspend(hub):
    async with hub.engine.begin() as connection:
        await connection.execute(
            text("UPDATE client SET suspended_at = :now WHERE client_id = 'one'"), {"now": hub.clock()}
        )


async def exclude(hub):
    """A case is closed to the client."""
    async with hub.engine.begin() as connection:
        await connection.execute(
            text(
                """INSERT INTO exclusion (exclusion_id, case_id, kind, excluded, sealed_reason, proposed_by, proposed_at,
                       approved_by, approved_at)
                   SELECT gen_random_uuid(), min(case_id::text)::uuid, 'CLIENT', 'one', '', 'a', :now, 'b', :now
                   FROM golden_case"""
            ),
            {"now": hub.clock()},
        )


async def is_gone(exports):
    """Nothing is left that could be opened."""
    return await exports.rows(
        """SELECT state, sealed_key IS NULL, sealed_question IS NULL,
               (SELECT count(*) FROM bulk_export_chunk c WHERE c.export_id = e.export_id)
           FROM bulk_export e"""
    )


@pytest.mark.parametrize("withdraw", [revoke_one, exclude], ids=["a grant", "a case"])
async def test_what_is_withdrawn_between_closes_it_at_the_next_request(exports, withdraw):
    path = await exports.taken(VICTIMS)
    await exports.compute()
    before = [await exports.get(path + below) for below in BELOW]

    await withdraw(exports.hub)
    after = [await exports.get(path + below) for below in BELOW]

    assert [one.status_code for one in before] == [200, 200]
    assert [one.status_code for one in after] == [410, 410]
    assert await is_gone(exports) == [("WITHDRAWN", True, True, 0)]
    assert (await exports.get(path)).json()["state"] == "WITHDRAWN"


@pytest.mark.parametrize("withdraw", [revoke_one, suspend, exclude])
async def test_what_is_withdrawn_closes_it_though_nobody_asks(exports, withdraw):
    await exports.taken(VICTIMS)
    await exports.compute()

    await withdraw(exports.hub)
    count = await sweep(exports.workshop, Computing(exports.workshop))

    assert count == 1
    assert await is_gone(exports) == [("WITHDRAWN", True, True, 0)]


async def test_a_withdrawal_in_the_middle_stops_the_work(exports, cluster, own_database):
    await exports.taken(VICTIMS)
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as owner:
        # The first part cannot become whole while this stands, so the withdrawal comes in the middle.
        owner.execute("LOCK TABLE bulk_export_part IN SHARE MODE")
        work = asyncio.create_task(exports.compute(part_rows=10, batch=5))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'bulk_export_part'::regclass"
        async with asyncio.timeout(30):
            while await exports.rows(waits) != [(1,)]:  # noqa: ASYNC110 -- the database tells nobody
                await asyncio.sleep(0.02)
        await revoke_one(exports.hub)
        owner.rollback()
        await work

    assert await is_gone(exports) == [("WITHDRAWN", True, True, 0)]
    assert await exports.rows("SELECT part_count FROM bulk_export") == [(1,)]


async def test_a_withdrawal_before_the_work_leaves_no_part(exports):
    await exports.taken(VICTIMS)

    await revoke_one(exports.hub)
    await exports.compute()

    assert await is_gone(exports) == [("WITHDRAWN", True, True, 0)]
    assert await exports.rows("SELECT count(*) FROM bulk_export_part") == [(0,)]


async def test_a_grant_that_is_added_or_ends_for_another_closes_nothing(exports):
    path = await exports.taken(VICTIMS)
    await exports.compute()

    await revoke_one(exports.hub, "two")

    assert len(await exports.parts(path)) == 1
    assert await sweep(exports.workshop, Computing(exports.workshop)) == 0


async def test_a_day_later_it_is_over(exports):
    path = await exports.taken(VICTIMS)
    await exports.compute()

    exports.hub.clock.forward(hours=24)
    exports.hub.tokens.clear()
    after = [await exports.get(path + below) for below in BELOW]
    closed = await sweep(exports.workshop, Computing(exports.workshop))

    assert [one.status_code for one in after] == [410, 410]
    assert closed == 1
    assert await is_gone(exports) == [("EXPIRED", True, True, 0)]


@pytest.mark.parametrize("is_computed", [True, False])
async def test_its_client_deletes_it(exports, is_computed):
    path = await exports.taken(VICTIMS)
    if is_computed:
        await exports.compute()

    deleted = await exports.hub.http.delete(path, headers=await exports.headers())
    await exports.compute()
    after = [await exports.get(path + below) for below in BELOW]

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [one.status_code for one in after] == [410, 410]
    assert await is_gone(exports) == [("DELETED", True, True, 0)]


async def test_a_deletion_in_the_middle_stops_the_work(exports, cluster, own_database):
    path = await exports.taken(VICTIMS)
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as owner:
        owner.execute("LOCK TABLE bulk_export_chunk IN SHARE MODE")
        work = asyncio.create_task(exports.compute(part_rows=10, batch=5))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'bulk_export_chunk'::regclass"
        async with asyncio.timeout(30):
            while await exports.rows(waits) != [(1,)]:  # noqa: ASYNC110 -- the database tells nobody
                await asyncio.sleep(0.02)
        deleting = asyncio.create_task(exports.hub.http.delete(path, headers=await exports.headers()))
        await asyncio.sleep(0.2)
        owner.rollback()
        assert (await deleting).status_code == 204
        await work

    assert await is_gone(exports) == [("DELETED", True, True, 0)]


async def test_whoever_holds_the_database_alone_reads_nothing_of_an_export(exports):
    nik = "9901014508900042"
    await exports.taken(VICTIMS, {"w": {"or": [{"sex": {"isNull": False}}, {"id": {"eq": nik}}]}})
    await exports.compute(part_rows=20)

    tables = ("bulk_export", "bulk_export_part", "bulk_export_chunk")
    kept = [
        one
        for table in tables
        for (one,) in await exports.rows(f"SELECT t::text FROM {table} t")  # noqa: S608 -- names of ours
    ]
    plain = "".join(kept) + "".join(
        bytes.fromhex(found).decode("latin-1")
        for one in kept
        for found in one.replace("\\x", " ").replace(",", " ").replace("(", " ").replace(")", " ").split()
        if len(found) % 2 == 0 and set(found) <= set("0123456789abcdef")
    )
    assert len(plain) > 10_000
    assert [name for name in (*NAMES, nik, "Kanarium", '"fullName"') if name in plain] == []
    assert ACCOUNT not in plain
