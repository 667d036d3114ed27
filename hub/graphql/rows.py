"""A selection of rows as JSON text: one row, a page of a list, or the entities of a federation's question.

Rows below rows are correlated subqueries of the same statement, so there is one statement however deep the question is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from graphql.execution.values import VariableValues
from sqlalchemy import ARRAY, ColumnElement, FromClause, Integer, Select, Text, Uuid, case, func, select
from sqlalchemy import cast as sql_cast

from hub.graphql import caseload
from hub.graphql.arguments import ArgumentUse
from hub.graphql.catalogue import IDENTIFIED, ROOTS, Link, Node, nodes
from hub.graphql.cells import cell, objects_cell, sealed_cell
from hub.graphql.conditions import Conditions
from hub.graphql.dimensions import dimensions
from hub.graphql.groups import grouping_of, table_text
from hub.graphql.marks import SUBJECT
from hub.graphql.moment import MOST_MOMENTS, Moment
from hub.graphql.ordering import Order, steps_of
from hub.graphql.page import Listing, page_text
from hub.graphql.prepared import TEXT, constant, integer
from hub.graphql.representations import MOST_ENTITIES, entity_names, said
from hub.graphql.request import Binds, Request, as_uuid, at, page_size
from hub.graphql.rules import Uneven
from hub.graphql.selection import Collector, Selected
from hub.graphql.source import RowSource
from hub.graphql.tables import VIEW, Tables
from hub.graphql.text import Piece, array, joined, object_pieces, or_null
from schema.declaration import Kind
from schema.errors import InputInvalid, QueryTooCostly
from schema.tables.golden import REACHED
from schema.tables.linkage import redirect

BY_ID = frozenset(["_entities", "node"])
"""Roots that answer with rows of several types."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A selection that is null because the permit does not cover it.

    Attributes:
        names: response names from the root; positions in lists are left out.
        coordinate: of the field.
    """

    names: tuple[str, ...]
    coordinate: str


@dataclass(frozen=True, slots=True)
class ListUse:
    """One list with a cursor: what a cursor of it is signed for, and how many values it has."""

    label: str
    width: int


@dataclass(slots=True)
class Compiler:
    """Compiles the fields of one operation.

    Attributes:
        schema: ours.
        collector: of the operation.
        variables: coerced, of the request that the plan is made for; only their shape matters.
        binds: of the statement.
        arguments: every field with arguments that was met.
        lists: lists whose cursors are signed or read, by the number of their arguments.
        reads_after: those of them that begin behind a cursor.
        reveals: there is a sealed value or a cursor in the text.
        representations: of which arguments' entities the caller asks by representation.
        moments: types of the rows that are asked for as of a moment, by the number of their arguments.
        uneven: scopes that open fewer rows than their type's own, for the caller at hand.
        refused: fields that are null instead of refusing the operation (`Prefer: handling=lenient`).
        pruned: where each of them was selected: response names from the root, and the coordinate.
        within: response names from the root to what is being compiled.
    """

    schema: GraphQLSchema
    collector: Collector
    variables: VariableValues
    uneven: Uneven = frozenset()
    refused: frozenset[str] = frozenset()
    pruned: list[Pruned] = field(default_factory=list[Pruned])
    binds: Binds = field(default_factory=Binds)
    arguments: list[ArgumentUse] = field(default_factory=list[ArgumentUse])
    lists: dict[int, ListUse] = field(default_factory=dict[int, ListUse])
    reads_after: set[int] = field(default_factory=set[int])
    reveals: bool = False
    representations: list[int] = field(default_factory=list[int])
    moments: dict[int, str] = field(default_factory=dict[int, str])
    within: list[str] = field(default_factory=list[str])
    _nonce: ColumnElement[Any] | None = None

    def root(self, name: str, fields: Sequence[FieldNode]) -> ColumnElement[Any]:
        """A field of Query that answers with rows.

        Args:
            name: in the answer.
            fields: nodes of that name, n >= 1.
        """
        wanted = fields[0].name.value
        self.within = [name]
        if f"Query.{wanted}" in self.refused:
            self._prune(f"Query.{wanted}")
            return constant("null")
        if wanted in BY_ID:
            return self.entities(fields) if wanted == "_entities" else self.node(fields)
        if wanted == "caseload":
            return self.caseload(fields)
        root = ROOTS[wanted]
        compiled = self.page if root.many else self.one
        return compiled(nodes()[root.node], "Query", fields)

    def _prune(self, coordinate: str) -> None:
        self.pruned.append(Pruned(tuple(self.within), coordinate))

    def one(self, node: Node, parent: str, fields: Sequence[FieldNode]) -> ColumnElement[Any]:
        """The row that `id` names, or JSON's null; an id that was merged away leads to what it was merged into.

        With `asOf`, what was so at that moment.

        Args:
            node: the type.
            parent: type that the field stands on.
            fields: nodes of one response name, n >= 1.
        """
        use, values = self._arguments(parent, fields[0])
        selected = self.collector.below(node.name, fields)
        if values.get("asOf") is not None:
            return self._one_of_then(node, use, selected)
        return or_null(self._by_key(node, self._wanted(use), selected).scalar_subquery())

    def _one_of_then(self, node: Node, use: int, selected: Selected) -> ColumnElement[Any]:
        self.moments[use] = node.name
        if len(self.moments) > MOST_MOMENTS:
            raise QueryTooCostly(
                f"asOf: at most {MOST_MOMENTS} fields of one operation; send several requests"
            )
        source = self._source(node, Moment(self.binds, use))
        text = self.row(source, selected)
        key = self.binds.add(lambda request: request.moments[use].root_id, Uuid())
        found = select(text).select_from(source.rows).where(source.key == key, *source.rules())
        return or_null(found.scalar_subquery())

    def node(self, fields: Sequence[FieldNode]) -> ColumnElement[Any]:
        """The row of any type that `id` names, or JSON's null; a type whose scope the caller lacks has no rows.

        Args:
            fields: nodes of one response name of `node`, n >= 1.
        """
        use, _ = self._arguments("Query", fields[0])
        wanted = self._wanted(use)
        found: list[ColumnElement[Any]] = []
        for name in IDENTIFIED:
            if name in self.refused:
                self._prune(name)
                continue
            selected = self.collector.below(name, fields)
            found.append(self._by_key(nodes()[name], wanted, selected).scalar_subquery())
        return func.coalesce(*found, constant("null"))

    def _wanted(self, use: int) -> ColumnElement[Any]:
        get = at(use, ("id",))
        return self.binds.add(lambda request: as_uuid(get(request)), Uuid())

    def page(
        self,
        node: Node,
        parent: str,
        fields: Sequence[FieldNode],
        hangs_on: tuple[RowSource, Link] | None = None,
    ) -> ColumnElement[Any]:
        """A page of a list.

        Args:
            node: the type of its rows.
            parent: type that the field stands on.
            fields: nodes of one response name, n >= 1.
            hangs_on: the row that the list belongs to, and by which relation; all rows without it.
        """
        use, values = self._arguments(parent, fields[0])
        source = self._source(node) if hangs_on is None else hangs_on[0].beside(node)
        order = Order(source, steps_of(source, values.get("orderBy")))
        conditions = Conditions(source, self.binds, use)
        found = [*source.rules(), conditions.all_of(values.get("where"), ("where",))]
        outer = None
        if hangs_on is not None:
            outer = hangs_on[0].own
            found.append(source.meets(*hangs_on))
        self.lists[use] = ListUse(f"{parent}.{fields[0].name.value}({order.label})", len(order.steps) + 1)
        behind = None
        if values.get("after") is not None:
            self.reads_after.add(use)
            behind = order.after(use, self.binds)
        listing = Listing(
            source=source, order=order, conditions=tuple(found), behind=behind, outer=outer, use=use
        )
        first = self.binds.add(page_size(use, fields[0].name.value), Integer())
        return page_text(self, listing, first, self.collector.below(f"{node.name}Connection", fields))

    def entities(self, fields: Sequence[FieldNode]) -> ColumnElement[Any]:
        """The rows that representations name, in their order; null for each that the caller may not read.

        Args:
            fields: nodes of one response name of `_entities`, n >= 1.
        """
        use, _ = self._arguments("Query", fields[0])
        self.representations.append(use)

        def given(name: str) -> Callable[[Request], list[str | None]]:
            def get(request: Request) -> list[str | None]:
                found = request.arguments[use]["representations"]
                if len(found) > MOST_ENTITIES:
                    raise QueryTooCostly(f"_entities: at most {MOST_ENTITIES} representations at once")
                return [said(one, name) for one in found]

            return get

        names = entity_names(self.schema)
        ids, kinds = given("id"), given("__typename")
        asked = (
            func.unnest(
                self.binds.add(
                    lambda request: [kind if kind in names else None for kind in kinds(request)],
                    ARRAY(Text()),
                ),
                self.binds.add(lambda request: [as_uuid(one) for one in ids(request)], ARRAY(Uuid())),
            )
            .table_valued("kind", "id", with_ordinality="n", name="asked")
            .render_derived()
        )
        arms = [
            (
                asked.c.kind == constant(name),
                self._by_key(
                    nodes()[name], asked.c.id, self.collector.below(name, fields), asked
                ).scalar_subquery(),
            )
            for name in sorted(names)
        ]
        return select(array(or_null(case(*arms)), asked.c.n)).select_from(asked).scalar_subquery()

    def caseload(self, fields: Sequence[FieldNode]) -> ColumnElement[str]:
        """The tables of a caseload.

        Args:
            fields: nodes of one response name of `caseload`, n >= 1.
        """
        members: list[tuple[str, Piece]] = []
        for name, ones in self.collector.below(caseload.TYPE, fields).items():
            self.within.append(name)
            wanted = ones[0].name.value
            typename = wanted == "__typename"
            members.append((name, f'"{caseload.TYPE}"' if typename else self._table(wanted, ones)))
            self.within.pop()
        return joined(object_pieces(members))

    def _table(self, wanted: str, fields: Sequence[FieldNode]) -> Piece:
        node = caseload.SUBJECTS[wanted]
        use, values = self._arguments(caseload.TYPE, fields[0])
        by = [dimensions(node)[one.value] for one in values["by"]]
        if len(by) > caseload.MOST_DIMENSIONS or len({one.name for one in by}) != len(by):
            raise InputInvalid(f"by: at most {caseload.MOST_DIMENSIONS} different dimensions")
        needed = [f"{caseload.TYPE}.{wanted}", *(one.coordinate for one in by)]
        if refused := [one for one in needed if one in self.refused]:
            for one in refused:
                self._prune(one)
            return "null"
        where = values.get("where")
        grouping = grouping_of(by, self._source(node), self.binds, use, where)
        return table_text(self, grouping, self.collector.below("CaseloadTable", fields))

    def _by_key(
        self, node: Node, wanted: ColumnElement[Any], selected: Selected, outer: FromClause | None = None
    ) -> Select[Any]:
        source = self._source(node)
        text = self.row(source, selected)
        leads = redirect.alias()
        led = select(leads.c.new_id).where(leads.c.old_id == wanted).correlate(outer).scalar_subquery()
        # A row of its own, and not a condition with a subquery in it: behind row level security that one would be asked
        # of every row, since PostgreSQL cannot know that it tells nothing.
        meant = select(func.coalesce(led, wanted).label("id")).correlate(outer).offset(integer(0)).subquery()
        meant = meant.lateral() if outer is not None else meant
        return (
            select(text)
            .select_from(meant.join(source.rows, source.key == meant.c.id))
            .where(*source.rules())
            .correlate(outer)
        )

    def row(self, source: RowSource, selected: Selected) -> ColumnElement[str]:
        """The JSON object of a row.

        Args:
            source: of the row.
            selected: fields of its type.
        """
        members: list[tuple[str, Piece]] = []
        for name, fields in selected.items():
            self.within.append(name)
            members.append((name, self._member(source, fields)))
            self.within.pop()
        text = joined(object_pieces(members))
        if source.node.name not in REACHED:
            return text
        # Whose row it is, for the ledger; `reveal` takes it out again.
        return joined([self.nonce, SUBJECT, sql_cast(source.key, TEXT), text])

    def _source(self, node: Node, tables: Tables = VIEW) -> RowSource:
        return RowSource(node, self.binds, self.uneven, tables)

    def _member(self, source: RowSource, fields: Sequence[FieldNode]) -> Piece:
        wanted = fields[0].name.value
        if wanted == "__typename":
            return f'"{source.node.name}"'
        coordinate = f"{source.node.name}.{wanted}"
        if coordinate in self.refused:
            self._prune(coordinate)
            return "null"
        if wanted in source.node.links:
            return self._link(source, source.node.links[wanted], fields)
        column = source.node.columns[wanted]
        value = source.cell(column)
        if column.declaration.sealed:
            self.reveals = True
            return sealed_cell(column, value, source.row_id(column), self.nonce)
        if column.declaration.kind is Kind.OBJECTS:
            chosen = self.collector.below(_type_of(self.schema, source.node.name, wanted), fields)
            return objects_cell(column, value, [(name, ones[0].name.value) for name, ones in chosen.items()])
        return cell(column, value)

    @property
    def nonce(self) -> ColumnElement[Any]:
        """The request's nonce, one parameter however often it stands in the statement."""
        if self._nonce is None:
            self._nonce = self.binds.add(lambda request: request.nonce, Text())
        return self._nonce

    def _link(self, source: RowSource, link: Link, fields: Sequence[FieldNode]) -> ColumnElement[Any]:
        node = nodes()[link.relation.target]
        if link.relation.many:
            return self.page(node, source.node.name, fields, (source, link))
        target = source.beside(node)
        text = self.row(target, self.collector.below(node.name, fields))
        conditions = [target.meets(source, link), *target.rules()]
        found = select(text).select_from(target.rows).where(*conditions).correlate(source.own)
        return or_null(found.scalar_subquery())

    def _arguments(self, parent: str, node: FieldNode) -> tuple[int, dict[str, Any]]:
        kind = self.schema.get_type(parent)
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 -- rows hang on objects
        use = ArgumentUse(kind.fields[node.name.value], node)
        self.arguments.append(use)
        return len(self.arguments) - 1, use.values(self.variables)


def _type_of(schema: GraphQLSchema, parent: str, name: str) -> str:
    kind = schema.get_type(parent)
    assert isinstance(kind, GraphQLObjectType)  # noqa: S101 -- rows are objects
    return cast("GraphQLNamedType", get_named_type(kind.fields[name].type)).name
