"""`asOf`: rows of a moment, kept within the permit and handed to the same statement that answers from the view.

The rows of one case are computed from the versions and links of then (hub.view.past). They stand in no table, so row level
security cannot be their second fence: what a permit does not open is taken out here, before the statement's own rules
see any of it.
"""

from asyncio import to_thread
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from auth.permit import Permit
from hub.graphql.catalogue import ROLE_PERSON
from hub.graphql.request import RowsOfThen, as_uuid, plain
from hub.graphql.rules import CHILDREN
from hub.graphql.services import Services
from hub.identity.keyring import Keyring
from hub.view import past
from hub.view.golden import GoldenRow
from hub.view.past import Past
from schema.entities import ROLES, entities
from schema.errors import InputInvalid
from schema.record import Role
from schema.tables.golden import GOLDEN

_OF_VICTIM: Final = ("ServiceEvent", "Restitution")
_OF_PERSON: Final = ("Movement", "JobPlacement", "Document")


async def bring(
    services: Services, permit: Permit, asked: Mapping[int, str], arguments: Sequence[Mapping[str, Any]]
) -> dict[int, RowsOfThen]:
    """The rows that fields with `asOf` are answered from, as far as the permit opens them.

    Args:
        services: of the process; the service's role reads versions, which the one that reads rows may not.
        permit: of today.
        asked: types of the rows, by the number of their field's arguments.
        arguments: of all fields.

    Raises:
        InputInvalid: a moment has not come yet.
    """
    found: dict[int, RowsOfThen] = {}
    for use, node in asked.items():
        at, row_id = arguments[use]["asOf"], as_uuid(plain(arguments[use]["id"]))
        if at > services.clock():
            raise InputInvalid("asOf lies in the future; leave it out to ask for what is known now")
        then = past.NOTHING
        if row_id is not None:
            async with services.pool.connection() as connection, connection.transaction():
                await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                then = await _read(connection, services.keyring, node, row_id, at)
        documents = await to_thread(_documents, within(permit, then))
        found[use] = RowsOfThen(
            at=at, root_id=then.root_id, children=children_of(permit, then), documents=documents
        )
    return found


async def _read(
    connection: AsyncConnection[Any], keyring: Keyring, node: str, row_id: UUID, at: datetime
) -> Past:
    role = ROLES.get(node)
    if role is None:
        return await past.case_at(connection, keyring, row_id, at)
    return await past.part_at(connection, keyring, Role(role.upper()), row_id, at)


def within(permit: Permit, found: Past) -> dict[str, list[GoldenRow]]:
    """The rows that the permit opens, by entity: what row level security says of the view's tables.

    Args:
        permit: of today.
        found: of a moment.
    """
    if not found.case_ids.isdisjoint(permit.excluded):
        return {}
    rows = found.rows

    def reached(entity: str, scope: str | None = None) -> list[GoldenRow]:
        words = set(permit.reach(scope or entities()[entity].scope))
        return [row for row in rows.get(entity, ()) if not words.isdisjoint(row.reach)]

    def owned(entity: str, key: str, keys: Iterable[Any]) -> list[GoldenRow]:
        owners, held = set(permit.owners(entities()[entity].scope)), set(keys)
        return [
            row
            for row in rows.get(entity, ())
            if not owners.isdisjoint(row.agencies) and row.values[key] in held
        ]

    open_children = {id(row) for row in reached("Victim", CHILDREN)}
    cases, perpetrators = reached("Case"), reached("Perpetrator")
    victims = [
        row
        for row in reached("Victim")
        if row.values.get("is_child_at_exploitation") is not True or id(row) in open_children
    ]
    harmed = {row.values["person_id"] for row in victims}
    persons = harmed | {row.values["person_id"] for row in perpetrators}
    return {
        "Case": cases,
        "Victim": victims,
        "Perpetrator": perpetrators,
        ROLE_PERSON: [row for row in rows.get(ROLE_PERSON, ()) if row.values["person_id"] in persons],
        "LegalEvent": owned("LegalEvent", "case_id", (row.values["case_id"] for row in cases)),
        **{
            entity: owned(entity, "victim_id", (row.values["victim_id"] for row in victims))
            for entity in _OF_VICTIM
        },
        **{entity: owned(entity, "person_id", harmed) for entity in _OF_PERSON},
        "Organisation": list(rows.get("Organisation", ())) if permit.reach(entities()["Case"].scope) else [],
    }


def children_of(permit: Permit, found: Past) -> list[UUID]:
    """Persons of then who are children in a victim's row of now that row level security gives the permit.

    Args:
        permit: of today.
        found: of a moment.
    """
    words, of_children = (set(permit.reach(scope)) for scope in (entities()["Victim"].scope, CHILDREN))
    return sorted(
        {
            one.person_id
            for one in found.children
            if one.case_id not in permit.excluded
            and not words.isdisjoint(one.reach)
            and not of_children.isdisjoint(one.reach)
        }
    )


def _documents(opened: Mapping[str, Iterable[GoldenRow]]) -> dict[str, str]:
    return {entity: _document(opened.get(entity, ())) for entity in GOLDEN}


def _document(rows: Iterable[GoldenRow]) -> str:
    told = [
        {
            **row.values,
            **{name: f"\\x{sealed.hex()}" for name, sealed in row.sealed_values().items()},
            "agencies": list(row.agencies),
            "reach": list(row.reach),
            "tokens": list(row.tokens),
        }
        for row in rows
    ]
    return orjson.dumps(told, default=str).decode()
