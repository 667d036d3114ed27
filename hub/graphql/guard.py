"""Every use of a field that an operation makes, and those that the permit does not cover.

A use is a selection, a filter, a step of an order: in literals, fragments, defaults and variables, in operations that
are not the one that runs, and under `@skip`. Nothing is read before this has passed.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
# graphql-core's wrapping types are generic and their items' types are left open.

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)
from graphql.utilities import type_from_ast

from auth.permit import Permit
from hub.graphql import answers, caseload, decisions, events
from hub.graphql.catalogue import OPEN, ROOTS, Scopes, nodes
from schema.errors import MissingPurpose, MissingScope, UseRefused


@cache
def requirements() -> Mapping[str, Scopes]:
    """The scopes of every coordinate that has any: fields, filter inputs and enum values of orders."""
    found: dict[str, Scopes] = {
        **answers.REQUIRES,
        **caseload.REQUIRES,
        **decisions.REQUIRES,
        **events.REQUIRES,
    }
    for root in ROOTS.values():
        found[f"Query.{root.name}"] = nodes()[root.node].requires
    for node in nodes().values():
        found[node.name] = node.requires
        for column in node.columns.values():
            found[f"{node.name}.{column.name}"] = column.requires
        for link in node.links.values():
            found[f"{node.name}.{link.name}"] = link.requires
            found[f"{node.name}Filter.{link.name}"] = link.requires
        for column in node.filterable:
            found[f"{node.name}Filter.{column.name}"] = column.requires
        for column in node.sortable:
            found[f"{node.name}OrderField.{column.declaration.name.upper()}"] = column.requires
    return {coordinate: requires for coordinate, requires in found.items() if requires != OPEN}


@cache
def purposes() -> Mapping[str, tuple[str, ...]]:
    """The purposes that may use each coordinate, where not all may."""
    found: dict[str, tuple[str, ...]] = dict(caseload.PURPOSES)
    for node in nodes().values():
        for column in node.columns.values():
            if column.purposes is not None:
                found[f"{node.name}.{column.name}"] = column.purposes
                if column in node.filterable:
                    found[f"{node.name}Filter.{column.name}"] = column.purposes
                if column in node.sortable:
                    found[f"{node.name}OrderField.{column.declaration.name.upper()}"] = column.purposes
    return found


@dataclass(frozen=True, slots=True)
class Uses:
    """Coordinates that an operation uses.

    Attributes:
        selected: fields and their types: what a lenient answer may leave out.
        argued: fields of filters, values of orders, dimensions of groups: without them another question would be answered.
        all: both.
    """

    selected: frozenset[str]
    argued: frozenset[str]
    all: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Both are put together once: most documents are asked again."""
        object.__setattr__(self, "all", self.selected | self.argued)

    def with_argued(self, argued: frozenset[str]) -> "Uses":
        """These and what variables name."""
        return self if argued <= self.argued else Uses(self.selected, self.argued | argued)


class _Uses(Visitor):
    """Collects the coordinates that a document uses."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.selected: set[str] = set()
        self.argued: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """A selection."""
        parent = self._types.get_parent_type()
        if parent is not None:
            # The type itself too: an entity reached by its key is seen even where only its open key is selected.
            self.selected |= {parent.name, f"{parent.name}.{node.name.value}"}

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        """A field of an input object; the type info has moved on to the field's own type, its parent is the object."""
        parent = get_named_type(self._types.get_parent_input_type())
        if isinstance(parent, GraphQLInputObjectType):
            self.argued.add(f"{parent.name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        """A value of an enum."""
        kind = get_named_type(self._types.get_input_type())
        if isinstance(kind, GraphQLEnumType):
            self.argued.add(f"{kind.name}.{node.value}")


def uses_of_document(schema: GraphQLSchema, document: DocumentNode) -> Uses:
    """Coordinates that the text of a valid document uses, in all its operations and fragments."""
    types = TypeInfo(schema)
    uses = _Uses(types)
    visit(document, TypeInfoVisitor(types, uses))
    return Uses(frozenset(uses.selected), frozenset(uses.argued))


def uses_of_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, values: Mapping[str, Any]
) -> frozenset[str]:
    """Coordinates that the values of variables use: an input object's field may be named only there.

    Args:
        schema: ours.
        operation: the one that runs.
        values: as received, already found to fit their types.
    """
    found: set[str] = set()
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind = type_from_ast(schema, definition.type)
        if name in values and kind is not None:
            found.update(_uses_of_value(cast("GraphQLInputType", kind), values[name]))
    return frozenset(found)


def _uses_of_value(kind: GraphQLInputType, value: Any) -> Iterator[str]:
    if isinstance(kind, GraphQLNonNull):
        yield from _uses_of_value(kind.of_type, value)
    elif isinstance(kind, GraphQLList):
        for item in value if isinstance(value, list) else [value]:
            yield from _uses_of_value(kind.of_type, item)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, item in value.items():
            yield f"{kind.name}.{name}"
            yield from _uses_of_value(kind.fields[name].type, item)
    elif isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        yield f"{kind.name}.{value}"


def check(permit: Permit, uses: frozenset[str]) -> None:
    """Returns if the permit covers every use.

    Raises:
        UseRefused: names every coordinate that it does not cover, with the scopes or purposes that would.
    """
    found = missing(permit, uses)
    if found:
        raise UseRefused(found)


def refused(permit: Permit, uses: Uses) -> frozenset[str]:
    """Selected fields that the permit does not cover, for an answer that leaves them out.

    Raises:
        UseRefused: a filter or an order is not covered: leaving it out would answer another question. Or a field is
            not, which no statement brings and so none can leave out.
    """
    may_go = uses.selected & _left_out() | uses.argued & caseload.LEFT_OUT
    check(permit, uses.all - may_go)
    return frozenset(use.coordinate for use in missing(permit, may_go))


@cache
def _left_out() -> frozenset[str]:
    """Fields that a statement can leave out: roots, types of rows and their fields."""
    roots = {coordinate for coordinate in requirements() if coordinate.startswith("Query.")}
    fields = {f"{node.name}.{name}" for node in nodes().values() for name in (*node.columns, *node.links)}
    return frozenset(roots | fields | nodes().keys() | caseload.LEFT_OUT)


def missing(permit: Permit, uses: frozenset[str]) -> list[MissingScope | MissingPurpose]:
    """Every use that the permit does not cover, by coordinate: first those for want of a scope, then of a purpose."""
    required, allowed = requirements(), purposes()
    found: list[MissingScope | MissingPurpose] = [
        MissingScope(coordinate=coordinate, requires=required[coordinate])
        for coordinate in sorted(uses & required.keys())
        if not permit.allows(required[coordinate])
    ]
    found += [
        MissingPurpose(coordinate=coordinate, purposes=allowed[coordinate])
        for coordinate in sorted(uses & allowed.keys())
        if not permit.serves(allowed[coordinate])
    ]
    return found
