"""What goes in by COPY comes out again as it was."""

import asyncio
from datetime import UTC
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from hub import copying
from hub.database import conninfo

# PostgreSQL keeps neither NUL nor halves of a surrogate pair; JSON from a source has neither.
TEXTS = some.text(some.characters(exclude_characters="\x00", exclude_categories=["Cs"])) | some.text(
    "\\\t\n\r\".,{}N'"
)
MOMENTS = some.datetimes(timezones=some.just(UTC))
ROWS = some.tuples(
    some.none() | TEXTS,
    some.none() | some.uuids(),
    some.none() | some.binary(max_size=60),
    some.booleans(),
    some.integers(-(2**31), 2**31 - 1),
    some.none() | MOMENTS,
    some.lists(TEXTS, max_size=4),
)
COLUMNS = ("said", "id", "hash", "is_so", "number", "at", "codes")


@pytest.fixture
def guarded(database) -> str:
    """URL of a service that may write to the table `guarded`, which has row level security."""
    with psycopg.connect(conninfo(database.owner_url)) as owner:
        owner.execute("CREATE TABLE guarded (said text, number integer NOT NULL)")
        owner.execute("ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
        owner.execute("CREATE POLICY service ON guarded TO hub_service USING (true) WITH CHECK (true)")
        owner.execute("GRANT SELECT, INSERT ON guarded TO hub_service")
    return database.service_url


async def connected(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(conninfo(url), autocommit=True)


async def kept(connection: psycopg.AsyncConnection) -> list[tuple]:
    return await (await connection.execute("SELECT said, number FROM guarded ORDER BY number")).fetchall()


async def through(url: str, rows: list[tuple]) -> list[tuple]:
    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", "")) as connection:
        await connection.execute("SET TIME ZONE 'UTC'")
        await connection.execute(
            "CREATE TEMPORARY TABLE t (place serial, said text, id uuid, hash bytea, is_so boolean, number integer,"
            " at timestamptz, codes text[])"
        )
        lines = (f"{copying.line(row[:-1])}\t{copying.texts(row[-1])}" for row in rows)
        await copying.copy(connection, "t", COLUMNS, lines)
        found = await connection.execute(
            "SELECT said, id, hash, is_so, number, at, codes FROM t ORDER BY place"
        )
        return await found.fetchall()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(some.lists(ROWS, max_size=6))
@example([(None, None, None, False, 0, None, ["NULL", "null", "Null Bin Ismail"])])
def test_every_value_comes_out_as_it_went_in(database, rows):
    assert asyncio.run(through(database.owner_url, rows)) == rows


async def test_more_rows_than_are_sent_at_once_all_arrive(database):
    rows = [(f"{number}", UUID(int=number), b"", False, number, None, []) for number in range(1_001)]

    assert await through(database.owner_url, rows) == rows


async def test_no_rows_are_no_work(database):
    assert await through(database.owner_url, []) == []


async def test_rows_reach_a_table_that_copy_may_not_write_to_in_every_batch_once(guarded):
    lines = [copying.line((f"row\t{number}", number)) for number in range(250)]
    async with await connected(guarded) as connection:
        async with connection.transaction():
            await copying.copy_guarded(connection, "guarded", ("said", "number"), lines[:200])
            await copying.copy_guarded(connection, "guarded", ("said", "number"), lines[200:])
        async with connection.transaction():
            await copying.copy_guarded(connection, "guarded", ("said", "number"), [])

        assert await kept(connection) == [(f"row\t{number}", number) for number in range(250)]


async def test_a_transaction_that_is_taken_back_leaves_nothing_for_the_next_of_the_session(guarded):
    async with await connected(guarded) as connection:
        async with connection.transaction(force_rollback=True):
            await copying.copy_guarded(connection, "guarded", ("said", "number"), ["a\t1"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            async with connection.transaction():
                await copying.copy_guarded(connection, "guarded", ("said", "number"), ["b\tnone"])
        async with connection.transaction():
            await copying.copy_guarded(connection, "guarded", ("said", "number"), ["c\t3"])

        assert await kept(connection) == [("c", 3)]


async def test_sessions_that_write_at_once_do_not_see_what_the_other_brings(guarded):
    async def bring(start: int) -> None:
        async with await connected(guarded) as connection, connection.transaction():
            for number in range(start, start + 20):
                await copying.copy_guarded(connection, "guarded", ("number",), [str(number)])

    await asyncio.gather(bring(0), bring(100))

    async with await connected(guarded) as connection:
        assert [number for _, number in await kept(connection)] == [*range(20), *range(100, 120)]
