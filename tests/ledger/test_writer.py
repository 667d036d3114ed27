"""What is acknowledged is in the ledger; what cannot be written is not answered, and the next one is."""

import asyncio
import json
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from hub import database as hub_database
from hub.ledger import writer
from hub.ledger.writer import GROUP, Ledger, insert
from schema.errors import AuditUnavailable
from tests.ledger.conftest import until


async def test_an_entry_is_in_the_ledger_when_it_is_acknowledged(ledger, make_entry, owner):
    entry = make_entry()

    await ledger.record(entry)

    found = owner.execute(
        "SELECT era, body, xid::text::bigint > 0, at IS NOT NULL FROM audit.record"
    ).fetchall()
    assert found == [(1, entry.body(), True, True)]


async def test_entries_that_come_together_are_committed_together(ledger, owner):
    said = [str(number).encode() for number in range(GROUP + 1)]

    await asyncio.gather(*map(ledger.record, said))

    groups = owner.execute("SELECT count(*) FROM audit.record GROUP BY xid ORDER BY min(id)").fetchall()
    assert sum(count for (count,) in groups) == GROUP + 1
    assert len(groups) <= 3
    assert max(groups) <= (GROUP,)


async def test_few_entries_that_come_soon_after_another_share_a_commit(ledger, owner, monkeypatch):
    monkeypatch.setattr(writer, "PACE_S", 2.0)
    await ledger.record(b"alone")

    async with asyncio.TaskGroup() as callers:
        for number in range(5):
            callers.create_task(ledger.record(str(number).encode()))
            await asyncio.sleep(0.01)

    groups = owner.execute("SELECT count(*) FROM audit.record GROUP BY xid ORDER BY min(id)").fetchall()
    assert groups == [(1,), (5,)]


async def test_entries_that_are_worth_a_commit_wait_for_no_others(ledger, owner, monkeypatch):
    monkeypatch.setattr(writer, "PACE_S", 3600.0)
    await ledger.record(b"alone")

    await asyncio.gather(*(ledger.record(b"one of many") for _ in range(writer.WORTH_A_COMMIT)))

    assert owner.execute("SELECT count(*) FROM audit.record").fetchall() == [(writer.WORTH_A_COMMIT + 1,)]


async def test_a_group_keeps_the_order_in_which_it_came(ledger, bodies):
    said = [str(number).encode() for number in range(50)]

    await asyncio.gather(*map(ledger.record, said))

    assert bodies() == said


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.lists(st.sampled_from(["stays", "leaves at once", "leaves later"]), min_size=1, max_size=40))
async def test_whoever_leaves_breaks_no_group_and_nobody_is_written_twice(ledger, bodies, fates):
    said = [uuid4().bytes for _ in fates]
    before = len(bodies())

    callers = [asyncio.create_task(ledger.record(body)) for body in said]
    for turn in ("leaves at once", "leaves later"):
        for caller, fate in zip(callers, fates, strict=True):
            if fate == turn:
                caller.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    ends = await asyncio.gather(*callers, return_exceptions=True)
    await ledger.record(b"settled %d" % before)

    *found, _ = bodies()[before:]
    assert len(found) == len(set(found))
    assert set(found) <= set(said)
    acknowledged = {body for body, end in zip(said, ends, strict=True) if end is None}
    assert acknowledged <= set(found)
    assert {body for body, fate in zip(said, fates, strict=True) if fate == "stays"} <= acknowledged


async def test_closing_waits_for_what_has_come(pool, bodies):
    async with Ledger(pool) as ledger:
        waiting = [asyncio.create_task(ledger.record(b"%d" % number)) for number in range(5)]
        await asyncio.sleep(0)

    assert await asyncio.gather(*waiting) == [None] * 5
    assert len(bodies()) == 5


async def test_a_closed_ledger_takes_nothing(pool):
    async with Ledger(pool) as ledger:
        pass

    with pytest.raises(AuditUnavailable):
        await ledger.record(b"late")


async def test_without_the_right_to_write_nothing_is_acknowledged_until_it_is_there_again(
    ledger, owner, bodies
):
    await ledger.record(b"before")
    owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")

    refused = await asyncio.gather(*(ledger.record(b"refused") for _ in range(3)), return_exceptions=True)
    owner.execute("GRANT INSERT (era, body) ON audit.record TO hub_service")
    await ledger.record(b"after")

    assert [type(one) for one in refused] == [AuditUnavailable] * 3
    assert bodies() == [b"before", b"after"]


async def test_an_outage_is_logged_once_and_its_end_too(ledger, owner, capsys):
    owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")
    for _ in range(3):
        with pytest.raises(AuditUnavailable):
            await ledger.record(b"refused")
    owner.execute("GRANT INSERT (era, body) ON audit.record TO hub_service")
    await ledger.record(b"after")

    told = capsys.readouterr().out

    assert (told.count("ledger.failed"), told.count("ledger.resumed")) == (1, 1)


async def test_a_connection_that_breaks_fails_its_group_and_no_other(ledger, as_role, bodies):
    await ledger.record(b"before")
    with as_role("hub_service") as service:
        service.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'test' AND datname = current_database()"
        )

    ends = [await _outcome(ledger, b"%d" % number) for number in range(12)]
    await ledger.record(b"after")

    assert set(bodies()) == {b"before", b"after"} | {
        b"%d" % number for number, end in enumerate(ends) if end is None
    }


async def _outcome(ledger: Ledger, body: bytes) -> type[Exception] | None:
    try:
        await ledger.record(body)
    except AuditUnavailable:
        return AuditUnavailable
    return None


async def test_waiting_has_an_end(pool, owner, bodies):
    async with Ledger(pool, timeout_s=0.2) as ledger:
        await ledger.record(b"before")
        with owner.transaction():
            owner.execute("LOCK TABLE audit.record")

            with pytest.raises(AuditUnavailable):
                await ledger.record(b"locked out")
        await ledger.record(b"after")

    # What was given up may have got through at the last moment; the ledger then says more was read than was.
    assert [body for body in bodies() if body != b"locked out"] == [b"before", b"after"]


async def test_nobody_waits_in_an_endless_line(pool, owner, monkeypatch):
    monkeypatch.setattr(writer, "MOST_WAITING", 2)
    async with Ledger(pool, timeout_s=20) as ledger:
        await ledger.record(b"before")
        with owner.transaction():
            owner.execute("LOCK TABLE audit.record")
            taken = asyncio.create_task(ledger.record(b"taken"))
            await _until_locked(owner)
            waiting = [asyncio.create_task(ledger.record(b"waits")) for _ in range(2)]
            await asyncio.sleep(0)

            with pytest.raises(AuditUnavailable):
                await ledger.record(b"one too many")
        assert await asyncio.gather(taken, *waiting) == [None] * 3


async def _until_locked(owner: psycopg.Connection) -> None:
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'audit.record'::regclass"
    await until(lambda: owner.execute(waits).fetchone() != (0,))


async def test_a_commit_is_never_asynchronous(database):
    """The tests' server answers before it has written; the ledger's transactions do not let it."""
    with psycopg.connect(hub_database.conninfo(database.service_url)) as service:
        assert service.execute("SHOW synchronous_commit").fetchone() == ("off",)
        service.execute(writer.OPEN_ERA)
        service.execute(writer.INSERT, ([b"one"],))

        assert service.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_entry_of_a_decision_stands_or_falls_with_it(database, make_entry, bodies):
    engine = hub_database.open_engine(database.service_url, size=1, name="test")
    entry = make_entry(kind="decision", about="01900000-0000-7000-8000-000000000001")

    async def decide() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(insert, entry)
        async with engine.connect() as connection:
            await connection.run_sync(insert, make_entry(request_id="falls"))
            await connection.rollback()
        await engine.dispose()

    asyncio.run(decide())

    assert bodies() == [entry.body()]
    assert json.loads(bodies()[0])["about"] == "01900000-0000-7000-8000-000000000001"


def test_a_decision_without_its_entry_is_no_decision(database, owner, make_entry):
    owner.execute("REVOKE INSERT (era, body) ON audit.record FROM hub_service")
    engine = hub_database.open_engine(database.service_url, size=1, name="test")

    async def decide() -> None:
        try:
            async with engine.begin() as connection:
                await connection.execute(
                    text("INSERT INTO redirect VALUES (gen_random_uuid(), gen_random_uuid(), 'CASE', now())")
                )
                await connection.run_sync(insert, make_entry(kind="decision"))
        finally:
            await engine.dispose()

    with pytest.raises(AuditUnavailable):
        asyncio.run(decide())

    assert owner.execute("SELECT count(*) FROM redirect").fetchone() == (0,)
