"""The second way to answer: graphql-core itself over the printed SDL, with plain resolvers over the golden rows.

What may be asked follows from the directives of the SDL, what may be seen from the grants, and rows from the tables as
psycopg reads them. Nothing of hub.graphql is used: where both ways agree, neither a plan nor a guard has been believed.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

from graphql import (
    DocumentNode,
    execute_sync,
)
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from hub.identity import names
from hub.identity.envelope import subject_of
from hub.identity.keyring import Keyring
from schema import reach
from schema.declaration import CHILD_PURPOSES, WHEREABOUTS_PURPOSES, Declaration, Kind, camel_case
from schema.entities import RELATIONS, ROLES, entities
from schema.tables.golden import REACHED
from tests.graphql.model import Step, fields, form, holds, ordered
from tests.graphql.sdl import described

Row: TypeAlias = Mapping[str, Any]
IDENTIFIED = ("Case", "Victim", "Perpetrator")
_RELATIONS = {(one.owner, camel_case(one.name)): one for one in RELATIONS}
_SIGNATURE_BYTES = 16


@dataclass(frozen=True)
class Asker:
    """Who asks: the scopes and the purpose of the token, and the grants of the client."""

    scopes: frozenset[str]
    purpose: str
    held: tuple[Mapping[str, Any], ...]

    @cached_property
    def _opened(self) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
        """Words and owners that each scope of the token opens."""
        found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        for scope in self.scopes:
            giving = [one for one in self.held if scope in one["scopes"]]
            words = (
                reach.of_grant(one["owner"], one["jurisdictions"], is_own=one["owner"] == "POLRI")
                for one in giving
            )
            found[scope] = frozenset().union(*words), frozenset(one["owner"] for one in giving)
        return found

    def opens(self, scope: str, entity: str, row: Row) -> bool:
        """True if a grant of this scope opens the row."""
        words, owners = self._opened.get(scope, (frozenset[str](), frozenset[str]()))
        if entity in REACHED:
            return not words.isdisjoint(row["reach"])
        return not owners.isdisjoint(row["agencies"])

    def sees(self, entity: str, row: Row) -> bool:
        """True if the row is there for the caller."""
        if entity == "Organisation":
            return True
        if row.get("is_child_at_exploitation") is True and not self.opens("victim.child:read", entity, row):
            return False
        return self.opens(entities()[entity].scope, entity, row)


@dataclass(frozen=True)
class At:
    """A row where an answer has come to."""

    entity: str
    row: Row


@dataclass(frozen=True)
class Page:
    """A page of a list, and the whole of it."""

    entity: str
    everything: Sequence[At]
    behind: Sequence[At]
    first: int
    steps: Sequence[Step]
    has_before: bool

    @property
    def shown(self) -> Sequence[At]:
        """Its rows."""
        return self.behind[: self.first]


class Place(str):
    """What a cursor says; the hub's are signed, and are read before they are compared."""

    __slots__ = ()


def place_of(cursor: str) -> str:
    """What a cursor of the hub says."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    return json.dumps(json.loads(raw[_SIGNATURE_BYTES:]))


@dataclass(frozen=True, repr=False)
class Golden:
    """All golden rows of a database, by column, with identity opened; in the order of their ids."""

    tables: Mapping[str, list[Row]]
    redirects: Mapping[UUID, UUID]

    def __repr__(self) -> str:
        return "Golden(...)"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For hypothesis, which would write out all of it."""
        del cycle
        printer.text(repr(self))

    @classmethod
    async def read(cls, connection: AsyncConnection[Any], keyring: Keyring) -> "Golden":
        """Everything that there is."""
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute("SELECT subject_id, agency, kek_version, wrapped FROM subject_key")
        keys = {row["subject_id"]: row for row in await cursor.fetchall()}
        tables: dict[str, list[Row]] = {}
        for entity in entities().values():
            sealed = [one.name for one in entity.fields if one.sealed]
            await cursor.execute(f"SELECT * FROM {entity.table} ORDER BY {entity.key}".encode())  # noqa: S608 -- names of ours
            tables[entity.name] = [
                row
                | {
                    name: _opened(keyring, keys, f"{entity.table}.{name}:{row[entity.key]}", row[name])
                    for name in sealed
                }
                for row in await cursor.fetchall()
            ]
        await cursor.execute("SELECT old_id, new_id FROM redirect")
        return cls(tables, {row["old_id"]: row["new_id"] for row in await cursor.fetchall()})

    @cached_property
    def persons(self) -> Mapping[UUID, Row]:
        """By id."""
        return {row["person_id"]: row for row in self.tables["Person"]}


def _opened(keyring: Keyring, keys: Mapping[UUID, Row], place: str, value: bytes | None) -> Any:
    key = None if value is None else keys.get(subject_of(value))
    if value is None or key is None:
        return None
    plain = keyring.open_sealed(
        value, place, agency=key["agency"], kek_version=key["kek_version"], wrapped=key["wrapped"]
    )
    return json.loads(plain)


@dataclass(frozen=True)
class Reference:
    """Answers one caller."""

    golden: Golden
    asker: Asker

    @cached_property
    def named(self) -> list[set[str]]:
        """Types that representations have named, for each use of `_entities` that was answered."""
        return []

    def answer(self, document: DocumentNode, variables: Mapping[str, Any]) -> Any:
        """The data, in the order of the selection; cursors are Places."""
        result = execute_sync(
            described(),
            document,
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value.entity,
        )
        assert not result.errors, result.errors
        return result.data

    def said(self, entity: str, name: str) -> list[Any]:
        """What the caller may see under a name, of all rows."""
        return [self._value(one, name) for one in self._rows(entity)]

    def _resolve(self, source: Any, info: Any, **given: Any) -> Any:
        name = info.field_name
        if info.parent_type.name == "Query":
            return self._root(name, given)
        if isinstance(source, Page):
            return self._of_page(source, name)
        if isinstance(source, tuple):
            return source[0] if name == "node" else source[1]
        return self._of_row(source, name, given) if isinstance(source, At) else source.get(name)

    def _of_row(self, source: At, name: str, given: Mapping[str, Any]) -> Any:
        relation = _RELATIONS.get((source.entity, name))
        if relation is None:
            return self._shown(source, name)
        found = self._related(source, name)
        return self._page(relation.target, found, given) if relation.many else next(iter(found), None)

    def _root(self, name: str, given: Mapping[str, Any]) -> Any:
        if name == "_entities":
            asked = given["representations"]
            self.named.append({one["__typename"] for one in asked}.intersection(IDENTIFIED))
            return [self._entity(one) for one in asked]
        if name == "node":
            found = (self._one(entity, given["id"]) for entity in IDENTIFIED)
            return next((one for one in found if one is not None), None)
        many = {f"{entity.lower()}s": entity for entity in IDENTIFIED}
        if name in many:
            return self._page(many[name], self._rows(many[name]), given)
        return self._one(name.capitalize(), given["id"])

    def _entity(self, said: Any) -> At | None:
        kind = said.get("__typename")
        return self._one(kind, said.get("id")) if kind in IDENTIFIED else None

    def _one(self, entity: str, wanted: Any) -> At | None:
        try:
            asked = UUID(wanted)
        except (ValueError, AttributeError, TypeError):
            return None
        asked = self.golden.redirects.get(asked, asked)
        return next((one for one in self._rows(entity) if one.row[entities()[entity].key] == asked), None)

    def _rows(self, entity: str) -> list[At]:
        if entity not in self._seen:
            rows = self.golden.tables[entity]
            self._seen[entity] = [At(entity, row) for row in rows if self.asker.sees(entity, row)]
        return self._seen[entity]

    @cached_property
    def _seen(self) -> dict[str, list[At]]:
        return {}

    def _related(self, owner: At, name: str) -> list[At]:
        relation = _RELATIONS[owner.entity, name]
        value = owner.row[relation.owner_field]
        found = self._rows(relation.target) if value is not None else []
        return [one for one in found if one.row[relation.target_field] == value]

    def _page(self, entity: str, rows: Sequence[At], given: Mapping[str, Any]) -> Page:
        found = [one for one in rows if self._fulfils(one, given.get("where") or {})]
        steps = [
            Step(camel_case(one["field"].lower()), one["direction"] == "DESC")
            for one in given.get("orderBy") or ()
        ]
        values = {
            id(one): {"id": one.row[entities()[entity].key]}
            | {step.field: self._value(one, step.field) for step in steps}
            | {"": one}
            for one in found
        }
        everything = [row[""] for row in ordered(values.values(), steps)]
        behind = everything
        if given.get("after") is not None:
            *_, key = json.loads(place_of(given["after"]))
            behind = [one for one in everything if str(one.row[entities()[entity].key]) > key]
        return Page(entity, everything, behind, given["first"], steps, given.get("after") is not None)

    def _of_page(self, page: Page, name: str) -> Any:
        shown = page.shown
        ends = [self._place(page, one) for one in shown] or [None]
        return {
            "nodes": shown,
            "edges": list(zip(shown, ends, strict=False)),
            "totalCount": len(page.everything),
            "pageInfo": page,
            "hasNextPage": len(page.behind) > len(shown),
            "hasPreviousPage": page.has_before,
            "startCursor": ends[0],
            "endCursor": ends[-1],
        }[name]

    def _place(self, page: Page, one: At) -> Place:
        values = [_in_json(self._value(one, step.field)) for step in page.steps]
        return Place(json.dumps([*values, str(one.row[entities()[page.entity].key])]))

    def _shown(self, at: At, name: str) -> Any:
        value = self._value(at, name)
        declared = fields(at.entity).get(name)
        # What was sealed is what was said of the person, in JSON already.
        return value if declared is None or declared.sealed else form(declared, value)

    def _value(self, at: At, name: str) -> Any:
        """What the caller may see of a row under that name; None where it is kept back."""
        entity, row = at.entity, at.row
        if name == "agencies":
            return row["agencies"]
        declared = fields(entity)[name]
        own = {one.name for one in entities()[entity].fields}
        person = self.golden.persons.get(row.get("person_id")) or {}
        value = row[declared.name] if declared.name in own else person.get(declared.name)
        if declared.name != entities()[entity].key and not self._opens(at, declared):
            return None
        if (entity, name) == ("Case", "means") and not self.asker.opens("victim.child:read", entity, row):
            return None if value is None else [one for one in value if one != "NOT_REQUIRED_CHILD"]
        return value

    def _opens(self, at: At, declared: Declaration) -> bool:
        entity, row = at.entity, at.row
        scope = declared.scope_for(ROLES.get(entity, ""))
        protected = entity == "Victim" and row["protection_level"] == "LPSK_PROTECTED"
        return (
            (entity == "Organisation" or self.asker.opens(scope, entity, row))
            and (not declared.sealed or self._may_be_identified(entity, row))
            and not (declared.whereabouts and protected and self.asker.purpose not in WHEREABOUTS_PURPOSES)
        )

    def _may_be_identified(self, entity: str, row: Row) -> bool:
        if entity not in {"Victim", "Document"} or self.asker.purpose in CHILD_PURPOSES:
            return True
        victims = (
            [row]
            if entity == "Victim"
            else [one.row for one in self._rows("Victim") if one.row["person_id"] == row["person_id"]]
        )
        return not any(one["is_child_at_exploitation"] is True for one in victims)

    def _fulfils(self, at: At, where: Mapping[str, Any]) -> bool:
        return all(self._holds(at, name, inner) for name, inner in where.items() if inner is not None)

    def _holds(self, at: At, name: str, inner: Any) -> bool:
        if name == "not":
            return not self._fulfils(at, inner)
        if name in {"and", "or"}:
            return (all if name == "and" else any)(self._fulfils(at, one) for one in inner)
        relation = _RELATIONS.get((at.entity, name))
        if relation is not None:
            found = self._related(at, name)
            asked = inner if relation.many else {"some": inner}
            return all(
                any(self._fulfils(one, where) for one in found) is (quantifier == "some")
                for quantifier, where in asked.items()
            )
        value = self._value(at, name)
        if "matches" in inner:
            said = [value, *(self._value(at, "aliases") or ())]
            return any(_is_called(one, inner["matches"]) for one in said if one)
        return all(holds(value, operator, operand) for operator, operand in inner.items())


def _is_called(name: str, asked: str) -> bool:
    """True if that many words are asked for, and the name has all of them; or if it is the whole of it."""
    *words, whole = names.sounds(name) or ("",)
    *wanted, all_of_it = names.sounds(asked) or ("",)
    return whole == all_of_it or (len(set(wanted)) > 1 and set(wanted) <= set(words))


def _in_json(value: Any) -> Any:
    """As PostgreSQL writes it in JSON."""
    if isinstance(value, datetime):
        head, dot, fraction = value.astimezone(UTC).replace(tzinfo=None).isoformat().partition(".")
        return head + (f".{fraction.rstrip('0')}" if dot else "") + "+00:00"
    return (
        value.isoformat() if hasattr(value, "isoformat") else str(value) if isinstance(value, UUID) else value
    )


def kinds() -> Mapping[str, Kind]:
    """The kind of every field of rows, by coordinate."""
    return {f"{entity}.{name}": one.kind for entity in entities() for name, one in fields(entity).items()}
