"""The shape of variables: all of them that decides about a statement, and no value of a caller."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false
# graphql-core's wrapping types are generic and their items' types are left open.

from functools import cache
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)
from graphql.execution.values import VariableValues

from hub.graphql.caseload import SUBJECTS
from hub.graphql.catalogue import nodes
from hub.graphql.dimensions import enum_name
from hub.graphql.enums import Direction, order_enum

Shape: TypeAlias = object
"""Compared and hashed, never looked into."""


def shape_of(variables: VariableValues) -> Shape:
    """Names, which conditions are given, lengths of lists of them, orders, nulls, and what `@skip` depends on.

    Args:
        variables: coerced, of one operation.
    """
    return tuple(
        # A boolean on its own may decide about `@skip`; inside an input object it is a value like any other.
        (name, value if isinstance(value, bool) else _shape(variables.sources[name].signature.type, value))
        for name, value in sorted(variables.coerced.items())
    )


def _shape(kind: GraphQLInputType, value: Any) -> Shape:
    if isinstance(kind, GraphQLNonNull):
        return _shape(kind.of_type, value)
    if value is None:
        return None
    if isinstance(kind, GraphQLList) and _has_parts(get_named_type(kind)):
        return ("list", *(_shape(kind.of_type, item) for item in value))
    if isinstance(kind, GraphQLInputObjectType):
        return tuple((name, _shape(kind.fields[name].type, item)) for name, item in sorted(value.items()))
    decides = isinstance(kind, GraphQLEnumType) and kind.name in _deciding()
    return value if decides else "?"


@cache
def _deciding() -> frozenset[str]:
    """Enums whose values are part of the statement."""
    orders = (order_enum(node).__name__ for node in nodes().values() if node.sortable)
    groups = (enum_name(node) for node in SUBJECTS.values())
    return frozenset([Direction.__name__, *orders, *groups])


def _has_parts(kind: object) -> bool:
    """True if each item of a list is part of the statement, and not the list as a whole a value."""
    return isinstance(kind, GraphQLInputObjectType) or (
        isinstance(kind, GraphQLEnumType) and kind.name in _deciding()
    )
