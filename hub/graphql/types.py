"""Object types of the API, made from the catalogue: a type, its edge and its connection for each golden table."""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, cast, get_args, get_type_hints

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation.schema_directives import Cost, ListSize
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from hub.graphql import weights
from hub.graphql.catalogue import IDENTIFIED, OPEN, Column, Link, Node, Scopes, nodes
from hub.graphql.enums import code_enum
from hub.graphql.filters import order_input, where_input
from hub.graphql.scalars import Date, DateTime, Decimal
from hub.limits import DEFAULT_ROWS, MOST_ROWS
from schema.declaration import Kind
from schema.entities import ENTITIES

_SCALARS: Mapping[Kind, Any] = {
    Kind.ID: strawberry.ID,
    Kind.TEXT: str,
    Kind.TEXTS: list[str],
    Kind.DATE: Date,
    Kind.TIMESTAMP: DateTime,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.MONEY: Decimal,
}
_ENTITY_CLASSES = {cls.__name__: cls for cls in ENTITIES}


def _make(
    name: str, annotations: Mapping[str, Any], fields: Mapping[str, Any], bases: tuple[type, ...] = ()
) -> type:
    namespace = {"__annotations__": dict(annotations), "__module__": __name__, **fields}
    return types.new_class(name, bases, exec_body=lambda body: body.update(namespace))


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresPurpose",
    description="The field is open to tokens of these purposes only.",
)
class RequiresPurpose:
    """The purposes that may use a field."""

    any: list[str]


def scoped(
    requires: Scopes,
    purposes: Sequence[str] | None = None,
    directives: Sequence[object] = (),
    **arguments: Any,
) -> Any:
    """A field with its `@requiresScopes` and `@requiresPurpose`; neither where nothing is asked beyond the type."""
    if requires != OPEN:
        arguments["requires_scopes"] = [list(alternative) for alternative in requires]
    if purposes is not None:
        directives = [*directives, RequiresPurpose(any=list(purposes))]
    return strawberry.federation.field(directives=directives, **arguments)


LIST_COST: Sequence[object] = (
    Cost(weight=weights.LIST),
    # What is left out must be UNSET: None is printed as null, which composition refuses.
    ListSize(
        assumed_size=cast("int | None", strawberry.UNSET),
        slicing_arguments=["first"],
        sized_fields=["edges", "nodes"],
        require_one_slicing_argument=False,
    ),
)
"""What gateways are told of a list; the hub itself weighs it in `hub.graphql.cost`."""


@cache
def object_class(column: Column) -> type:
    """The dataclass whose objects a column of kind OBJECTS holds."""
    hint = get_type_hints(_ENTITY_CLASSES[column.entity])[column.declaration.name]
    (listed,) = (part for part in get_args(hint) if part is not type(None))
    (item,) = get_args(listed)
    return cast("type", item)


@cache
def _object_type(cls: type) -> type:
    names = {str: str, date: Date}
    annotations: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        hint = get_type_hints(cls)[field.name]
        plain = next(part for part in (*get_args(hint), hint) if part in names)
        annotations[field.name] = names[plain] | None
    made = _make(cls.__name__, annotations, {})
    return strawberry.type(made, description=(cls.__doc__ or "").strip())


def _annotation(column: Column) -> Any:
    declaration = column.declaration
    if declaration.codes is not None:
        enum = code_enum(declaration.codes)
        return list[enum] if declaration.kind is Kind.CODES else enum
    if declaration.kind is Kind.OBJECTS:
        return list[_object_type(object_class(column))]
    return _SCALARS[declaration.kind]


def _text(column: Column) -> str:
    declaration = column.declaration
    standards = dataclasses.asdict(declaration.standards)
    named = "; ".join(f"{standard.upper()} {name}" for standard, name in standards.items() if name)
    lines = [
        declaration.text,
        f"Indonesian: {declaration.label_id}.",
        f"Sensitivity: {declaration.sensitivity}.",
    ]
    return "\n".join([*lines, f"Standards: {named}."] if named else lines)


def _columns(node: Node) -> tuple[dict[str, Any], dict[str, Any]]:
    annotations: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for column in node.columns.values():
        is_key = column.requires == OPEN
        # The key has the name that it has in `Node`, so that it is the same field and not a second one.
        python_name = "id" if is_key else f"{column.declaration.name}_"
        annotations[python_name] = strawberry.ID if is_key else _annotation(column) | None
        fields[python_name] = scoped(
            column.requires,
            column.purposes,
            [Cost(weight=weights.SEALED)] if column.declaration.sealed else [],
            name=column.name,
            description=_text(column),
        )
    return annotations, fields


def page_arguments(node: Node) -> list[StrawberryArgument]:
    """`first`, `after`, `where`, `orderBy` of a list of these rows."""
    order = order_input(node)
    found = [
        StrawberryArgument(
            "first",
            "first",
            StrawberryAnnotation(int),
            description=f"Rows of the page, 0 to {MOST_ROWS}.",
            default=DEFAULT_ROWS,
        ),
        StrawberryArgument(
            "after",
            "after",
            StrawberryAnnotation(str | None),
            description="`endCursor` of the page before, of the same list and order.",
            default=None,
        ),
        StrawberryArgument(
            "where",
            "where",
            StrawberryAnnotation(where_input(node) | None),
            description="Conditions that all hold.",
            default=None,
        ),
    ]
    if order is not None:
        found.append(
            StrawberryArgument(
                "order_by",
                "orderBy",
                StrawberryAnnotation(list[order] | None),
                description="Steps of the order, the first decides; by id where all are equal.",
                default=None,
            )
        )
    return found


def _lazy(name: str) -> Any:
    return Annotated[name, strawberry.lazy(__name__)]


def _link(link: Link) -> tuple[Any, Any]:
    target = link.relation.target
    directives = LIST_COST if link.relation.many else [Cost(weight=weights.LED_TO)]
    field = cast(
        "StrawberryField",
        scoped(link.requires, directives=directives, name=link.name, description=link.relation.text),
    )
    if not link.relation.many:
        return _lazy(target) | None, field
    field.arguments = page_arguments(nodes()[target])
    return _lazy(f"{target}Connection") | None, field


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list (Relay)."""

    has_next_page: bool = strawberry.field(description="True if there is more after this page.")
    has_previous_page: bool = strawberry.field(description="True if the page was asked for with `after`.")
    start_cursor: str | None = strawberry.field(description="Of the first row.")
    end_cursor: str | None = strawberry.field(description="Of the last row; `after` of the next page.")


def _connection(node: Node, row: type) -> tuple[type, type]:
    edge = strawberry.type(
        _make(
            f"{node.name}Edge",
            {"cursor": str, "node": row},
            {
                "cursor": strawberry.field(
                    description="Where the row stands, for `after`.",
                    directives=[Cost(weight=weights.CURSOR)],
                ),
                "node": strawberry.field(description="The row."),
            },
        ),
        description=f"A {node.name} in a page.",
    )
    connection = strawberry.type(
        _make(
            f"{node.name}Connection",
            {"edges": list[edge], "nodes": list[row], "page_info": PageInfo, "total_count": int},
            {
                "edges": strawberry.field(description="The rows of the page with their cursors."),
                "nodes": strawberry.field(description="The rows of the page."),
                "page_info": strawberry.field(description="Where the page stands."),
                "total_count": strawberry.field(
                    description="Rows of the whole list that the caller may read.",
                    directives=[Cost(weight=weights.TOTAL)],
                ),
            },
        ),
        description=f"A page of {node.name} rows.",
    )
    return edge, connection


@strawberry.interface(
    name="Node", description="What can be asked for by its id alone, of whatever type it is."
)
class Identified:
    """What can be asked for by its id alone (Relay's Node)."""

    id: strawberry.ID = strawberry.field(description="Its id, unique over all types.")


def _declare(node: Node) -> None:
    annotations, fields = _columns(node)
    for link in node.links.values():
        python_name = f"{link.relation.name}_"
        annotations[python_name], fields[python_name] = _link(link)
    # Only what can be asked for by its id is an entity of the federation.
    is_identified = node.name in IDENTIFIED
    made = strawberry.federation.type(
        _make(node.name, annotations, fields, (Identified,) if is_identified else ()),
        keys=["id"] if is_identified else [],
        description=node.entity.text,
        directives=[Cost(weight=weights.ROW)],
    )
    globals()[node.name] = made
    globals()[f"{node.name}Edge"], globals()[f"{node.name}Connection"] = _connection(node, made)


for _node in nodes().values():
    _declare(_node)


def row_type(name: str) -> type:
    """The strawberry type of a node.

    Args:
        name: of the node.
    """
    return cast("type", globals()[name])


def connection_type(name: str) -> type:
    """The strawberry type of a page of a node's rows.

    Args:
        name: of the node.
    """
    return cast("type", globals()[f"{name}Connection"])
