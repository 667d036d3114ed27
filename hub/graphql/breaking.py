"""What changes between two schemas, and what each change touches of what clients use.

Source: graphql-core's comparison of schemas; coordinates as in `hub.graphql.coordinates`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# graphql-core's wrapping types are generic and their items' types are left open.

import re
from dataclasses import dataclass
from typing import Final

from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    DirectiveLocation,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    print_ast,
    validate,
)
from graphql.utilities.find_schema_changes import find_schema_changes

from hub.graphql.coordinates import coordinates_of
from schema.errors import InputInvalid

_ACCESS: Final = ("requiresScopes", "requiresPurpose")
"""Directives of a field that decide who may use it; a client without the new scope is refused."""
_EXECUTABLE: Final = frozenset(
    [
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    ]
)
"""Where an operation may have a directive; others are of the schema, and no operation depends on them."""
_COORDINATE: Final = re.compile(r"@\w+\(\w+:\)|@\w+|\w+\.\w+\(\w+:\)|\w+\.\w+")
_TYPE: Final = re.compile(r"(?:Standard scalar )?(\w+)")
_BY_TYPE: Final = frozenset(
    [
        BreakingChangeType.TYPE_REMOVED,
        BreakingChangeType.TYPE_CHANGED_KIND,
        BreakingChangeType.TYPE_REMOVED_FROM_UNION,
        BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED,
        DangerousChangeType.TYPE_ADDED_TO_UNION,
        DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
    ]
)
_BY_OWNER: Final = frozenset(
    [
        BreakingChangeType.REQUIRED_ARG_ADDED,
        BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED,
        BreakingChangeType.REQUIRED_DIRECTIVE_ARG_ADDED,
        DangerousChangeType.OPTIONAL_ARG_ADDED,
        DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
        DangerousChangeType.VALUE_ADDED_TO_ENUM,
    ]
)
"""What is added touches who uses that to which it is added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    Attributes:
        kind: its word in graphql-core; ACCESS_CHANGED where another scope or purpose is needed.
        is_breaking: an operation that uses the coordinate is not valid any more; otherwise it may behave differently.
        description: in words.
        coordinate: of the old schema; whoever uses it is touched.
    """

    kind: str
    is_breaking: bool
    description: str
    coordinate: str


def read(text: str) -> GraphQLSchema:
    """The schema of an SDL; directives of federation need no definition.

    Raises:
        InputInvalid: it is no SDL.
    """
    try:
        return build_schema(text, assume_valid=True, assume_valid_sdl=True)
    except (GraphQLError, TypeError, KeyError):
        raise InputInvalid("the file is no SDL of a schema") from None


def changes(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """The breaking and dangerous changes, the breaking ones first."""
    executable = {one.name for one in old.directives if not _EXECUTABLE.isdisjoint(one.locations)}
    found = [
        Change(
            kind=one.type.name,
            is_breaking=isinstance(one.type, BreakingChangeType),
            description=one.description,
            coordinate=_touched(one.type, one.description),
        )
        for one in find_schema_changes(old, new)
        if isinstance(one.type, BreakingChangeType | DangerousChangeType)
    ]
    told = [
        one
        for one in found
        if not one.coordinate.startswith("@") or one.coordinate[1:].partition("(")[0] in executable
    ]
    return sorted(told + _access(old, new), key=lambda one: (not one.is_breaking, one.coordinate, one.kind))


def _touched(kind: BreakingChangeType | DangerousChangeType, description: str) -> str:
    found = (_TYPE if kind in _BY_TYPE else _COORDINATE).search(description)
    if found is None:
        raise AssertionError(f"{kind.name} names no coordinate")
    coordinate = found[1] if kind in _BY_TYPE else found[0]
    if kind not in _BY_OWNER:
        return coordinate
    return coordinate.partition("(")[0] if "(" in coordinate else coordinate.partition(".")[0]


def _access(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    found: list[Change] = []
    for name, before in old.type_map.items():
        after = new.type_map.get(name)
        if not isinstance(before, GraphQLObjectType) or not isinstance(after, GraphQLObjectType):
            continue
        for field in before.fields.keys() & after.fields.keys():
            coordinate = f"{name}.{field}"
            was, is_now = _guards(before, field), _guards(after, field)
            if was != is_now:
                said = f"{coordinate} needs {is_now or 'nothing'} where it needed {was or 'nothing'}."
                found.append(
                    Change(kind="ACCESS_CHANGED", is_breaking=False, description=said, coordinate=coordinate)
                )
    return found


def _guards(kind: GraphQLObjectType, field: str) -> str:
    node = kind.fields[field].ast_node
    directives = node.directives or () if node is not None else ()
    return " ".join(sorted(print_ast(one) for one in directives if one.name.value in _ACCESS))


def used_by(schema: GraphQLSchema, document: str) -> frozenset[str]:
    """The coordinates that a document depends on; none where it does not fit the schema, and so works no more."""
    try:
        node = parse(document)
    except GraphQLError:
        return frozenset()
    return frozenset() if validate(schema, node) else coordinates_of(schema, node)
