"""Two databases that differ in what a caller may not see, and in nothing else: rows, values, whole persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hub.database import Pool
from schema import reach
from schema.entities import ROLES, entities
from schema.tables.golden import GOLDEN, REACHED
from tests.graphql.hub import NATION

_HANGS_ON = {
    "LegalEvent": ("Case", "case_id"),
    "ServiceEvent": ("Victim", "victim_id"),
    "Restitution": ("Victim", "victim_id"),
    "Movement": ("Victim", "person_id"),
    "JobPlacement": ("Victim", "person_id"),
    "Document": ("Victim", "person_id"),
}
_STRUCTURE = {"reach", "agencies", "provenance", "fingerprint", "epoch", "agency"}
"""Columns that make a row what it is to the rules, or are no part of the API."""


@dataclass(frozen=True)
class Holder:
    """A caller: purpose, and grants as tests.auth.parties.grant takes them."""

    name: str
    purpose: str
    held: tuple[Mapping[str, Any], ...]

    @property
    def scopes(self) -> frozenset[str]:
        """Of all grants."""
        return frozenset().union(*(one["scopes"] for one in self.held))

    def words(self, scope: str) -> set[str]:
        """The words that open rows for a scope."""
        return {
            word
            for one in self.held
            if scope in one["scopes"]
            for word in reach.of_grant(one["owner"], one["jurisdictions"], is_own=one["owner"] == "POLRI")
        }

    def owners(self, scope: str) -> set[str]:
        """The agencies whose own words a scope opens."""
        return {one["owner"] for one in self.held if scope in one["scopes"]}

    def sees(self, entity: str, row: Mapping[str, Any]) -> bool:
        """True if the row is given, were it one that is reached."""
        scope = entities()[entity].scope
        if entity not in REACHED:
            return not self.owners(scope).isdisjoint(row["agencies"])
        if row.get("is_child_at_exploitation") is True and self.words("victim.child:read").isdisjoint(
            row["reach"]
        ):
            return False
        return not self.words(scope).isdisjoint(row["reach"])


HOLDERS = (
    Holder(
        "cases-alone",
        "investigation",
        ({"owner": "POLRI", "scopes": {"case:read"}, "jurisdictions": NATION},),
    ),
    Holder(
        "border-province",
        "protection",
        (
            {"owner": "POLRI", "scopes": {"case:read", "victim:read"}, "jurisdictions": ("61",)},
            {"owner": "KEMENSOS", "scopes": {"victim:read", "victim.child:read"}, "jurisdictions": ("6101",)},
        ),
    ),
    Holder(
        "identities-of-one-owner",
        "investigation",
        (
            {"owner": "KEMENSOS", "scopes": {"victim:read", "victim.child:read"}, "jurisdictions": NATION},
            {
                "owner": "POLRI",
                "scopes": {"case:read", "victim:read", "victim.identity:read"},
                "jurisdictions": ("61",),
            },
            {"owner": "POLRI", "scopes": {"perpetrator:read"}, "jurisdictions": ("64",)},
        ),
    ),
)


async def part(pool: Pool, holder: Holder) -> int:
    """Changes all that the holder may not see; gives the number of rows that were changed or taken away."""
    async with pool.connection() as connection, connection.transaction():
        rows = {entity: await _rows(connection, entity) for entity in GOLDEN}
        seen = {
            entity: [row for row in rows[entity] if _reached(holder, entity, row, rows)] for entity in GOLDEN
        }
        count = 0
        for entity in GOLDEN:
            if entity == "Organisation":
                continue
            given = {row[entities()[entity].key] for row in seen[entity]}
            hidden = [row for row in rows[entity] if row[entities()[entity].key] not in given]
            for number, row in enumerate(hidden):
                count += await _disturb(connection, entity, row, rows[entity], gone=number % 2 == 0)
            for row in seen[entity]:
                count += await _forget(connection, holder, entity, row, rows)
        return count


async def _rows(connection: AsyncConnection[Any], entity: str) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    table = GOLDEN[entity]
    await cursor.execute(
        sql.SQL("SELECT * FROM {} ORDER BY {}").format(
            sql.Identifier(table.name), sql.Identifier(entities()[entity].key)
        )
    )
    return await cursor.fetchall()


def _reached(
    holder: Holder, entity: str, row: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> bool:
    if entity == "Person":
        return any(
            one["person_id"] == row["person_id"] and holder.sees(role, one)
            for role in ROLES
            for one in rows[role]
        )
    if entity in _HANGS_ON:
        owner, key = _HANGS_ON[entity]
        return holder.sees(entity, row) and any(
            one[key] == row[key] and holder.sees(owner, one) for one in rows[owner]
        )
    return holder.sees(entity, row)


async def _disturb(
    connection: AsyncConnection[Any],
    entity: str,
    row: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
    *,
    gone: bool,
) -> int:
    """Takes a hidden row away, or gives it the values of another one."""
    declared = entities()[entity]
    if gone and entity != "Person":
        statement = sql.SQL("DELETE FROM {} WHERE {} = %s").format(
            sql.Identifier(declared.table), sql.Identifier(declared.key)
        )
        return (await connection.execute(statement, (row[declared.key],))).rowcount
    other = others[(others.index(row) + 1) % len(others)]
    keys = {declared.key, "case_id", "person_id", "victim_id", "is_child_at_exploitation"}
    values = {one.name: other[one.name] for one in declared.fields if one.name not in keys | _STRUCTURE}
    return await _set(connection, entity, row, values)


async def _forget(
    connection: AsyncConnection[Any],
    holder: Holder,
    entity: str,
    row: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
) -> int:
    """Changes the values of a row that is given which the holder may not see."""
    values: dict[str, Any] = {}
    for one in entities()[entity].fields:
        if one.name == entities()[entity].key or one.name in _STRUCTURE:
            continue
        if not any(
            _opens(holder, entity, one, role, owner) for role, owner in _seen_as(holder, entity, row, rows)
        ):
            values[one.name] = None
    if any(one.sought and one.name in values for one in entities()[entity].fields):
        values["tokens"] = []
    return await _set(connection, entity, row, values) if values else 0


def _seen_as(
    holder: Holder, entity: str, row: Mapping[str, Any], rows: Mapping[str, Any]
) -> list[tuple[str, Mapping[str, Any]]]:
    """The rows of the API in which the row's values stand: itself, or for a person each role that is given."""
    if entity != "Person":
        return [(entity, row)]
    return [
        (role, one)
        for role in ROLES
        for one in rows[role]
        if one["person_id"] == row["person_id"] and holder.sees(role, one)
    ]


def _opens(holder: Holder, entity: str, one: Any, role: str, owner: Mapping[str, Any]) -> bool:
    scope = one.scope_for(ROLES.get(role, ""))
    if entity in REACHED or entity == "Person":
        return not holder.words(scope).isdisjoint(owner["reach"])
    return not holder.owners(scope).isdisjoint(owner["agencies"])


async def _set(
    connection: AsyncConnection[Any], entity: str, row: Mapping[str, Any], values: Mapping[str, Any]
) -> int:
    declared = entities()[entity]
    if not values:
        return 0
    pairs = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
    statement = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(declared.table), pairs, sql.Identifier(declared.key)
    )
    given = [
        Jsonb(value) if isinstance(value, list) and any(isinstance(item, dict) for item in value) else value
        for value in values.values()
    ]
    return (await connection.execute(statement, (*given, row[declared.key]))).rowcount
