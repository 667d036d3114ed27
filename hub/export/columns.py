"""A selection as columns of Parquet: each field by its type in the schema, rows inside rows as structs and lists."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# pyarrow has no types, and graphql-core's wrapping types are generic and their items' types are left open.

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_leaf_type,
)

from hub.export.question import MARK, Wanted
from hub.graphql.selection import Selected

_SCALARS: Mapping[str, Callable[[], Any]] = {
    "Boolean": pa.bool_,
    "Int": pa.int32,
    "Date": pa.date32,
    "DateTime": lambda: pa.timestamp("us", tz="UTC"),
    "Decimal": lambda: pa.decimal128(18, 2),
}
"""Scalars that have a type of their own; the rest is text."""
_AS_JSON: Mapping[str, Callable[[], Any]] = {"Boolean": pa.bool_, "Int": pa.int64}
"""Scalars that stand in JSON as something else than text."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The two schemas of an export: as JSON brings its rows, and as Parquet keeps them."""

    wire: Any
    kept: Any


def columns_of(wanted: Wanted, metadata: Mapping[str, str]) -> Columns:
    """The columns of an export's rows, the mark last.

    Args:
        wanted: the export.
        metadata: of the file, text by name.
    """
    made: list[Any] = []
    for scalars in (_AS_JSON, _SCALARS):
        walk = _Walk(wanted, scalars)
        made.append(pa.schema([*walk.fields(wanted.node, wanted.selected), pa.field(MARK, pa.string())]))
    return Columns(made[0], made[1].with_metadata(dict(metadata)))


class _Walk:
    def __init__(self, wanted: Wanted, scalars: Mapping[str, Callable[[], Any]]) -> None:
        self._schema: GraphQLSchema = wanted.compiler.schema
        self._collector = wanted.compiler.collector
        self._scalars = scalars

    def fields(self, type_name: str, selected: Selected) -> list[Any]:
        return [pa.field(name, self._field(type_name, nodes)) for name, nodes in selected.items()]

    def _field(self, type_name: str, nodes: list[FieldNode]) -> Any:
        wanted = nodes[0].name.value
        if wanted == "__typename":
            return pa.string()
        kind = self._schema.get_type(type_name)
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 -- fields stand on objects
        return self._type(kind.fields[wanted].type, nodes)

    def _type(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._type(kind.of_type, nodes)
        if isinstance(kind, GraphQLList):
            return pa.list_(self._type(kind.of_type, nodes))
        if isinstance(kind, GraphQLEnumType) or is_leaf_type(kind):
            return self._scalars.get(kind.name, pa.string)()
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 -- rows have no interfaces
        return pa.struct(self.fields(kind.name, self._collector.below(kind.name, nodes)))
