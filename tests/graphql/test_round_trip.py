"""Several statements in one round trip: what they bring, what fails, who stops waiting."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from psycopg.errors import DivisionByZero, OperationalError, QueryCanceled
from sqlalchemy import (
    ARRAY,
    Boolean,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
)

from hub import database as hub_database
from hub.database import Pool
from hub.graphql.prepared import Statement, constant, integer, prepared
from hub.graphql.round_trip import RoundTrips

VALUES = {
    "a_text": ('it\'s 100 %, \\ and "é"', Text()),
    "a_list": (["one", "t,wo", 'th"ree', ""], ARRAY(Text())),
    "no_list": ([], ARRAY(Text())),
    "an_id": (UUID(int=7), Uuid()),
    "ids": ([UUID(int=1), UUID(int=2)], ARRAY(Uuid())),
    "a_number": (-5, Integer()),
    "yes": (True, Boolean()),
    "a_day": (date(2025, 3, 1), Date()),
    "a_moment": (datetime(2025, 3, 1, 4, 5, 6, 789, UTC), DateTime(timezone=True)),
    "nothing": (None, Text()),
}
ECHO = prepared(
    select(*(cast(bindparam(name, type_=kind, required=False), Text()) for name, (_, kind) in VALUES.items()))
)
SETTING = prepared(select(func.current_setting(constant("hub.case"), true())))
SET = prepared(
    select(func.set_config(constant("hub.case"), bindparam("value", type_=Text(), required=False), true()))
)
DIVIDE = prepared(select(cast(integer(1) // bindparam("by", type_=Integer(), required=False), Text())))
SLEEP = prepared(select(cast(func.pg_sleep(bindparam("seconds", type_=Integer(), required=False)), Text())))


def numbered(number: int) -> Statement:
    return prepared(select(literal(f"n{number}", Text(), literal_execute=True)))


@pytest.fixture
async def pool(database) -> AsyncIterator[Pool]:
    async with hub_database.open_pool(database.service_url, size=1, name="round-trip") as opened:
        yield opened


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[AsyncConnection[Any]]:
    async with pool.connection() as one:
        yield one


async def test_values_arrive_as_they_do_by_a_cursor(connection):
    values = {name: value for name, (value, _) in VALUES.items()}

    (row,) = await RoundTrips().fetch(connection, (ECHO, values))

    assert row == await ECHO.fetch(connection, values)
    assert row == (
        'it\'s 100 %, \\ and "é"',
        '{one,"t,wo","th\\"ree",""}',
        "{}",
        str(UUID(int=7)),
        f"{{{UUID(int=1)},{UUID(int=2)}}}",
        "-5",
        "true",
        "2025-03-01",
        "2025-03-01 04:05:06.000789+00",
        None,
    )


async def test_a_setting_holds_for_the_statement_behind_it_and_for_no_later_one(connection):
    trips = RoundTrips()

    together = await trips.fetch(connection, (SET, {"value": "POLRI"}), (SETTING, {}))
    later = await trips.fetch(connection, (SETTING, {}))

    assert together == [("POLRI",), ("POLRI",)]
    assert later == [("",)]


async def test_a_statement_without_rows_gives_none(connection):
    nobody = prepared(select(constant("x")).where(constant("a") == constant("b")))

    assert await RoundTrips().fetch(connection, (nobody, {}), (DIVIDE, {"by": 1})) == [None, ("1",)]


async def test_what_fails_is_told_as_the_server_says_it_and_the_connection_goes_on(connection):
    trips = RoundTrips()

    for _ in range(2):
        with pytest.raises(DivisionByZero):
            await trips.fetch(connection, (SET, {"value": "POLRI"}), (DIVIDE, {"by": 0}), (numbered(1), {}))

        assert await trips.fetch(connection, (numbered(1), {}), (DIVIDE, {"by": 1})) == [("n1",), ("1",)]
        assert await trips.fetch(connection, (SETTING, {})) == [("",)]


async def test_nothing_of_a_round_trip_that_failed_stands(connection):
    trips = RoundTrips()
    await connection.execute("CREATE TEMP TABLE noted (n int)")
    note = Statement(b"INSERT INTO noted VALUES (1)", ())

    with pytest.raises(DivisionByZero):
        await trips.fetch(connection, (note, {}), (DIVIDE, {"by": 0}))

    assert await (await connection.execute("SELECT count(*) FROM noted")).fetchone() == (0,)


async def test_the_least_recently_used_statement_is_prepared_no_more(connection):
    trips = RoundTrips(most_prepared=3)

    for number in (0, 1, 2, 0, 3, 4, 1):
        assert await trips.fetch(connection, (numbered(number), {})) == [(f"n{number}",)]

    rows = await (await connection.execute("SELECT statement FROM pg_prepared_statements")).fetchall()
    assert {row[0] for row in rows} == {f"SELECT 'n{number}' AS anon_1" for number in (3, 4, 1)}


async def test_each_connection_is_asked_to_prepare_for_itself(database):
    trips = RoundTrips()
    async with (
        hub_database.open_pool(database.service_url, size=2, name="round-trip") as pool,
        pool.connection() as one,
        pool.connection() as other,
    ):
        for connection in (one, other, one):
            assert await trips.fetch(connection, (numbered(1), {})) == [("n1",)]


async def test_whoever_stops_waiting_has_the_server_stop(pool: Pool, database):
    trips = RoundTrips()

    async def ask() -> None:
        async with pool.connection() as connection:
            await trips.fetch(connection, (SLEEP, {"seconds": 60}))

    waiting = asyncio.create_task(ask())
    await until(database.service_url, running=1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    await until(database.service_url, running=0)
    async with pool.connection() as connection:
        assert await trips.fetch(connection, (numbered(1), {})) == [("n1",)]


async def test_a_statement_that_the_server_ends_is_told(connection):
    await connection.execute("SET statement_timeout = '100ms'")

    with pytest.raises(QueryCanceled):
        await RoundTrips().fetch(connection, (SLEEP, {"seconds": 60}))

    assert await RoundTrips().fetch(connection, (numbered(1), {})) == [("n1",)]


async def test_a_connection_that_broke_is_replaced_by_the_pool(pool: Pool, database):
    trips = RoundTrips()
    async with pool.connection() as connection:
        await trips.fetch(connection, (numbered(1), {}))
        pid = connection.info.backend_pid
    async with await AsyncConnection.connect(
        hub_database.conninfo(database.service_url), autocommit=True
    ) as other:
        await other.execute("SELECT pg_terminate_backend(%s)", (pid,))

    with pytest.raises(OperationalError):
        async with pool.connection() as connection:
            await trips.fetch(connection, (numbered(1), {}))

    async with pool.connection() as connection:
        assert await trips.fetch(connection, (numbered(1), {})) == [("n1",)]


async def until(url: str, *, running: int) -> None:
    """Returns when so many statements of the test run."""
    async with await AsyncConnection.connect(hub_database.conninfo(url), autocommit=True) as watching:
        for _ in range(200):
            found = await watching.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'round-trip'"
                " AND state = 'active' AND datname = current_database()"
            )
            if await found.fetchone() == (running,):
                return
            await asyncio.sleep(0.05)
    raise AssertionError(f"never were {running} statements running")
