"""Where an id leads that no longer names anything: always by one step to what its records belong to now.

An id comes back when its entity does, and then leads nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

from hub.view.members import uuid_array
from hub.view.rows import Part
from schema.entities import entities

_ROLES = ("Victim", "Perpetrator")
_SUCCESSORS = """
    SELECT o.entity_id, array_agg(DISTINCT n.entity_id),
           array_agg(n.entity_id) FILTER (WHERE o.source_id = o.entity_id)
    FROM link o
    JOIN link n ON n.source_id = o.source_id AND n.valid_to IS NULL AND n.entity_id <> o.entity_id
    WHERE o.entity_id = ANY(%s::uuid[]) AND o.valid_to = %s GROUP BY o.entity_id
"""
_MOVED = """
    SELECT r.old_id, l.entity_id FROM redirect r JOIN link l ON l.source_id = r.old_id AND l.valid_to IS NULL
    WHERE l.entity_id = ANY(%s::uuid[]) AND l.entity_id <> r.old_id AND l.entity_id <> r.new_id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose part in which case a role is."""

    entity: str
    person_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class Renewed:
    """Where ids lead that led nowhere before, and ids that led elsewhere and name something again."""

    leads: Mapping[UUID, UUID]
    returned: frozenset[UUID]


async def places(connection: AsyncConnection[Any], gone: Mapping[str, Iterable[UUID]]) -> dict[UUID, Place]:
    """Where roles stood whose rows are about to go.

    Args:
        connection: inside the caller's transaction, before the rows are taken out.
        gone: ids by entity.
    """
    found: dict[UUID, Place] = {}
    for entity in _ROLES:
        wanted = uuid_array(gone.get(entity, ()))
        if wanted == "{}":
            continue
        declared = entities()[entity]
        statement = sql.SQL(
            "SELECT {key}, person_id, case_id FROM {table} WHERE {key} = ANY(%s::uuid[])"
        ).format(key=sql.Identifier(declared.key), table=sql.Identifier(declared.table))
        cursor = await connection.execute(statement, (wanted,), binary=True)
        found |= {row[0]: Place(entity, row[1], row[2]) for row in await cursor.fetchall()}
    return found


async def renew(
    connection: AsyncConnection[Any],
    *,
    came: Iterable[UUID],
    gone: Mapping[str, Iterable[UUID]],
    stood: Mapping[UUID, Place],
    parts: Sequence[tuple[str, Part]],
    touched: Iterable[UUID],
    now: datetime,
) -> Renewed:
    """Makes ids that went lead to their successors, and ids that came back lead nowhere else.

    Args:
        connection: inside the caller's transaction, after links and rows have changed.
        came: ids of rows that were written.
        gone: ids of rows that are no longer there, by entity.
        stood: where the roles among them stood.
        parts: all in the touched cases, each with its entity.
        touched: persons and cases.
        now: aware UTC, the moment of the change.
    """
    cursor = await connection.execute(
        "DELETE FROM redirect WHERE old_id = ANY(%s::uuid[]) RETURNING old_id",
        (uuid_array(came),),
        binary=True,
    )
    returned = frozenset(old_id for (old_id,) in await cursor.fetchall())
    leads = await _entities(connection, gone, now)
    by_role = {
        source.role_id: part.role_id
        for _, part in parts
        if len(part.sources) > 1
        for source in part.sources
        if source.role_id != part.role_id
    }
    standing = (
        {Place(entity, part.person_id, part.case_id): part.role_id for entity, part in parts} if stood else {}
    )
    for entity in _ROLES:
        for role in gone.get(entity, ()):
            place = stood.get(role)
            now_at = by_role.get(role) or (_part(standing, place, leads) if place else None)
            if now_at is not None and now_at != role:
                leads[role] = (now_at, entity)
    await _write(connection, leads, now)
    await _follow(connection, leads, by_role, touched)
    return Renewed({old_id: new_id for old_id, (new_id, _) in leads.items()}, returned)


async def _entities(
    connection: AsyncConnection[Any], gone: Mapping[str, Iterable[UUID]], now: datetime
) -> dict[UUID, tuple[UUID, str]]:
    leads: dict[UUID, tuple[UUID, str]] = {}
    for entity in ("Person", "Case"):
        wanted = uuid_array(gone.get(entity, ()))
        if wanted == "{}":
            continue
        cursor = await connection.execute(_SUCCESSORS, (wanted, now), binary=True)
        for old_id, new_ids, own in await cursor.fetchall():
            # The record that gave the id says where it is now. Once that one is withdrawn and the rest went several
            # ways, nobody can say which of them was meant.
            if own or len(new_ids) == 1:
                leads[old_id] = ((own or new_ids)[0], entity)
    return leads


def _part(
    standing: Mapping[Place, UUID], stood: Place, leads: Mapping[UUID, tuple[UUID, str]]
) -> UUID | None:
    person_id, _ = leads.get(stood.person_id, (stood.person_id, ""))
    case_id, _ = leads.get(stood.case_id, (stood.case_id, ""))
    return standing.get(Place(stood.entity, person_id, case_id))


async def _write(
    connection: AsyncConnection[Any], leads: Mapping[UUID, tuple[UUID, str]], now: datetime
) -> None:
    if leads:
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO redirect (old_id, new_id, kind, since) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (old_id) DO UPDATE SET new_id = excluded.new_id, since = excluded.since",
                [(old_id, new_id, entity, now) for old_id, (new_id, entity) in leads.items()],
            )


async def _follow(
    connection: AsyncConnection[Any],
    leads: Mapping[UUID, tuple[UUID, str]],
    by_role: Mapping[UUID, UUID],
    touched: Iterable[UUID],
) -> None:
    """Sends on what led to an id that went, and what belongs elsewhere since a person or case came apart."""
    further = {old_id: new_id for old_id, (new_id, _) in leads.items()}
    cursor = await connection.execute(
        "SELECT old_id, new_id FROM redirect WHERE new_id = ANY(%s::uuid[])",
        (uuid_array(further),),
        binary=True,
    )
    moved = {old_id: further[new_id] for old_id, new_id in await cursor.fetchall()}
    cursor = await connection.execute(_MOVED, (uuid_array(touched),), binary=True)
    moved.update(await cursor.fetchall())
    cursor = await connection.execute(
        "SELECT old_id FROM redirect WHERE old_id = ANY(%s::uuid[])", (uuid_array(by_role),), binary=True
    )
    moved.update({old_id: by_role[old_id] for (old_id,) in await cursor.fetchall()})
    if moved:
        async with connection.cursor() as writing:
            await writing.executemany(
                "UPDATE redirect SET new_id = %s WHERE old_id = %s",
                [(new_id, old_id) for old_id, new_id in moved.items()],
            )
