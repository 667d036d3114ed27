"""What the API shows: every type, field and relation with the scopes that open it, derived from the declarations.

Types, filters, the guard and the statement are all made from this one catalogue, so that a field cannot be in one of
them and missing in another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from schema.declaration import Declaration, Entity, Kind, Rule, Sensitivity, Standards, camel_case
from schema.entities import RELATIONS, ROLES, Relation, entities

Scopes: TypeAlias = tuple[tuple[str, ...], ...]
"""`@requiresScopes`: outer OR, inner AND. `((),)` asks for nothing beyond what opened the type."""

OPEN: Scopes = ((),)

ROLE_PERSON = "Person"
"""Entity that has no type of its own: its fields stand on each role."""


def both(one: Scopes, other: Scopes) -> Scopes:
    """What a caller needs who needs both: one alternative of each, together."""
    pairs = (dict.fromkeys((*left, *right)) for left in one for right in other)
    return tuple(dict.fromkeys(tuple(pair) for pair in pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field that is a column of the golden table, or of the person behind a role."""

    name: str
    declaration: Declaration
    entity: str
    requires: Scopes

    @property
    def purposes(self) -> tuple[str, ...] | None:
        """The purposes that may use it, if not all may."""
        return self.declaration.purposes

    @property
    def scope(self) -> str | None:
        """The one scope that opens its values; None where whoever sees the row sees them."""
        return None if self.requires == OPEN else self.requires[0][0]

    @property
    def of_person(self) -> bool:
        """True if the column stands in golden_person, not in the type's own table."""
        return self.entity == ROLE_PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A field that leads to rows of another type; seeing it needs that type's scope, since that there is something is a fact."""

    name: str
    relation: Relation
    requires: Scopes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One type of the API; there is one object of each."""

    name: str
    entity: Entity
    requires: Scopes
    columns: Mapping[str, Column]
    links: Mapping[str, Link]

    @property
    def scope(self) -> str:
        """The one scope that opens its rows."""
        return self.requires[0][0]

    @property
    def filterable(self) -> tuple[Column, ...]:
        """Columns that may stand in `where`; the key is always one of them."""
        return tuple(
            column
            for column in self.columns.values()
            if column.declaration.filterable or column.declaration.name == self.entity.key
        )

    @property
    def sortable(self) -> tuple[Column, ...]:
        """Columns that may stand in `orderBy`."""
        return tuple(column for column in self.columns.values() if column.declaration.sortable)


def _agencies(entity: Entity) -> Declaration:
    """The column that every golden table has beside the declared ones (schema.tables.golden)."""
    return Declaration(
        entity=entity.name,
        name="agencies",
        text="Agencies whose records the row rests on.",
        label_id="Instansi sumber",
        kind=Kind.CODES,
        codes="agency",
        sensitivity=Sensitivity.OPERATIONAL,
        scope=entity.scope,
        rule=Rule.DERIVED,
        wins=(),
        filterable=True,
        sortable=False,
        standards=Standards(),
    )


def _columns(entity: Entity) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for declaration in (*entity.fields, _agencies(entity)):
        # The key of a row one may see tells nothing beyond the row: it stays open, so that a client whose other
        # fields are all refused still gets rows and not an empty object.
        requires = OPEN if declaration.name == entity.key else ((declaration.scope,),)
        name = entity.graphql_name(declaration)
        found[name] = Column(name=name, declaration=declaration, entity=entity.name, requires=requires)
    role = ROLES.get(entity.name)
    if role is not None:
        person = entities()[ROLE_PERSON]
        for declaration in person.fields:
            name = camel_case(declaration.name)
            if name not in found:
                requires = ((declaration.scope_for(role),),)
                found[name] = Column(
                    name=name, declaration=declaration, entity=person.name, requires=requires
                )
    return found


def _links(entity: Entity) -> dict[str, Link]:
    return {
        camel_case(relation.name): Link(
            name=camel_case(relation.name),
            relation=relation,
            requires=((entities()[relation.target].scope,),),
        )
        for relation in RELATIONS
        if relation.owner == entity.name
    }


@cache
def nodes() -> Mapping[str, Node]:
    """Every type of the API that is a golden table, by name."""
    return MappingProxyType(
        {
            entity.name: Node(
                name=entity.name,
                entity=entity,
                requires=((entity.scope,),),
                columns=MappingProxyType(_columns(entity)),
                links=MappingProxyType(_links(entity)),
            )
            for entity in entities().values()
            if entity.name != ROLE_PERSON
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A field of Query that answers with rows: one by its id, or a connection."""

    name: str
    node: str
    many: bool


ROOTS: Mapping[str, Root] = MappingProxyType(
    {
        root.name: root
        for root in (
            Root(name="case", node="Case", many=False),
            Root(name="cases", node="Case", many=True),
            Root(name="victim", node="Victim", many=False),
            Root(name="victims", node="Victim", many=True),
            Root(name="perpetrator", node="Perpetrator", many=False),
            Root(name="perpetrators", node="Perpetrator", many=True),
        )
    }
)
"""Roots of rows. What hangs below them is reached by relations."""

IDENTIFIED: tuple[str, ...] = tuple(root.node for root in ROOTS.values() if not root.many)
"""Types whose rows can be asked for by their id alone: by a root of their own, by `node`, and by a federation."""
