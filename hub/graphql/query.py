"""The root of the API: rows by the catalogue, and beside them what is not rows."""

from typing import Any, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation.schema_directives import Cost
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from hub.graphql import answers, decisions, events, weights
from hub.graphql.caseload import Caseload
from hub.graphql.catalogue import IDENTIFIED, ROOTS, Root, nodes
from hub.graphql.scalars import DateTime
from hub.graphql.types import LIST_COST, Identified, connection_type, page_arguments, row_type, scoped


def _root(root: Root) -> tuple[Any, StrawberryField]:
    node = nodes()[root.node]
    directives = LIST_COST if root.many else [Cost(weight=weights.ENTITY)]
    field = cast(
        "StrawberryField",
        scoped(node.requires, directives=directives, name=root.name, description=_describe(root)),
    )
    if root.many:
        field.arguments = page_arguments(node)
        return connection_type(root.node) | None, field
    as_of = StrawberryArgument(
        "as_of",
        "asOf",
        StrawberryAnnotation(DateTime | None),
        description="What the hub knew at this moment, computed anew from what it had been told by then; slower.",
        default=None,
        directives=[Cost(weight=weights.AS_OF)],
    )
    field.arguments = [_id(), as_of]
    return row_type(root.node) | None, field


def _id() -> StrawberryArgument:
    return StrawberryArgument(
        "id",
        "id",
        StrawberryAnnotation(strawberry.ID),
        description="Its id; one that was merged away leads to what it was merged into.",
    )


def _node() -> tuple[Any, StrawberryField]:
    description = (
        "The row of whatever type that has this id; null where there is none that the caller may read."
    )
    directives = [Cost(weight=weights.ENTITY * len(IDENTIFIED))]
    made = strawberry.federation.field(name="node", description=description, directives=directives)
    field = cast("StrawberryField", made)
    field.arguments = [_id()]
    return Identified | None, field


def _describe(root: Root) -> str:
    if root.many:
        return f"All {root.node} rows that the caller may read, page by page."
    return f"One {root.node}; null where there is none that the caller may read."


def _query() -> type:
    annotations: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for root in ROOTS.values():
        annotations[root.name], fields[root.name] = _root(root)
    annotations["node"], fields["node"] = _node()
    annotations["caseload"] = Caseload
    fields["caseload"] = strawberry.field(
        description="How many, group by group, over the rows that the caller may read; each part needs its own scopes."
    )
    namespace = {"__annotations__": annotations, "__module__": __name__, **fields}
    rows = type("Rows", (), namespace)
    return strawberry.type(
        type("Query", (strawberry.type(rows), answers.Answers, decisions.Lists, events.Events), {}),
        description="What may be asked.",
    )


Query = _query()
