"""A column's value as JSON text: equal values give equal text whatever the connection's settings are.

Identity is sealed: its cell is a marker, with the sealed value and the wrapped key of its subject, that
`hub.graphql.reveal` opens. A subject that has been erased has no key, and its cell is null.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, get_type_hints

from sqlalchemy import ColumnElement, Date, Uuid, cast, func, select

from hub.graphql.catalogue import Column
from hub.graphql.prepared import TEXT, constant, integer
from hub.graphql.text import Piece, array, joined, object_pieces, or_null, quoted
from hub.graphql.types import object_class
from schema.declaration import Kind, camel_case
from schema.entities import entities
from schema.tables.keys import subject_key

_MOMENT = constant('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
_DAY = constant("YYYY-MM-DD")
_UTC, _HEX = constant("UTC"), constant("hex")
_SUBJECT_AT, _SUBJECT_BYTES = 2, 16
"""Where a sealed value names its subject (hub.identity.envelope), counted from 1."""


def moment(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A moment in RFC 3339, UTC, with six decimals; NULL stays NULL."""
    return quoted(func.to_char(func.timezone(_UTC, value), _MOMENT))


def _plain(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(value, TEXT)


def _quoted(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return quoted(cast(value, TEXT))


def _day(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return quoted(func.to_char(value, _DAY))


def _json(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.to_json(value), TEXT)


_FORMS: Mapping[Kind, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {
    Kind.ID: _quoted,
    Kind.TEXT: _json,
    Kind.TEXTS: _json,
    Kind.CODE: _quoted,
    Kind.CODES: _json,
    Kind.DATE: _day,
    Kind.TIMESTAMP: moment,
    Kind.INTEGER: _plain,
    Kind.BOOLEAN: _plain,
    Kind.MONEY: _quoted,
}


def cell(column: Column, value: ColumnElement[Any]) -> ColumnElement[str]:
    """The JSON text of a column that is not sealed and holds no objects; `null` where it is NULL."""
    return or_null(_FORMS[column.declaration.kind](value))


def sealed_cell(
    column: Column, value: ColumnElement[Any], row_id: ColumnElement[Any], nonce: ColumnElement[Any]
) -> ColumnElement[str]:
    """The marker of a sealed value, a JSON string; `null` where there is none or its key has been destroyed.

    Args:
        column: of class identity.
        value: the ciphertext.
        row_id: of the row that it stands in.
        nonce: of the request, so that nothing stored can pass for a marker.
    """
    subject = cast(
        func.encode(func.substring(value, integer(_SUBJECT_AT), integer(_SUBJECT_BYTES)), _HEX), Uuid
    )
    keys = subject_key.alias()
    key = (
        select(
            joined(
                [keys.c.agency, ":", cast(keys.c.kek_version, TEXT), ":", func.encode(keys.c.wrapped, _HEX)]
            )
        )
        .where(keys.c.subject_id == subject)
        .scalar_subquery()
    )
    place = f"{entities()[column.entity].table}.{column.declaration.name}:"
    pieces: list[Piece] = [nonce, ":s:" + place, cast(row_id, TEXT), ":", func.encode(value, _HEX), ":", key]
    return or_null(quoted(joined(pieces)))


def objects_cell(
    column: Column, value: ColumnElement[Any], members: Sequence[tuple[str, str]]
) -> ColumnElement[str]:
    """A list of objects, each with the members asked for.

    Args:
        column: of kind OBJECTS.
        value: the JSON array.
        members: response name and field name; `__typename` is the class's own name.
    """
    cls = object_class(column)
    by_name = {camel_case(field.name): field.name for field in fields(cls)}
    hints = get_type_hints(cls)
    listed = (
        func.jsonb_array_elements(value)
        .table_valued("value", with_ordinality="n", name="item")
        .render_derived()
    )
    pieces: list[tuple[str, Piece]] = []
    for name, field in members:
        if field == "__typename":
            pieces.append((name, f'"{cls.__name__}"'))
            continue
        text = listed.c.value.op("->>")(constant(by_name[field]))
        is_date = date in getattr(hints[by_name[field]], "__args__", ())
        pieces.append((name, or_null(_day(cast(text, Date)) if is_date else _json(cast(text, TEXT)))))
    listing = select(array(joined(object_pieces(pieces)), listed.c.n)).select_from(listed).scalar_subquery()
    # A row without the list is null, and not an empty list: nobody said anything.
    return or_null(joined([_present(value), listing]))


def _present(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Empty text where there is a value, else NULL, which makes all that it is joined with NULL."""
    return func.substr(cast(value, TEXT), integer(1), integer(0))
