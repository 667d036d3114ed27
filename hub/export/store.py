"""An export's state in the database: taken on, leased by one process at a time, given part by part, closed.

Whoever computes an export holds a lease, and every statement of theirs asks for it: a process that was thought dead and is
not can add nothing. A part is there once its row is; chunks without it are what a crash has left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from sqlalchemy import Connection
from sqlalchemy import text as sql

from auth.holdings import listed
from hub.export.order import COLUMNS, Order, State, order_of
from hub.ledger import writer
from hub.ledger.entry import Entry
from schema.errors import HubError

MOST_ATTEMPTS: Final = 5
"""Attempts at one part after which an export is given up."""


class LeaseLost(HubError):
    """The export was closed, or another process computes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """An export to compute, and what that takes.

    Attributes:
        order: the export.
        lease: proves that it is this process's to compute.
        question: sealed.
        key: sealed.
        attempts: at the part that is next, this one too.
    """

    order: Order
    lease: UUID
    question: bytes
    key: bytes
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A whole part.

    Attributes:
        n: from 1.
        row_count: its rows.
        byte_count: its length.
        sha256: of its bytes.
        snapshot_at: when its rows were so.
        freshness: of each agency then.
    """

    n: int
    row_count: int
    byte_count: int
    sha256: bytes
    snapshot_at: datetime
    freshness: list[dict[str, Any]]


_INSERT: Final = sql("""
    INSERT INTO bulk_export (export_id, client_id, account_id, agency, purpose, jurisdiction, scopes, holdings, excluded,
                             operation, coordinates, sealed_question, sealed_key, format, state, asked_at, expires_at)
    VALUES (:export_id, :client_id, :account_id, :agency, :purpose, :jurisdiction, :scopes, CAST(:holdings AS jsonb),
            :excluded, :operation, :coordinates, :sealed_question, :sealed_key, :format, 'OPEN', :asked_at, :expires_at)
""")
_WAITING: Final = sql("SELECT count(*) FROM bulk_export WHERE client_id = :client_id AND state = 'OPEN'")
_ONE: Final = f"SELECT {COLUMNS} FROM bulk_export WHERE export_id = %s"  # noqa: S608 -- put together from constants
_ALIVE: Final = f"SELECT {COLUMNS} FROM bulk_export WHERE state IN ('OPEN', 'DONE') ORDER BY asked_at"  # noqa: S608 -- put together from constants
_LEASE: Final = f"""
    UPDATE bulk_export SET lease = %s, lease_until = clock_timestamp() + make_interval(secs => %s), attempts = attempts + 1
    WHERE export_id = (
        SELECT export_id FROM bulk_export
        WHERE state = 'OPEN' AND expires_at > %s AND (lease_until IS NULL OR lease_until < clock_timestamp())
        ORDER BY asked_at, export_id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING {COLUMNS}, sealed_question, sealed_key, attempts
"""  # noqa: S608 -- put together from constants
_UNFINISHED: Final = """
    DELETE FROM bulk_export_chunk c USING bulk_export e
    WHERE e.export_id = %s AND c.export_id = e.export_id AND c.part > e.part_count
"""
_RENEW: Final = """
    UPDATE bulk_export SET lease_until = clock_timestamp() + make_interval(secs => %s), total = coalesce(total, %s)
    WHERE export_id = %s AND lease = %s AND state = 'OPEN'
"""
_CHUNK: Final = """
    INSERT INTO bulk_export_chunk (export_id, part, n, sealed)
    SELECT e.export_id, %s, %s, %s FROM bulk_export e
    WHERE e.export_id = %s AND e.lease = %s AND e.state = 'OPEN' FOR SHARE
"""
_ADVANCE: Final = sql("""
    UPDATE bulk_export SET part_count = :n, row_count = row_count + :row_count, last_key = :last_key, attempts = 0
    WHERE export_id = :export_id AND lease = :lease AND state = 'OPEN' AND part_count = :n - 1
""")
_PART: Final = sql("""
    INSERT INTO bulk_export_part (export_id, part, row_count, byte_count, sha256, snapshot_at, freshness)
    VALUES (:export_id, :n, :row_count, :byte_count, :sha256, :snapshot_at, CAST(:freshness AS jsonb))
""")
_DONE: Final = """
    UPDATE bulk_export SET state = 'DONE', manifest = %s, jws = %s, ended_at = %s, total = row_count,
                           sealed_question = NULL, lease = NULL, lease_until = NULL
    WHERE export_id = %s AND lease = %s AND state = 'OPEN'
"""
_CLOSE: Final = """
    UPDATE bulk_export SET state = %s, code = %s, ended_at = coalesce(ended_at, %s), sealed_key = NULL,
                           sealed_question = NULL, lease = NULL, lease_until = NULL
    WHERE export_id = %s AND state IN ('OPEN', 'DONE')
"""
_PARTS: Final = """
    SELECT part AS n, row_count, byte_count, sha256, snapshot_at, freshness FROM bulk_export_part
    WHERE export_id = %s ORDER BY part
"""
_READ: Final = """
    SELECT c.sealed FROM bulk_export_chunk c JOIN bulk_export e ON e.export_id = c.export_id
    WHERE c.export_id = %s AND c.part = %s AND c.n = %s AND e.sealed_key IS NOT NULL
"""


def take_on(
    connection: Connection, order: Order, *, sealed_question: bytes, sealed_key: bytes, entry: Entry
) -> None:
    """The export is there and the ledger says so, or neither.

    Args:
        connection: of the service's role, in a transaction.
        order: new; its number is given by the database.
        sealed_question: document and variables.
        sealed_key: of its parts.
        entry: of the ledger.

    Raises:
        AuditUnavailable: the ledger cannot be written.
    """
    caller = order.caller
    values = {
        "export_id": order.export_id,
        "client_id": caller.client_id,
        "account_id": caller.account_id,
        "agency": caller.agency,
        "purpose": caller.purpose,
        "jurisdiction": list(caller.jurisdiction),
        "scopes": sorted(caller.scopes),
        "holdings": orjson.dumps(listed(order.permit.holdings)).decode(),
        "excluded": list(order.permit.excluded),
        "operation": order.operation,
        "coordinates": list(order.coordinates),
        "sealed_question": sealed_question,
        "sealed_key": sealed_key,
        "format": order.format,
        "asked_at": order.asked_at,
        "expires_at": order.expires_at,
    }
    connection.execute(_INSERT, values)
    writer.insert(connection, entry)


def waiting(connection: Connection, client_id: str) -> int:
    """Exports of a client that are not computed yet."""
    return connection.execute(_WAITING, {"client_id": client_id}).scalar_one()


async def find(connection: AsyncConnection[Any], export_id: UUID) -> Order | None:
    """The export of that id, whosever it is."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_ONE.encode(), (export_id,))
    row = await cursor.fetchone()
    return None if row is None else order_of(row)


async def alive(connection: AsyncConnection[Any]) -> list[Order]:
    """Every export that is computed or can be fetched."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_ALIVE.encode())
    return [order_of(row) for row in await cursor.fetchall()]


async def lease(connection: AsyncConnection[Any], lease_s: float, now: datetime) -> Leased | None:
    """The export that has waited longest and that nobody computes, without what a crash has left of its next part.

    Args:
        connection: of the service's role.
        lease_s: seconds until another process may take it, unless it is renewed.
        now: aware UTC.
    """
    mine = uuid4()
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_LEASE.encode(), (mine, lease_s, now))
    row = await cursor.fetchone()
    if row is None:
        return None
    order = order_of(row)
    await connection.execute(_UNFINISHED, (order.export_id,))
    return Leased(
        order=order,
        lease=mine,
        question=row["sealed_question"],
        key=row["sealed_key"],
        attempts=row["attempts"],
    )


async def renew(
    connection: AsyncConnection[Any], held: Leased, lease_s: float, total: int | None = None
) -> None:
    """The lease lasts so long from now.

    Args:
        connection: of the service's role.
        held: the lease.
        lease_s: seconds.
        total: rows that there are; kept if it is the first that is told.

    Raises:
        LeaseLost: it is over, or the export is closed.
    """
    cursor = await connection.execute(_RENEW, (lease_s, total, held.order.export_id, held.lease))
    _require(cursor.rowcount)


async def add_chunk(connection: AsyncConnection[Any], held: Leased, part: int, n: int, sealed: bytes) -> None:
    """The chunk is stored; it belongs to no whole part yet.

    Raises:
        LeaseLost: the lease is over, or the export is closed.
    """
    cursor = await connection.execute(_CHUNK, (part, n, sealed, held.order.export_id, held.lease))
    _require(cursor.rowcount)


def finish_part(connection: Connection, held: Leased, part: Part, last_key: UUID, entry: Entry) -> None:
    """The part is there to be fetched and the ledger says whose rows are in it, or neither.

    Args:
        connection: of the service's role, in a transaction.
        held: the lease.
        part: whole; its chunks are stored.
        last_key: of its last row.
        entry: of the ledger.

    Raises:
        LeaseLost: the lease is over, or the export is closed.
        AuditUnavailable: the ledger cannot be written.
    """
    values = {
        "export_id": held.order.export_id,
        "lease": held.lease,
        "last_key": last_key,
        "n": part.n,
        "row_count": part.row_count,
        "byte_count": part.byte_count,
        "sha256": part.sha256,
        "snapshot_at": part.snapshot_at,
        "freshness": orjson.dumps(part.freshness).decode(),
    }
    _require(connection.execute(_ADVANCE, values).rowcount)
    connection.execute(_PART, values)
    writer.insert(connection, entry)


async def finish(
    connection: AsyncConnection[Any], held: Leased, manifest: str, jws: str, now: datetime
) -> None:
    """The export is whole.

    Raises:
        LeaseLost: the lease is over, or the export is closed.
    """
    cursor = await connection.execute(_DONE, (manifest, jws, now, held.order.export_id, held.lease))
    _require(cursor.rowcount)


async def close(
    connection: AsyncConnection[Any],
    export_id: UUID,
    state: State,
    now: datetime,
    *,
    code: str | None = None,
) -> bool:
    """True if the export was alive and is closed now: its key is destroyed first, then its bytes are deleted.

    Args:
        connection: of the service's role, in autocommit.
        export_id: of the export.
        state: why.
        now: aware UTC.
        code: of the error that ended it.
    """
    cursor = await connection.execute(_CLOSE, (state, code, now, export_id))
    is_closed = cursor.rowcount == 1
    if is_closed:
        await connection.execute("DELETE FROM bulk_export_chunk WHERE export_id = %s", (export_id,))
    return is_closed


async def parts(connection: AsyncConnection[Any], export_id: UUID) -> Sequence[Part]:
    """The whole parts, in order."""
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_PARTS, (export_id,))
    return [Part(**row) for row in await cursor.fetchall()]


async def chunk(connection: AsyncConnection[Any], export_id: UUID, part: int, n: int) -> bytes | None:
    """A chunk of an export that is not closed, sealed."""
    cursor = await connection.execute(_READ, (export_id, part, n))
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def secrets_of(
    connection: AsyncConnection[Any], export_id: UUID
) -> tuple[bytes | None, str | None, str | None]:
    """The sealed key, the manifest and its signature, as far as there are any."""
    cursor = await connection.execute(
        "SELECT sealed_key, manifest, jws FROM bulk_export WHERE export_id = %s", (export_id,)
    )
    row = await cursor.fetchone()
    return (None, None, None) if row is None else (row[0], row[1], row[2])


def _require(count: int) -> None:
    """One row was changed.

    Raises:
        LeaseLost: none was.
    """
    if count != 1:
        raise LeaseLost
