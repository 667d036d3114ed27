"""Whose a leaked file is: the exports that the marks in it lead to."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# pyarrow has no types.

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pyarrow.parquet as arrow_parquet
from psycopg import AsyncConnection

from hub.export.marks import FORM, Marks

_PARQUET: Final = b"PAR1"
_NAMED: Final = """
    SELECT number, export_id, client_id, account_id, purpose, asked_at FROM bulk_export WHERE number = ANY(%s)
"""
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Source:
    """An export that rows of a file are of."""

    export_id: UUID
    client_id: str
    account_id: str | None
    purpose: str
    asked_at: datetime
    row_count: int


def marks_in(path: Path) -> Iterator[str]:
    """Everything in a file that has the form of a mark, from Parquet or from text of any kind.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        is_parquet = file.read(len(_PARQUET)) == _PARQUET
    if is_parquet:
        for batch in arrow_parquet.ParquetFile(path).iter_batches():
            yield from _found(str(one) for column in batch.columns for one in column.to_pylist())
    else:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from _found(file)


def _found(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (found[0] for found in FORM.finditer(text))


async def sources(connection: AsyncConnection[Any], marks: Marks, found: Iterable[str]) -> list[Source]:
    """The exports that these marks lead to, that of the most rows first.

    A text that only looks like a mark leads to an export by a chance of one to 2**64 for each export that there is.

    Args:
        connection: of the service's role.
        marks: reads them.
        found: in a file.
    """
    counts: Counter[int] = Counter()
    for mark in found:
        number, _ = marks.read(mark)
        if number <= _LARGEST:
            counts[number] += 1
    rows = await (await connection.execute(_NAMED, (list(counts),))).fetchall()
    named = [Source(*row[1:], row_count=counts[row[0]]) for row in rows]
    return sorted(named, key=lambda one: -one.row_count)
