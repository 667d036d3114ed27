"""All rows of a root's list, for who reads them one after the other and not page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import Select, func, select

from hub.graphql.arguments import ArgumentUse
from hub.graphql.catalogue import ROOTS, nodes
from hub.graphql.conditions import Conditions
from hub.graphql.ordering import Order
from hub.graphql.rows import Compiler
from hub.graphql.selection import Selected
from hub.graphql.source import RowSource


@dataclass(frozen=True, slots=True)
class Every:
    """All rows of a list.

    Attributes:
        use: number of the list's arguments; of its cursor a request has one value, the key behind which rows begin.
        rows: key and JSON object of each, in the order of keys.
        count: how many there are, from the beginning.
    """

    use: int
    rows: Select[Any, Any]
    count: Select[Any]


def every(compiler: Compiler, fields: Sequence[FieldNode], selected: Selected) -> Every:
    """All rows of a list, by the same rules as a page of it.

    Args:
        compiler: of the operation.
        fields: nodes of the root, n >= 1; of its arguments only `where` is looked at.
        selected: fields of a row.
    """
    query = compiler.schema.query_type
    assert isinstance(query, GraphQLObjectType)  # noqa: S101 -- roots stand on it
    argued = ArgumentUse(query.fields[fields[0].name.value], fields[0])
    use = len(compiler.arguments)
    compiler.arguments.append(argued)
    source = RowSource(nodes()[ROOTS[fields[0].name.value].node], compiler.binds, compiler.uneven)
    order = Order(source, ())
    conditions = Conditions(source, compiler.binds, use)
    found = [
        *source.rules(),
        conditions.all_of(argued.values(compiler.variables).get("where"), ("where",)),
    ]
    text = compiler.row(source, selected)
    behind = order.after(use, compiler.binds)
    rows = select(source.key, text).select_from(source.rows).where(*found, behind).order_by(*order.clauses)
    return Every(use, rows, select(func.count()).select_from(source.rows).where(*found))
