"""What a document uses and what each use needs, as the printed SDL has it: the guard's second opinion."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)
from graphql.utilities import type_from_ast

from schema.declaration import camel_case
from schema.entities import entities
from tests.graphql.sdl import described

Denial: TypeAlias = tuple[str, str, tuple[str, ...]]
"""Coordinate, code, and the scopes or purposes that would open it."""


def denied(
    document: DocumentNode, variables: Mapping[str, Any], scopes: frozenset[str], purpose: str
) -> set[Denial]:
    """Every use that is not open to these scopes and this purpose."""
    used = _uses(document, variables)
    return closed(used, scopes) | {
        (coordinate, "PURPOSE_NOT_ALLOWED", purposes)
        for coordinate in used
        if (purposes := _needed(coordinate)[1]) is not None and purpose not in purposes
    }


def closed(coordinates: Iterable[str], scopes: frozenset[str]) -> set[Denial]:
    """Of these coordinates, those that the scopes do not open."""
    return {
        (coordinate, "FORBIDDEN", tuple(sorted(needed)))
        for coordinate in coordinates
        if not (needed := _needed(coordinate)[0]) <= scopes
    }


class _Uses(Visitor):
    """Coordinates that a document uses."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.info.get_parent_type()
        if parent is not None:
            self.found |= {parent.name, f"{parent.name}.{node.name.value}"}

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        parent = get_named_type(self.info.get_parent_input_type())
        if isinstance(parent, GraphQLInputObjectType):
            self.found.add(f"{parent.name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        kind = get_named_type(self.info.get_input_type())
        if isinstance(kind, GraphQLEnumType):
            self.found.add(f"{kind.name}.{node.value}")


def _uses(document: DocumentNode, variables: Mapping[str, Any]) -> set[str]:
    info = TypeInfo(described())
    uses = _Uses(info)
    visit(document, TypeInfoVisitor(info, uses))
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            for one in operation.variable_definitions or ():
                name = one.variable.name.value
                if name in variables:
                    uses.found.update(_in_value(type_from_ast(described(), one.type), variables[name]))
    return uses.found


def _in_value(kind: Any, value: Any) -> Iterator[str]:
    if isinstance(kind, GraphQLNonNull):
        yield from _in_value(kind.of_type, value)
    elif isinstance(kind, GraphQLList):
        for one in value if isinstance(value, list) else [value]:
            yield from _in_value(kind.of_type, one)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, inner in value.items():
            yield f"{kind.name}.{name}"
            yield from _in_value(kind.fields[name].type, inner)
    elif isinstance(kind, GraphQLEnumType):
        yield f"{kind.name}.{value}"


@cache
def _needed(coordinate: str) -> tuple[frozenset[str], tuple[str, ...] | None]:
    """Scopes and purposes of a coordinate, as the SDL has them."""
    owner, _, name = coordinate.partition(".")
    if owner in entities() and not name:
        return frozenset([entities()[owner].scope]), None
    for suffix, spell in (("Filter", str), ("OrderField", lambda one: camel_case(one.lower()))):
        kind = owner.removesuffix(suffix)
        if owner.endswith(suffix) and kind in entities():
            owner, name = kind, spell(name)
    declared = getattr(described().get_type(owner), "fields", {}).get(name)
    scopes: frozenset[str] = frozenset()
    purposes: tuple[str, ...] | None = None
    for directive in (declared.ast_node.directives if declared is not None else None) or ():
        if directive.name.value == "requiresScopes":
            (alternative,) = directive.arguments[0].value.values
            scopes = frozenset(one.value for one in alternative.values)
        elif directive.name.value == "requiresPurpose":
            purposes = tuple(one.value for one in directive.arguments[0].value.values)
    return scopes, purposes
