"""JSON text put together inside the statement: pieces of constant text and of values, joined by `||`.

Concatenation is what PostgreSQL does fastest here, keeps the order of the selection, and has no limit of arguments.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Text, func
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from hub.graphql.prepared import constant

Piece: TypeAlias = "str | ColumnElement[Any]"
"""Constant text, or an expression of text that is never NULL."""


def joined(pieces: Iterable[Piece]) -> ColumnElement[str]:
    """The pieces one after the other; constants that meet become one."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    elements = [constant(piece) if isinstance(piece, str) else piece for piece in merged]
    return _Joined(*elements) if len(elements) > 1 else elements[0] if elements else constant("")


class _Joined(FunctionElement[str]):
    """Expressions with `||` between them, as one element: a tree of pairs takes SQLAlchemy twice as long to make and to read."""

    inherit_cache = True
    type = Text()


@compiles(_Joined)
def _joined(element: _Joined, compiler: SQLCompiler, **options: Any) -> str:
    return "(" + " || ".join(compiler.process(one, **options) for one in element.clauses) + ")"


def object_pieces(members: Sequence[tuple[str, Piece]]) -> list[Piece]:
    """A JSON object.

    Args:
        members: response name and value; a response name is a GraphQL name, so it needs no escape.
    """
    pieces: list[Piece] = ["{"]
    for number, (name, value) in enumerate(members):
        pieces += [f'{"," if number else ""}"{name}":', value]
    return [*pieces, "}"]


def array(item: ColumnElement[Any], order: ColumnElement[Any]) -> ColumnElement[str]:
    """A JSON array of all rows' items in that order; `[]` where there is no row."""
    listed = func.string_agg(item, aggregate_order_by(constant(","), order))
    return joined(["[", func.coalesce(listed, constant("")), "]"])


def or_null(text: ColumnElement[Any]) -> ColumnElement[str]:
    """The text, or JSON's null where it is NULL."""
    return func.coalesce(text, constant("null"))


def quoted(text: ColumnElement[Any]) -> ColumnElement[str]:
    """A JSON string of text that needs no escape: ids, codes, dates; NULL stays NULL."""
    return joined(['"', text, '"'])
