"""A page of a list as JSON text: rows, cursors, page info and the total, each only where it is asked for."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import FieldNode
from sqlalchemy import ARRAY, BindParameter, ColumnElement, FromClause, Text, case, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import Grouping

from hub.graphql.marks import COUNTED, CROWD, MOST_COUNTED, UUID_LENGTH
from hub.graphql.ordering import Order
from hub.graphql.prepared import TEXT, constant, integer
from hub.graphql.selection import Collector, Selected
from hub.graphql.source import RowSource
from hub.graphql.text import Piece, joined, object_pieces, or_null, quoted
from schema.tables.golden import REACHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Which rows, in which order.

    Attributes:
        source: of the rows.
        order: total.
        conditions: that they fulfil, the cursor apart.
        behind: true for those behind the cursor; None at the beginning.
        outer: the table whose row the list hangs on, if it does.
        use: number of the list's arguments.
    """

    source: RowSource
    order: Order
    conditions: Sequence[ColumnElement[bool]]
    behind: ColumnElement[bool] | None
    outer: FromClause | None
    use: int


class RowCompiler(Protocol):
    """What a page needs of the compiler of its operation."""

    collector: Collector
    reveals: bool
    within: list[str]
    """Response names from the root to what is being compiled."""

    @property
    def nonce(self) -> ColumnElement[Any]:
        """The request's nonce."""
        ...

    def row(self, source: RowSource, selected: Selected) -> ColumnElement[str]:
        """The JSON object of a row."""
        ...


_ROWS = frozenset(["nodes", "edges"])
_PLACED = frozenset(["startCursor", "endCursor"])


def page_text(
    compiler: RowCompiler, listing: Listing, first: BindParameter[Any], selected: Selected
) -> ColumnElement[Any]:
    """The connection's JSON object, a scalar subquery.

    Args:
        compiler: of the operation.
        listing: which rows.
        first: rows of the page.
        selected: fields of the connection.
    """
    node = listing.source.node.name
    wanted = {name: fields[0].name.value for name, fields in selected.items()}
    info = {
        one[0].name.value
        for name, fields in selected.items()
        if wanted[name] == "pageInfo"
        for one in compiler.collector.below("PageInfo", fields).values()
    }
    columns = {
        f"r{number}": _row_text(compiler, listing, name, selected[name])
        for number, name in enumerate(wanted)
        if wanted[name] in _ROWS
    }
    if info & _PLACED:
        columns["place"] = _cursor(compiler, listing)
    looks_ahead = "hasNextPage" in info
    shown = _shown(listing, first, columns, info) if columns or looks_ahead else None
    members: list[tuple[str, Piece]] = []
    for number, (name, field) in enumerate(wanted.items()):
        if field in _ROWS and shown is not None:
            members.append((name, _listed(listing.order, shown, f"r{number}", first)))
        elif field == "totalCount":
            members.append((name, _total(compiler, listing)))
        elif field == "pageInfo":
            below = compiler.collector.below("PageInfo", selected[name])
            members.append((name, joined(_page_info(below, listing, shown, first))))
        else:
            members.append((name, f'"{node}Connection"'))
    text = select(joined(object_pieces(members)))
    return (text if shown is None else text.select_from(shown)).scalar_subquery()


def _shown(
    listing: Listing,
    first: BindParameter[Any],
    columns: Mapping[str, ColumnElement[Any]],
    info: AbstractSet[str],
) -> Any:
    """The rows of the page; numbered from 1, and with one more, where the page's info needs that."""
    order, looks_ahead = listing.order, "hasNextPage" in info
    picked = (
        select(*order.columns, *(column.label(name) for name, column in columns.items()))
        .select_from(listing.source.rows)
        .where(*listing.conditions, *(() if listing.behind is None else (listing.behind,)))
        .order_by(*order.clauses)
        .limit(first + integer(1) if looks_ahead else first)
        .correlate(listing.outer)
        .subquery()
    )
    if not looks_ahead and not info & _PLACED:
        return picked
    # Numbered behind the limit: in front of it the window would sort the whole list, and not keep the first rows only.
    number = func.row_number().over(order_by=order.clauses_of(picked)).label("n")
    return select(number, *(picked.c[name] for name in columns)).subquery()


def _row_text(
    compiler: RowCompiler, listing: Listing, name: str, fields: Sequence[FieldNode]
) -> ColumnElement[Any]:
    source = listing.source
    node = source.node.name
    compiler.within.append(name)
    if fields[0].name.value == "nodes":
        text = compiler.row(source, compiler.collector.below(node, fields))
        compiler.within.pop()
        return text
    members: list[tuple[str, Piece]] = []
    for inner, ones in compiler.collector.below(f"{node}Edge", fields).items():
        match ones[0].name.value:
            case "cursor":
                members.append((inner, _cursor(compiler, listing)))
            case "node":
                compiler.within.append(inner)
                members.append((inner, compiler.row(source, compiler.collector.below(node, ones))))
                compiler.within.pop()
            case _:
                members.append((inner, f'"{node}Edge"'))
    compiler.within.pop()
    return joined(object_pieces(members))


def _cursor(compiler: RowCompiler, listing: Listing) -> ColumnElement[Any]:
    """The marker of a cursor, a JSON string: where the row stands, for `reveal` to sign."""
    compiler.reveals = True
    place = func.encode(
        func.convert_to(cast(listing.order.position(), TEXT), constant("UTF8")), constant("hex")
    )
    return quoted(joined([compiler.nonce, f":c:{listing.use}:", place]))


def _listed(order: Order, shown: Any, column: str, first: BindParameter[Any]) -> ColumnElement[Any]:
    numbered = "n" in shown.c
    sorted_by = [shown.c.n] if numbered else order.clauses_of(shown)
    listed: ColumnElement[Any] = func.string_agg(
        shown.c[column], aggregate_order_by(constant(","), *sorted_by)
    )
    if numbered:
        listed = listed.filter(shown.c.n <= first)
    return joined(["[", func.coalesce(listed, constant("")), "]"])


def _total(compiler: RowCompiler, listing: Listing) -> ColumnElement[Any]:
    """The number of rows; while they are few, with a mark of each before it: a count of one tells of one."""
    counted = select(cast(func.count(), TEXT)).select_from(listing.source.rows).where(*listing.conditions)
    text = counted.correlate(listing.outer).scalar_subquery()
    if listing.source.node.name not in REACHED:
        return text
    key = listing.source.key.label("key")
    few = (
        select(key)
        .select_from(listing.source.rows)
        .where(*listing.conditions)
        .limit(integer(MOST_COUNTED + 1))
        .correlate(listing.outer)
        .subquery()
    )
    named = func.string_agg(joined([compiler.nonce, COUNTED, cast(few.c.key, TEXT)]), constant(""))
    size = func.lpad(cast(func.count(), TEXT), integer(UUID_LENGTH), constant("0"))
    marks = case((func.count() <= integer(MOST_COUNTED), named), else_=joined([compiler.nonce, CROWD, size]))
    return joined([func.coalesce(select(marks).scalar_subquery(), constant("")), text])


def _page_info(selected: Selected, listing: Listing, shown: Any, first: BindParameter[Any]) -> list[Piece]:
    members: list[tuple[str, Piece]] = []
    for name, fields in selected.items():
        match fields[0].name.value:
            case "hasNextPage":
                members.append((name, cast(func.count() > first, TEXT)))
            case "hasPreviousPage":
                members.append((name, "false" if listing.behind is None else "true"))
            case "startCursor":
                members.append((name, _end(shown, shown.c.n.asc(), first)))
            case "endCursor":
                members.append((name, _end(shown, shown.c.n.desc(), first)))
            case _:
                members.append((name, '"PageInfo"'))
    return object_pieces(members)


def _end(shown: Any, order: ColumnElement[Any], first: BindParameter[Any]) -> ColumnElement[Any]:
    places = func.array_agg(aggregate_order_by(shown.c.place, order)).filter(shown.c.n <= first)
    # PostgreSQL takes an index of an expression only behind brackets.
    return or_null(Grouping(cast(places, ARRAY(Text())))[integer(1)])
