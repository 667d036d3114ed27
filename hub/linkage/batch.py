"""Takes work from the queue: decides, links and recomputes the view in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.linkage.cases import link_cases
from hub.linkage.persons import link_persons
from hub.view.recompute import recompute
from schema.record import RecordKind

_TAKE = """
    DELETE FROM link_queue WHERE queue_id IN (
        SELECT queue_id FROM link_queue ORDER BY queue_id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING kind, source_id
"""


@dataclass(frozen=True, slots=True)
class Linked:
    """What one batch did: sources taken from the queue, entities touched, golden rows written."""

    source_count: int
    person_count: int
    case_count: int
    row_count: int


async def begin_epoch(connection: AsyncConnection[Any]) -> int:
    """The next epoch; until the transaction ends nobody else links or recomputes, so epoch order is commit order."""
    cursor = await connection.execute(
        "UPDATE epoch SET epoch = epoch + 1 WHERE singleton = 1 RETURNING epoch"
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 -- the migration inserts the row
    return row[0]


async def link_batch(
    connection: AsyncConnection[Any], keyring: Keyring, now: datetime, *, limit: int = 2000
) -> Linked | None:
    """Links the next sources of the queue and recomputes what they touch; None when the queue is empty.

    Args:
        connection: outside any transaction.
        keyring: opens and seals.
        now: aware UTC.
        limit: sources to take.
    """
    async with connection.transaction():
        waiting = await connection.execute("SELECT EXISTS (SELECT FROM link_queue)")
        if (await waiting.fetchone()) != (True,):
            return None
        # The epoch's row is locked first. A crash from here to COMMIT leaves the queue as it was.
        epoch = await begin_epoch(connection)
        cursor = await connection.execute(_TAKE, (limit,), binary=True)
        taken = await cursor.fetchall()
        persons = sorted({source for kind, source in taken if kind == RecordKind.PERSON.value})
        cases = sorted({source for kind, source in taken if kind == RecordKind.CASE.value})
        touched_persons = await link_persons(connection, keyring, persons, now)
        touched_cases = await link_cases(connection, cases, touched_persons.ids, now)
        done = await recompute(connection, keyring, touched_persons, touched_cases, epoch=epoch, now=now)
    return Linked(len(taken), len(touched_persons.ids), len(touched_cases.ids), done.written_count)
