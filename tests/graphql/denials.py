"""What a document uses and what each use needs, read from the printed SDL alone: the guard's second opinion.

Nothing of the hub is imported, and the guard's way is not taken: no visitor and no type info, but the text of the document
beside the text of the schema.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
)
from graphql.utilities import type_from_ast

from tests.graphql.sdl import described, printed

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


def _uses(document: DocumentNode, variables: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            found.update(_selected(one.selection_set, one.operation.value.capitalize()))
            for variable in one.variable_definitions or ():
                kind, name = type_from_ast(described(), variable.type), variable.variable.name.value
                if variable.default_value is not None:
                    found.update(_in_literal(kind, variable.default_value))
                if name in variables:
                    found.update(_in_value(kind, variables[name]))
        elif isinstance(one, FragmentDefinitionNode):
            found.update(_selected(one.selection_set, one.type_condition.name.value))
    return found


def _selected(selections: SelectionSetNode, owner: str) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, FieldNode):
            yield from (owner, f"{owner}.{one.name.value}")
            declared = getattr(described().type_map[owner], "fields", {}).get(one.name.value)
            if declared is None:
                continue  # a name of introspection
            for argument in one.arguments or ():
                yield from _in_literal(declared.args[argument.name.value].type, argument.value)
            if one.selection_set is not None:
                yield from _selected(one.selection_set, get_named_type(declared.type).name)
        elif isinstance(one, InlineFragmentNode):
            inner = owner if one.type_condition is None else one.type_condition.name.value
            yield from _selected(one.selection_set, inner)


def _in_literal(kind: Any, value: ValueNode) -> Iterator[str]:
    if isinstance(value, ListValueNode):
        for one in value.values:
            yield from _in_literal(kind, one)
    elif isinstance(value, ObjectValueNode):
        owner = get_named_type(kind)
        if not isinstance(owner, GraphQLInputObjectType):
            return  # a scalar of any shape
        for one in value.fields:
            yield f"{owner.name}.{one.name.value}"
            yield from _in_literal(owner.fields[one.name.value].type, one.value)
    elif isinstance(value, EnumValueNode):
        yield f"{get_named_type(kind).name}.{value.value}"


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
    """Scopes and purposes of a coordinate: a type's are those of every field that leads to it, a condition's its field's."""
    owner, _, name = coordinate.partition(".")
    if not name:
        return _of_type(owner), None
    for suffix in ("Filter", "OrderField"):
        kind = owner.removesuffix(suffix)
        if owner.endswith(suffix) and kind in printed().rows:
            owner = kind
            name = {one.lower(): one for one in printed().objects[kind]}.get(
                name.replace("_", "").lower(), name
            )
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


def _of_type(name: str) -> frozenset[str]:
    if name not in printed().rows:
        return frozenset()
    leading = [
        field.scopes
        for owner, fields in printed().objects.items()
        for field in fields.values()
        if field.leads_to in {name, f"{name}Connection"} and owner not in {f"{name}Connection", f"{name}Edge"}
    ]
    return frozenset.intersection(*leading)
