"""The API's answers as plain Python makes them from the golden rows: nothing here comes from hub.graphql."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from hub.database import Pool
from schema.declaration import Declaration, Kind, camel_case
from schema.entities import RELATIONS, ROLES, Relation, entities

Row = Mapping[str, Any]
"""Values of one golden row by name in the API, as psycopg reads them; a role's person's among them."""


def form(declaration: Declaration, value: Any) -> Any:
    """A value as an answer has it (design, section 7)."""
    if value is None:
        return None
    match declaration.kind:
        case Kind.ID | Kind.MONEY:
            return str(value)
        case Kind.DATE:
            return value.isoformat()
        case Kind.TIMESTAMP:
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case Kind.OBJECTS:
            return [{camel_case(name): inner for name, inner in one.items()} for one in value]
        case _:
            return value


@dataclass
class Model:
    """All golden rows of a database."""

    tables: Mapping[str, list[Row]]

    @classmethod
    async def read(cls, pool: Pool) -> "Model":
        async with pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            golden: dict[str, list[dict[str, Any]]] = {}
            for entity in entities().values():
                await cursor.execute(f"SELECT * FROM {entity.table} ORDER BY {entity.key}".encode())  # noqa: S608 -- names of ours
                golden[entity.name] = await cursor.fetchall()
        persons = {row["person_id"]: row for row in golden.pop("Person")}
        tables = {
            name: [cls._named(name, {**_person(name, row, persons), **row}) for row in rows]
            for name, rows in golden.items()
        }
        return cls(tables)

    @staticmethod
    def _named(entity: str, row: Row) -> Row:
        declared = fields(entity)
        return {name: row.get(one.name) for name, one in declared.items()} | {"agencies": row["agencies"]}

    def rows(self, entity: str, *, children: bool = True) -> list[Row]:
        """The rows of a type in the order of their ids.

        Args:
            entity: its name.
            children: those of victims under 18 too.
        """
        return [row for row in self.tables[entity] if children or not is_child(row)]

    def related(self, relation: Relation, owner: Row, *, children: bool = True) -> list[Row]:
        """The rows that a relation leads to, in the order of their ids."""
        value = owner[_api_name(relation.owner, relation.owner_field)]
        name = _api_name(relation.target, relation.target_field)
        return [row for row in self.rows(relation.target, children=children) if row[name] == value != None]  # noqa: E711 -- null meets nothing

    def answer(self, entity: str, row: Row) -> dict[str, Any]:
        """All of a row that is not sealed, as an answer has it."""
        return {name: form(one, row[name]) for name, one in fields(entity).items() if not one.sealed} | {
            "agencies": row["agencies"]
        }

    def fulfils(self, entity: str, row: Row, where: Mapping[str, Any]) -> bool:
        """True if all conditions hold; a row without the value fulfils none but isNull."""
        return all(self._holds(entity, row, name, inner) for name, inner in where.items())

    def _holds(self, entity: str, row: Row, name: str, inner: Any) -> bool:
        if inner is None:
            return True
        if name == "not":
            return not self.fulfils(entity, row, inner)
        if name in {"and", "or"}:
            listed = inner if isinstance(inner, list) else [inner]
            return (all if name == "and" else any)(self.fulfils(entity, row, one) for one in listed)
        for relation in self.relations[entity]:
            if camel_case(relation.name) == name:
                return self._leads(relation, row, inner)
        return all(holds(row[name], operator, operand) for operator, operand in inner.items())

    def _leads(self, relation: Relation, row: Row, inner: Mapping[str, Any]) -> bool:
        asked = inner if relation.many else {"some": inner}
        found = self.related(relation, row)
        return all(
            any(self.fulfils(relation.target, one, where) for one in found) is (quantifier == "some")
            for quantifier, where in asked.items()
        )

    @cached_property
    def relations(self) -> Mapping[str, list[Relation]]:
        return {entity: [one for one in RELATIONS if one.owner == entity] for entity in self.tables}


def _person(entity: str, row: Row, persons: Mapping[UUID, Row]) -> Row:
    if entity not in ROLES or row["person_id"] not in persons:
        return {}
    return {name: value for name, value in persons[row["person_id"]].items() if name != "agencies"}


def _api_name(entity: str, name: str) -> str:
    return "id" if name == entities()[entity].key else camel_case(name)


def is_child(row: Row) -> bool:
    return row.get("isChildAtExploitation") is True


def fields(entity: str) -> dict[str, Declaration]:
    """Declared fields of a type by their names in the API; of a role, its person's too."""
    declared = entities()[entity]
    found = {declared.graphql_name(one): one for one in declared.fields}
    if entity in ROLES:
        for one in entities()["Person"].fields:
            found.setdefault(camel_case(one.name), one)
    return found


def sealed(entity: str) -> set[str]:
    return {name for name, one in fields(entity).items() if one.sealed}


@dataclass(frozen=True)
class Step:
    """One step of an order."""

    field: str
    descending: bool


def ordered(rows: Iterable[Row], steps: Sequence[Step]) -> list[Row]:
    """The rows in that order: without a value last either way, by id where all are equal."""
    found = sorted(rows, key=lambda row: row["id"])
    for step in reversed(steps):
        named = [row for row in found if row[step.field] is not None]
        named.sort(key=lambda row: row[step.field], reverse=step.descending)
        found = named + [row for row in found if row[step.field] is None]
    return found


def as_sent(value: Any) -> Any:
    """The value as a caller would write it, so that both sides of a comparison are of one type."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else value


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: value == operand,
    "in": lambda value, operand: value in operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "startsWith": lambda value, operand: value.startswith(operand),
    "contains": lambda value, operand: operand in value,
    "containsAny": lambda value, operand: bool(set(value) & set(operand)),
}


def holds(value: Any, operator: str, operand: Any) -> bool:
    if operator == "isNull":
        return (value is None) is operand
    if value is None:
        return False
    return _TESTS[operator](as_sent(value), operand)
