"""A caseload's table as JSON text: rows gathered once, each spread over its codes, persons counted in each group.

Rows and values are those of `hub.graphql.source`, so what a rule keeps back is no group, and no part of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from graphql import FieldNode
from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    cast,
    collate,
    distinct,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.sql.selectable import CTE

from auth.permit import Permit
from hub.graphql.catalogue import Link, nodes
from hub.graphql.conditions import Conditions
from hub.graphql.dimensions import PERIODS, REGIONS, Dimension, Form
from hub.graphql.marks import COUNTED, CROWD, FEW, MOST_COUNTED, TOO_MANY, UUID_LENGTH
from hub.graphql.prepared import TEXT, constant, integer
from hub.graphql.request import Binds
from hub.graphql.rules import CHILDREN
from hub.graphql.selection import Collector, Selected
from hub.graphql.source import RowSource
from hub.graphql.text import Piece, joined, object_pieces, or_null, quoted
from schema.reach import dotted, provinces

MOST_GROUPS = 10_000
"""Groups of one table; more are refused, since they are a list of persons and no count."""

_NOT_STATED = ("Tanpa keterangan", "Not stated")
_LANGUAGES = ("labelId", "labelEn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What is counted, and by what.

    Attributes:
        source: of the rows; every cell of it has been asked for.
        linked: of the rows that they hang on, each with the condition that they meet and are open.
        conditions: that the rows fulfil.
        dimensions: at most three.
        use: number of the field's arguments.
    """

    source: RowSource
    linked: Sequence[tuple[RowSource, ColumnElement[bool]]]
    conditions: Sequence[ColumnElement[bool]]
    dimensions: Sequence[tuple[Dimension, ColumnElement[Any]]]
    use: int


def grouping_of(
    by: Sequence[Dimension], source: RowSource, binds: Binds, use: int, where: Mapping[str, Any] | None
) -> Grouping:
    """What a table counts.

    Args:
        by: its dimensions.
        source: of the rows.
        binds: of the statement.
        use: number of the field's arguments.
        where: conditions, as coerced.
    """
    linked: dict[str, tuple[RowSource, Link]] = {}

    def cell_of(dimension: Dimension) -> ColumnElement[Any]:
        link = dimension.link
        if link is None:
            return source.cell(dimension.column)
        beside = source.beside(nodes()[link.relation.target])
        return linked.setdefault(link.name, (beside, link))[0].cell(dimension.column)

    return Grouping(
        dimensions=tuple((one, cell_of(one)) for one in by),
        conditions=(*source.rules(), Conditions(source, binds, use).all_of(where, ("where",))),
        source=source,
        linked=[(to, and_(to.meets(source, link), *to.rules())) for to, link in linked.values()],
        use=use,
    )


class GroupCompiler(Protocol):
    """What a table needs of the compiler of its operation."""

    collector: Collector
    binds: Binds

    @property
    def nonce(self) -> ColumnElement[Any]:
        """The request's nonce."""
        ...


def table_text(compiler: GroupCompiler, grouping: Grouping, selected: Selected) -> ColumnElement[str]:
    """The table's JSON object, behind marks of those counted.

    Args:
        compiler: of the operation.
        grouping: what is counted.
        selected: fields of CaseloadTable.
    """
    counted = _counted(grouping)
    spread = _spread(grouping, counted)
    members: list[tuple[str, Piece]] = []
    for name, fields in selected.items():
        members.append((name, _member(compiler, grouping, counted, spread, fields)))
    text = joined(object_pieces(members))
    if not {"total", "groups"}.intersection(fields[0].name.value for fields in selected.values()):
        return text
    return joined([*_marks(compiler, grouping, counted, spread), text])


def _member(
    compiler: GroupCompiler, grouping: Grouping, counted: CTE, spread: CTE, fields: Sequence[FieldNode]
) -> Piece:
    node = grouping.source.node
    match fields[0].name.value:
        case "unit":
            return '"CASE"' if node.name == "Case" else '"PERSON"'
        case "total":
            return select(cast(func.count(distinct(counted.c.unit)), TEXT)).scalar_subquery()
        case "groups":
            below = compiler.collector.below("CaseloadGroup", fields)
            return _groups(compiler, grouping, spread, below) if grouping.dimensions else "[]"
        case "covers":
            below = compiler.collector.below("CaseloadCover", fields)
            wanted = [(name, ones[0].name.value) for name, ones in below.items()]
            return compiler.binds.add(lambda request: covers_text(request.permit, node.scope, wanted), Text())
        case "childrenIncluded":
            return (
                compiler.binds.add(lambda request: _children_text(request.permit), Text())
                if (node.name == "Victim")
                else "null"
            )
        case _:
            return '"CaseloadTable"'


def _counted(grouping: Grouping) -> CTE:
    """The rows: key, what is counted, and the values to group by."""
    source = grouping.source
    unit = source.key if source.node.name == "Case" else source.own.c.person_id
    rows: FromClause = source.rows
    for linked, condition in grouping.linked:
        rows = rows.outerjoin(linked.rows, condition)
    values = [
        _value(dimension, cell).label(f"v{number}")
        for number, (dimension, cell) in enumerate(grouping.dimensions)
    ]
    return (
        select(source.key.label("key"), unit.label("unit"), *values)
        .select_from(rows)
        .where(*grouping.conditions)
        .cte(f"counted{grouping.use}")
    )


def _value(dimension: Dimension, cell: ColumnElement[Any]) -> ColumnElement[Any]:
    """The code, or for several the list of them; NULL where there is none."""
    if dimension.form in REGIONS:
        code = func.substr(cell, integer(1), integer(REGIONS[dimension.form]))
        # What is no region is not stated: a text that names none would be a group of its own otherwise.
        return case((_label(dimension, 0, code).is_not(None), code))
    if dimension.form in PERIODS:
        return func.to_char(cell, constant(PERIODS[dimension.form]))
    return cell if dimension.form is Form.CODES else cast(cell, TEXT)


def _spread(grouping: Grouping, counted: CTE) -> CTE:
    """Each row once for each combination of its codes: c0, c1, c2."""
    rows: FromClause = counted
    codes: list[ColumnElement[Any]] = []
    for number, (dimension, _) in enumerate(grouping.dimensions):
        code: ColumnElement[Any] = counted.c[f"v{number}"]
        if dimension.form is Form.CODES:
            listed = func.unnest(code).table_valued("code", name=f"l{grouping.use}_{number}").render_derived()
            rows = rows.outerjoin(listed, true())
            code = listed.c.code
        codes.append(collate(cast(code, TEXT), "C").label(f"c{number}"))
    return (
        select(counted.c.key, counted.c.unit, *codes)
        .select_from(rows)
        .distinct()
        .cte(f"spread{grouping.use}")
    )


def _codes(grouping: Grouping, table: FromClause) -> list[ColumnElement[Any]]:
    return [table.c[f"c{number}"] for number in range(len(grouping.dimensions))]


def _groups(
    compiler: GroupCompiler, grouping: Grouping, spread: CTE, selected: Selected
) -> ColumnElement[Any]:
    codes = _codes(grouping, spread)
    found = (
        select(*codes, func.count(distinct(spread.c.unit)).label("count"))
        .group_by(*codes)
        .limit(integer(MOST_GROUPS + 1))
        .cte(f"groups{grouping.use}")
    )
    members: list[tuple[str, Piece]] = []
    for name, fields in selected.items():
        match fields[0].name.value:
            case "count":
                members.append((name, cast(found.c["count"], TEXT)))
            case "key":
                below = compiler.collector.below("CaseloadKey", fields)
                parts = [
                    joined(object_pieces(_key(dimension, code, below)))
                    for (dimension, _), code in zip(grouping.dimensions, _codes(grouping, found), strict=True)
                ]
                commas: list[Piece] = [piece for part in parts for piece in (",", part)]
                members.append((name, joined(["[", *commas[1:], "]"])))
            case _:
                members.append((name, '"CaseloadGroup"'))
    order = [code.asc().nulls_last() for code in _codes(grouping, found)]
    listed = func.string_agg(joined(object_pieces(members)), aggregate_order_by(constant(","), *order))
    text = select(joined(["[", func.coalesce(listed, constant("")), "]"])).select_from(found)
    many = select(func.count() > integer(MOST_GROUPS)).select_from(found).scalar_subquery()
    refusal = joined([compiler.nonce, TOO_MANY, "0" * UUID_LENGTH])
    return case((many, refusal), else_=text.scalar_subquery())


def _key(dimension: Dimension, code: ColumnElement[Any], selected: Selected) -> list[tuple[str, Piece]]:
    members: list[tuple[str, Piece]] = []
    for name, fields in selected.items():
        match fields[0].name.value:
            case "dimension":
                members.append((name, f'"{dimension.name}"'))
            case "code":
                members.append((name, or_null(_json(code))))
            case "labelId" | "labelEn" as wanted:
                language = _LANGUAGES.index(wanted)
                label = code if dimension.form in PERIODS else _label(dimension, language, code)
                not_stated = quoted(constant(_NOT_STATED[language]))
                members.append((name, case((code.is_(None), not_stated), else_=or_null(_json(label)))))
            case _:
                members.append((name, '"CaseloadKey"'))
    return members


def _json(text: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.to_json(text, type_=JSON()), TEXT)


def _label(dimension: Dimension, language: int, code: ColumnElement[Any]) -> ColumnElement[Any]:
    """The label of a code; NULL where it has none."""
    named = {one: labels[language] for one, labels in dimension.labels().items()}
    return cast(constant(orjson.dumps(named).decode()), JSONB).op("->>")(code)


def _marks(
    compiler: GroupCompiler, grouping: Grouping, counted: CTE, spread: CTE
) -> list[ColumnElement[Any]]:
    """Marks of all rows while they are few; else of those in groups so small that they tell of each, and how many more."""
    few = _few(grouping, spread) if grouping.dimensions else None
    others: ColumnElement[Any] = func.count()
    if few is not None:
        others = others - select(func.count()).select_from(few).scalar_subquery()
    size = func.lpad(cast(others, TEXT), integer(UUID_LENGTH), constant("0"))
    every = case(
        (func.count() <= integer(MOST_COUNTED), _named(compiler, counted)),
        else_=joined([compiler.nonce, CROWD, size]),
    )
    found: list[ColumnElement[Any]] = [
        func.coalesce(select(every).select_from(counted).scalar_subquery(), constant(""))
    ]
    if few is not None:
        is_crowd = select(func.count() > integer(MOST_COUNTED)).select_from(counted).scalar_subquery()
        named = select(_named(compiler, few)).where(is_crowd).scalar_subquery()
        found.append(func.coalesce(named, constant("")))
    return found


def _few(grouping: Grouping, spread: CTE) -> CTE:
    """Keys of the rows in small groups, each once."""
    size = func.count().over(partition_by=_codes(grouping, spread)).label("size")
    sized = select(spread.c.key, size).subquery()
    return select(sized.c.key).where(sized.c.size <= integer(FEW)).distinct().cte(f"few{grouping.use}")


def _named(compiler: GroupCompiler, rows: CTE) -> ColumnElement[Any]:
    return func.string_agg(joined([compiler.nonce, COUNTED, cast(rows.c.key, TEXT)]), constant(""))


def covers_text(permit: Permit, scope: str, wanted: Sequence[tuple[str, str]]) -> str:
    """What the grants of a scope open, as the JSON of `covers`.

    Args:
        permit: of the caller.
        scope: that opens the rows.
        wanted: response name and field of CaseloadCover.
    """
    regions: dict[str | None, set[str]] = {}
    for one in permit.holdings:
        if scope in one.scopes:
            regions.setdefault(one.owner, set()).update(one.jurisdictions)
    told: list[dict[str, object]] = []
    for owner, codes in sorted(regions.items(), key=lambda pair: pair[0] or ""):
        if owner is not None and not codes:
            continue  # a grant without a region opens no row
        nationwide = codes >= provinces()
        values: dict[str, object] = {
            "agency": owner,
            "nationwide": nationwide,
            "regions": [] if nationwide else sorted(dotted(code) for code in codes),
        }
        told.append({name: values.get(field, "CaseloadCover") for name, field in wanted})
    return orjson.dumps(told).decode()


def _children_text(permit: Permit) -> str:
    return "true" if set(permit.reach(CHILDREN)).issuperset(permit.reach("victim:read")) else "false"
