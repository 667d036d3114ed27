"""Writes what has changed, in the transaction of the change: both stand, or neither.

An event says which row, and what happened to it; what the row holds is asked for, by whoever may. It is written for a
golden row of a case, a victim or a perpetrator that was written or went, and for a victim or perpetrator whose person
was written, since the API shows both as one.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

from hub.view.members import uuid_array
from hub.view.redirects import Renewed
from hub.view.store import Changes
from schema.entities import entities
from schema.tables.events import CHANNEL
from schema.tables.golden import REACHED

_KEEP = """
    INSERT INTO departed (row_id, entity, case_id, reach, is_child, at)
    SELECT {key}, %s, case_id, reach, {is_child}, %s FROM {table} WHERE {key} = ANY(%s::uuid[])
    ON CONFLICT (row_id) DO UPDATE SET case_id = excluded.case_id, reach = excluded.reach,
        is_child = excluded.is_child, at = excluded.at
"""
_ADVANCE = "UPDATE outbox SET head = head + %s WHERE singleton = 1 RETURNING head - %s, pg_notify(%s, '')"
_INSERT = """
    INSERT INTO event (position, entity, row_id, kind, old_ids, new_id, at)
    SELECT %s + e.nth, e.entity, e.row_id, e.kind, CAST(e.old_ids AS uuid[]), e.new_id, %s
    FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[])
        WITH ORDINALITY AS e (entity, row_id, kind, old_ids, new_id, nth)
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one row.

    Attributes:
        entity: Case, Victim or Perpetrator.
        row_id: its id.
        kind: one of schema.tables.events.KINDS.
        old_ids: ids that lead to it from now on.
        new_id: to what its id leads from now on.
    """

    entity: str
    row_id: UUID
    kind: str
    old_ids: tuple[UUID, ...] = ()
    new_id: UUID | None = None


async def keep_reach(
    connection: AsyncConnection[Any], gone: Mapping[str, Iterable[UUID]], now: datetime
) -> None:
    """Keeps to whom rows were given that are about to go, so that their end is told to these.

    Args:
        connection: inside the caller's transaction, before the rows are taken out.
        gone: ids by entity.
        now: aware UTC.
    """
    for entity in REACHED:
        wanted = uuid_array(gone.get(entity, ()))
        if wanted == "{}":
            continue
        declared = entities()[entity]
        is_child = "is_child_at_exploitation IS TRUE" if entity == "Victim" else "false"
        statement = sql.SQL(_KEEP).format(
            key=sql.Identifier(declared.key), table=sql.Identifier(declared.table), is_child=sql.SQL(is_child)
        )
        await connection.execute(statement, (entity, now, wanted))


async def write(
    connection: AsyncConnection[Any],
    changes: Mapping[str, Changes],
    *,
    before: Mapping[str, AbstractSet[UUID]],
    standing: Mapping[str, AbstractSet[UUID]],
    renewed: Renewed,
    roles: Iterable[tuple[str, UUID, UUID]],
    now: datetime,
) -> None:
    """Writes the events of one recompute and wakes whoever waits for them.

    Args:
        connection: inside the caller's transaction, which holds the epoch's row.
        changes: by entity.
        before: ids of the rows that stood before, by entity.
        standing: ids of the rows that stand now, by entity.
        renewed: where ids lead from now on that did not before.
        roles: (entity, id, person) of parts in the touched cases.
        now: aware UTC.
    """
    came = [
        row_id for entity in REACHED for row_id in changes[entity].written if row_id not in before[entity]
    ]
    if came:
        await connection.execute("DELETE FROM departed WHERE row_id = ANY(%s::uuid[])", (uuid_array(came),))
    found = events(changes, before, standing, renewed, roles)
    if not found:
        return
    cursor = await connection.execute(_ADVANCE, (len(found), len(found), CHANNEL))
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 -- the migration inserts the row
    await connection.execute(
        _INSERT,
        (
            row[0],
            now,
            _words(one.entity for one in found),
            uuid_array(one.row_id for one in found),
            _words(one.kind for one in found),
            [uuid_array(one.old_ids) if one.old_ids else None for one in found],
            [one.new_id for one in found],
        ),
    )


def _words(words: Iterable[str]) -> str:
    """Names of ours as PostgreSQL writes an array."""
    return "{" + ",".join(words) + "}"


def events(
    changes: Mapping[str, Changes],
    before: Mapping[str, AbstractSet[UUID]],
    standing: Mapping[str, AbstractSet[UUID]],
    renewed: Renewed,
    roles: Iterable[tuple[str, UUID, UUID]],
) -> list[Event]:
    """The events of one recompute, one for each row that it touched; `write` says what the arguments are."""
    persons = {*changes["Person"].written}
    of_persons: dict[str, list[UUID]] = {entity: [] for entity in REACHED}
    for entity, row_id, person_id in roles:
        if person_id in persons and row_id in standing[entity]:
            of_persons[entity].append(row_id)
    taken_over: dict[UUID, list[UUID]] = {}
    for old_id, new_id in renewed.leads.items():
        taken_over.setdefault(new_id, []).append(old_id)
    found: list[Event] = []
    for entity in REACHED:
        written, gone = changes[entity].written, changes[entity].gone
        led = [row_id for row_id in taken_over if row_id in standing[entity]]
        new = {*written}.difference(before[entity])
        for row_id in dict.fromkeys((*written, *led, *of_persons[entity])):
            if row_id in taken_over or row_id in renewed.returned:
                kind = "CORRECTED"
            else:
                kind = "CREATED" if row_id in new else "CHANGED"
            found.append(Event(entity, row_id, kind, old_ids=tuple(sorted(taken_over.get(row_id, ())))))
        for row_id in gone:
            new_id = renewed.leads.get(row_id)
            found.append(Event(entity, row_id, "WITHDRAWN" if new_id is None else "CORRECTED", new_id=new_id))
    return found
