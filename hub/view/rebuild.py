"""Computes the whole view from nothing: the same rows as the increments made, and the proof of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from hub.identity.keyring import Keyring
from hub.view.events import VICTIM_EVENTS
from hub.view.members import Touched
from hub.view.recompute import recompute
from schema.entities import entities

_BATCH = 1000
_START = UUID(int=0)
_CASES = """
    SELECT entity_id FROM (
        SELECT entity_id FROM link WHERE kind = 'CASE' AND valid_to IS NULL
        UNION SELECT case_id FROM golden_case UNION SELECT case_id FROM golden_victim
        UNION SELECT case_id FROM golden_perpetrator UNION SELECT case_id FROM golden_legal_event
    ) e WHERE entity_id > %s ORDER BY entity_id LIMIT %s
"""
_PERSONS = """
    SELECT entity_id FROM (
        SELECT entity_id FROM link WHERE kind = 'PERSON' AND valid_to IS NULL
        UNION SELECT person_id FROM golden_person UNION SELECT person_id FROM golden_movement
        UNION SELECT person_id FROM golden_job_placement UNION SELECT person_id FROM golden_document
    ) e WHERE entity_id > %s ORDER BY entity_id LIMIT %s
"""
"""What the links know, and what the view has: a row of nobody is found as well."""
_OF_NO_VICTIM = (
    "DELETE FROM {table} e WHERE NOT EXISTS (SELECT FROM golden_victim v WHERE v.victim_id = e.victim_id)"
)


async def rebuild(
    connection: AsyncConnection[Any],
    keyring: Keyring,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Recomputes every person and case; a row that is right already is not written.

    Args:
        connection: outside any transaction; each thousand entities are one transaction.
        keyring: opens and seals.
        now: aware UTC.
        progress: told how many entities each step did.

    Returns:
        How many golden rows were written or taken out; 0 says that the increments were right.
    """
    changed = 0
    for statement in (_CASES, _PERSONS):
        position = _START
        while True:
            async with connection.transaction():
                cursor = await connection.execute(
                    "UPDATE epoch SET epoch = epoch + 1 WHERE singleton = 1 RETURNING epoch"
                )
                epoch = (await cursor.fetchall())[0][0]
                cursor = await connection.execute(statement, (position, _BATCH), binary=True)
                ids = [row[0] for row in await cursor.fetchall()]
                if not ids:
                    break
                done = await recompute(
                    connection,
                    keyring,
                    Touched(set(ids) if statement is _PERSONS else set()),
                    Touched(set(ids) if statement is _CASES else set()),
                    epoch=epoch,
                    now=now,
                )
            changed += sum(len(change.written) + len(change.gone) for change in done.changes.values())
            position = ids[-1]
            progress(len(ids))
    for entity in VICTIM_EVENTS:
        statement = _OF_NO_VICTIM.format(table=entities()[entity].table)
        changed += (await connection.execute(statement.encode())).rowcount
    return changed
