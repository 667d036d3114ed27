"""Rows as the text that COPY reads: by far the cheapest way into PostgreSQL, where each value's kind is known before.

A line is built by joining what these functions give with TAB. Source: PostgreSQL documentation, COPY, "Text Format".
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from types import NoneType
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

_BLOCK = 100
"""Lines sent at once: the server reads them while the next are made."""
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value: str) -> str:
    """Any text."""
    if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
        return value.translate(_ESCAPES)
    return value


def octets(value: bytes) -> str:
    """Bytes, such as ciphertext and hashes."""
    return "\\\\x" + value.hex()


def flag(value: bool) -> str:
    """True or false."""
    return "t" if value else "f"


def texts(value: Sequence[str]) -> str:
    """A list of texts."""
    return "{" + ",".join([item if _is_plain(item) else text(_quoted(item)) for item in value]) + "}"


def numbers(value: Iterable[int]) -> str:
    """A list of numbers."""
    return "{" + ",".join([str(item) for item in value]) + "}"


def _is_plain(item: str) -> bool:
    """True for a word that stands in a list as it is: a code or a name of one word; NULL on its own would be none."""
    return item.isidentifier() and item.upper() != "NULL"


def _quoted(item: str) -> str:
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_BY_TYPE: dict[type, Callable[[Any], str]] = {
    str: text,
    UUID: lambda value: value.hex,
    bytes: octets,
    bool: flag,
    int: str,
    datetime: datetime.isoformat,
    NoneType: lambda _: NULL,
}


def line(values: Iterable[str | UUID | bytes | bool | int | datetime | None]) -> str:
    """A whole row, each value written by its type."""
    return "\t".join([_BY_TYPE[type(value)](value) for value in values])


async def copy(
    connection: AsyncConnection[Any], table: str, columns: Iterable[str], lines: Iterable[str]
) -> None:
    """Adds rows to a table.

    Args:
        connection: inside the caller's transaction.
        table: its name.
        columns: their names, in the order of the lines' values.
        lines: a row each, without the end of the line, n >= 0.
    """
    left = iter(lines)
    block = list(islice(left, _BLOCK))
    if not block:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    async with connection.cursor() as cursor, cursor.copy(statement) as stream:
        while block:
            await stream.write("\n".join(block) + "\n")
            block = list(islice(left, _BLOCK))


async def copy_guarded(
    connection: AsyncConnection[Any], table: str, columns: Sequence[str], lines: Iterable[str]
) -> None:
    """Adds rows to a table that has row level security, which COPY itself refuses: by a table of this session.

    Args:
        connection: inside the caller's transaction; the session's table is empty again when that ends.
        table: its name.
        columns: their names, in the order of the lines' values; every one that must have a value.
        lines: a row each, without the end of the line, n >= 0.
    """
    staging = f"incoming_{table}"
    names = {"table": sql.Identifier(table), "staging": sql.Identifier(staging)}
    await connection.execute(
        sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {staging} (LIKE {table}) ON COMMIT DELETE ROWS").format(
            **names
        )
    )
    await copy(connection, staging, columns, lines)
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    await connection.execute(
        sql.SQL("INSERT INTO {table} ({listed}) SELECT {listed} FROM {staging}").format(
            listed=listed, **names
        )
    )
    # A second batch of the same transaction must not bring these again.
    await connection.execute(sql.SQL("TRUNCATE {staging}").format(**names))
