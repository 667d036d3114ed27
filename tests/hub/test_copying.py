"""What goes in by COPY comes out again as it was."""

import asyncio
from datetime import UTC
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from hub import copying

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
