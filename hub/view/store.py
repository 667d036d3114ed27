"""Writes golden rows: what has not changed is not written, what has gone is taken out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

from hub import copying
from hub.view import golden
from hub.view.golden import GoldenRow
from hub.view.members import uuid_array
from schema.entities import entities
from schema.tables.golden import GOLDEN


@dataclass(frozen=True, slots=True)
class Scope:
    """Which golden rows a computation speaks of: those whose column has one of these ids."""

    column: str
    ids: Sequence[UUID]


async def existing(
    connection: AsyncConnection[Any], entity: str, scopes: Sequence[Scope]
) -> dict[UUID, bytes]:
    """Fingerprints of the rows of an entity that these scopes cover, by id."""
    key = entities()[entity].key
    found: dict[UUID, bytes] = {}
    for scope in scopes:
        if scope.ids:
            statement = sql.SQL("SELECT {}, fingerprint FROM {} WHERE {} = ANY(%s::uuid[])").format(
                sql.Identifier(key), sql.Identifier(GOLDEN[entity].name), sql.Identifier(scope.column)
            )
            cursor = await connection.execute(statement, (uuid_array(scope.ids),), binary=True)
            found.update(await cursor.fetchall())
    return found


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of rows that were written and of rows that are gone."""

    written: tuple[UUID, ...]
    gone: tuple[UUID, ...]


async def replace(
    connection: AsyncConnection[Any],
    entity: str,
    rows: Mapping[UUID, GoldenRow],
    before: Mapping[UUID, bytes],
    epoch: int,
) -> Changes:
    """Makes the covered rows of an entity be exactly these.

    Args:
        connection: inside the caller's transaction, which holds the epoch's row.
        entity: its name.
        rows: all rows that the scopes should have, by id.
        before: what `existing` found for the same scopes.
        epoch: of this recompute.
    """
    written = [
        row_id for row_id, row in rows.items() if row_id not in before or before[row_id] != row.fingerprint
    ]
    gone = [row_id for row_id in before if row_id not in rows]
    stale = [*gone, *(row_id for row_id in written if row_id in before)]
    if stale:
        await connection.execute(
            sql.SQL("DELETE FROM {} WHERE {} = ANY(%s::uuid[])").format(
                sql.Identifier(GOLDEN[entity].name), sql.Identifier(entities()[entity].key)
            ),
            (uuid_array(stale),),
        )
    if written:
        lines = (rows[row_id].line(epoch) for row_id in written)
        await copying.copy_guarded(connection, GOLDEN[entity].name, golden.columns(entity), lines)
    return Changes(tuple(written), tuple(gone))
