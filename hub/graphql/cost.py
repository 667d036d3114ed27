"""What an operation may cost at most, known before a row is read: weights of its parts, times the sizes of its lists.

What depends on the document alone is worked out once for it; each request multiplies the sizes that it asks for. A list
counts as full, so the cost is a bound and no forecast. What depends on how large the tables are is not in it (a search
that no index serves): the time limit of statements holds that.

Source: ADR-0038; the GraphQL cost specification (https://ibm.github.io/graphql-specs/cost-spec.html), section 3.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues
from graphql.language import IntValueNode, ListValueNode

from hub.graphql import weights
from hub.graphql.arguments import ArgumentUse
from hub.graphql.caseload import SUBJECTS, TYPE
from hub.graphql.catalogue import IDENTIFIED, ROOTS, Node, nodes
from hub.graphql.documents import Document
from hub.graphql.representations import entity_names, said
from hub.graphql.selection import Collector, Selected
from hub.graphql.shape import shape_of
from hub.limits import DEFAULT_ROWS, MOST_ROWS

MATCH: Final = "personMatch"
"""The field that tells whether a person is known, and so may be asked only so often."""
_REMEMBERED: Final = 512
Size: TypeAlias = Callable[[Mapping[str, Any]], int]
"""How many rows a list may have, by the coerced variables of a request."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of an operation.

    Attributes:
        coordinate: of its field.
        size: rows for each row that it hangs on.
        fixed: cost of itself, for each row that it hangs on.
        each: cost of a row of it, without the lists below.
        inside: lists that hang on its rows.
    """

    coordinate: str
    size: Size
    fixed: int
    each: int
    inside: tuple["Listed", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request may cost at most.

    Attributes:
        requested: microseconds of CPU as weighed.
        dearest: coordinate of the list whose rows are the largest part of it; None where there is no list.
        first: rows of that list for each row that it hangs on.
        rows: of that list altogether.
        matches: how many times it asks whether a person is known.
    """

    requested: int
    dearest: str | None = None
    first: int = 0
    rows: int = 0
    matches: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """The cost of an operation of one shape, up to the sizes of its lists."""

    base: int
    lists: tuple[Listed, ...]
    matches: int = 0

    def cost(self, variables: VariableValues) -> Cost:
        """The cost with these variables.

        Args:
            variables: coerced.
        """
        total, most, dearest = self.base, -1, Cost(requested=0)
        waiting = [(one, 1) for one in self.lists]
        while waiting:
            one, parents = waiting.pop()
            first = one.size(variables.coerced)
            rows = parents * first
            own = parents * one.fixed + rows * one.each
            total += own
            if own > most:
                most, dearest = own, Cost(requested=0, dearest=one.coordinate, first=first, rows=rows)
            waiting += [(inner, rows) for inner in one.inside]
        return Cost(
            requested=total,
            dearest=dearest.dearest,
            first=dearest.first,
            rows=dearest.rows,
            matches=self.matches,
        )


class Prices:
    """Prices by document, operation and shape of the variables; the least recently used one goes first."""

    def __init__(self, schema: GraphQLSchema, *, remembered: int = _REMEMBERED) -> None:
        """Args: schema: ours. remembered: prices kept, n >= 1."""
        self._schema = schema
        self._remembered = remembered
        self._known: OrderedDict[tuple[object, ...], Price] = OrderedDict()

    def cost(self, document: Document, operation: OperationDefinitionNode, variables: VariableValues) -> Cost:
        """What the operation may cost at most.

        Args:
            document: valid.
            operation: one of it.
            variables: coerced.

        Raises:
            InputInvalid: it cannot be answered as it is written.
        """
        key = (document.digest, operation.name.value if operation.name else None, shape_of(variables))
        found = self._known.get(key)
        if found is None:
            found = price_of(self._schema, document, operation, variables)
            if document.holds_no_value:
                self._known[key] = found
                if len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found.cost(variables)


def price_of(
    schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode, variables: VariableValues
) -> Price:
    """The price of an operation; `Prices.cost` says what the arguments are.

    Raises:
        InputInvalid: it cannot be answered as it is written.
    """
    kind = operation.operation.value.capitalize()
    pricing = _Pricing(schema, Collector(schema, document.fragments, variables.coerced), variables)
    base = weights.OPERATION if document.holds_no_value else weights.OPERATION + weights.UNKEPT
    matches = 0
    for fields in pricing.collector.collect(kind, [operation.selection_set]).values():
        base += weights.DECISION if kind == "Mutation" else pricing.root(fields)
        matches += fields[0].name.value == MATCH
    return Price(base, tuple(pricing.lists), matches)


@dataclass(slots=True)
class _Pricing:
    """Prices the fields of one operation.

    Attributes:
        schema: ours.
        collector: of the operation.
        variables: coerced, of a request; only their shape matters.
        lists: at the root.
    """

    schema: GraphQLSchema
    collector: Collector
    variables: VariableValues
    lists: list[Listed] = field(default_factory=list[Listed])

    def root(self, fields: Sequence[FieldNode]) -> int:
        """What a field of Query costs beside its lists, which are noted."""
        name = fields[0].name.value
        if name == "_entities":
            self.lists += self._entities(fields)
            return 0
        if name == "node":
            return sum(self._by_id(nodes()[one], fields) for one in IDENTIFIED)
        if name == "caseload":
            tables = self.collector.below(TYPE, fields).values()
            return sum(self._table(ones) for ones in tables)
        if name not in ROOTS:
            return weights.ANSWERS.get(name, weights.ANSWER)
        node = nodes()[ROOTS[name].node]
        if ROOTS[name].many:
            self.lists.append(self._list(node, "Query", fields, weights.TOTAL_OF_ALL))
            return 0
        return self._by_id(node, fields)

    def _by_id(self, node: Node, fields: Sequence[FieldNode]) -> int:
        each, inside = self._row(node, self.collector.below(node.name, fields))
        self.lists += inside
        return weights.ENTITY + each + self._of_then(fields[0])

    def _of_then(self, root: FieldNode) -> int:
        if _argument(root, "asOf") is None or self._values("Query", root)["asOf"] is None:
            return 0
        return weights.AS_OF

    def _table(self, fields: Sequence[FieldNode]) -> int:
        if fields[0].name.value not in SUBJECTS:
            return 0
        return weights.CASELOAD + self._conditions(TYPE, fields[0])

    def _entities(self, fields: Sequence[FieldNode]) -> list[Listed]:
        """One list for each type that may be asked for, as long as representations name it."""
        given = _argument(fields[0], "representations")
        found: list[Listed] = []
        for name in sorted(entity_names(self.schema)):
            each, inside = self._row(nodes()[name], self.collector.below(name, fields))
            size = _representations(given, name)
            found.append(Listed("Query._entities", size, 0, weights.ENTITY + each, tuple(inside)))
        return found

    def _list(self, node: Node, parent: str, fields: Sequence[FieldNode], total: int) -> Listed:
        coordinate = f"{parent}.{fields[0].name.value}"
        fixed, each = weights.LIST + self._conditions(parent, fields[0]), 0
        inside: list[Listed] = []
        connection = self.collector.below(f"{node.name}Connection", fields)
        for ones in connection.values():
            match ones[0].name.value:
                case "totalCount":
                    fixed += total
                case "pageInfo":
                    below = self.collector.below("PageInfo", ones).values()
                    fixed += weights.CURSOR * sum(one[0].name.value.endswith("Cursor") for one in below)
                case "nodes":
                    row, lists = self._row(node, self.collector.below(node.name, ones))
                    each, inside = each + weights.ROW + row, inside + lists
                case "edges":
                    row, lists = self._edge(node, self.collector.below(f"{node.name}Edge", ones))
                    each, inside = each + weights.ROW + row, inside + lists
                case _:
                    pass
        return Listed(coordinate, _first(_argument(fields[0], "first")), fixed, each, tuple(inside))

    def _edge(self, node: Node, selected: Selected) -> tuple[int, list[Listed]]:
        each = 0
        inside: list[Listed] = []
        for ones in selected.values():
            if ones[0].name.value == "cursor":
                each += weights.CURSOR
            elif ones[0].name.value == "node":
                row, lists = self._row(node, self.collector.below(node.name, ones))
                each, inside = each + row, inside + lists
        return each, inside

    def _row(self, node: Node, selected: Selected) -> tuple[int, list[Listed]]:
        """What the values of a row cost, rows that it leads to included; and the lists that hang on it."""
        each = 0
        inside: list[Listed] = []
        for ones in selected.values():
            name = ones[0].name.value
            link = node.links.get(name)
            if link is not None:
                target = nodes()[link.relation.target]
                if link.relation.many:
                    inside.append(self._list(target, node.name, ones, weights.TOTAL))
                else:
                    row, lists = self._row(target, self.collector.below(target.name, ones))
                    each, inside = each + weights.LED_TO + row, inside + lists
            elif name in node.columns:
                each += weights.SEALED if node.columns[name].declaration.sealed else weights.VALUE
        return each, inside

    def _conditions(self, parent: str, of_list: FieldNode) -> int:
        if _argument(of_list, "where") is None:
            return 0
        return _weight(self._values(parent, of_list).get("where"))

    def _values(self, parent: str, node: FieldNode) -> Mapping[str, Any]:
        kind = self.schema.get_type(parent)
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 -- what has arguments hangs on objects
        return ArgumentUse(kind.fields[node.name.value], node).values(self.variables)


def _weight(where: Mapping[str, Any] | None) -> int:
    """What the conditions of an input object cost; each operator is one, and so is `some` or `none` of related rows."""
    found = 0
    for name, value in (where or {}).items():
        if isinstance(value, Mapping):
            found += _weight(value) + (weights.CONDITION if name in {"some", "none"} else 0)  # pyright: ignore[reportUnknownArgumentType] -- of any input type
        elif name in {"and", "or"}:
            found += sum(_weight(one) for one in value or ())
        elif value is not None:
            found += weights.CONDITION
    return found


def _argument(node: FieldNode, name: str) -> ValueNode | None:
    return next((one.value for one in node.arguments or () if one.name.value == name), None)


def _first(given: ValueNode | None) -> Size:
    """`first` of a list. One that is out of its bounds counts as nothing: it is refused for that, and by its name."""
    if isinstance(given, IntValueNode):
        number = _bounded(int(given.value))
        return lambda _: number
    if isinstance(given, VariableNode):
        name = given.name.value
        return lambda coerced: _bounded(coerced.get(name, DEFAULT_ROWS))
    return lambda _: DEFAULT_ROWS


def _bounded(first: object) -> int:
    return first if isinstance(first, int) and 0 <= first <= MOST_ROWS else 0


def _representations(given: ValueNode | None, kind: str) -> Size:
    """How many representations name a type; where they stand in the text, all of them may."""
    if isinstance(given, VariableNode):
        name = given.name.value
        return lambda coerced: sum(said(one, "__typename") == kind for one in coerced.get(name) or ())
    number = len(given.values) if isinstance(given, ListValueNode) else 1
    return lambda _: number
