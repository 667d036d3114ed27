"""An operation compiled once: its statement, what each request must bring, and what it uses.

A plan depends on the document, the operation, and the shape of the variables: which conditions are given, which order is
asked for, which values `@skip` has. No value of a caller is part of it, so it serves every caller.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from hub.graphql import guard
from hub.graphql.catalogue import ROOTS, nodes
from hub.graphql.cells import moment
from hub.graphql.documents import Document, DocumentInvalid
from hub.graphql.enums import Direction, order_enum
from hub.graphql.prepared import constant, prepared
from hub.graphql.request import Request
from hub.graphql.rows import ArgumentUse, Compiler, ListUse
from hub.graphql.selection import Collector
from hub.graphql.text import joined, object_pieces, or_null
from schema.errors import InputInvalid
from schema.tables.pull import checkpoint

_REMEMBERED = 512
_MOST_ERRORS = 10
Shape: TypeAlias = object


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An operation, compiled.

    Attributes:
        sql: gives one text for each root of rows, in order, and the freshness of each agency last.
        names: response names of roots, in the order of the answer; True where the statement gives the value.
        answers: the rest of the operation, for strawberry; None where there is none.
        uses: every coordinate that the document and the variables of this shape use.
        compiler: what it left behind: parameters, arguments, lists.
    """

    sql: str
    names: tuple[tuple[str, bool], ...]
    answers: DocumentNode | None
    uses: frozenset[str]
    compiler: Compiler

    def arguments(self, variables: VariableValues) -> list[Mapping[str, Any]]:
        """The arguments of each field that has any, coerced anew."""
        return [get_argument_values(use.definition, use.node, variables) for use in self.argument_uses]

    @property
    def argument_uses(self) -> Sequence[ArgumentUse]:
        """Fields with arguments."""
        return self.compiler.arguments

    @property
    def lists(self) -> Mapping[int, ListUse]:
        """Lists by the number of their arguments."""
        return self.compiler.lists

    def parameters(self, request: Request) -> dict[str, Any]:
        """The statement's parameters for one request.

        Raises:
            InputInvalid: a value is outside what its argument allows.
        """
        return self.compiler.binds.values(request)


def variables_of(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> VariableValues:
    """The operation's variables, coerced.

    Raises:
        DocumentInvalid: a value does not fit its type.
    """
    found = get_variable_values(
        schema,
        operation.variable_definitions or (),
        dict(given),
        max_errors=_MOST_ERRORS,
        hide_suggestions=True,
    )
    if isinstance(found, VariableValues):
        return found
    raise DocumentInvalid(found)


def _decides(value: Enum) -> bool:
    return isinstance(value, Direction) or any(
        isinstance(value, order_enum(node)) for node in nodes().values() if node.sortable
    )


def shape_of(value: Any, *, top: bool = True) -> Shape:
    """All of a coerced value that decides about the statement: names, lengths of lists of objects, orders, nulls.

    Args:
        value: of a variable.
        top: it is the variable itself, where a boolean may decide about `@skip`.
    """
    if value is None or (top and isinstance(value, bool)):
        return value
    if isinstance(value, dict):
        entries: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] -- a coerced input object
        return tuple((name, shape_of(item, top=False)) for name, item in sorted(entries.items()))
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] -- a coerced list
        return (
            "list",
            *(shape_of(item, top=False) for item in items if isinstance(item, dict) or item is None),
        )
    if isinstance(value, Enum):
        return value if _decides(value) else "?"
    return "?"


class Plans:
    """Plans by document, operation and shape; the least recently used one goes first."""

    def __init__(self, schema: GraphQLSchema, *, remembered: int = _REMEMBERED) -> None:
        """Args: schema: ours. remembered: plans kept, n >= 1."""
        self._schema = schema
        self._remembered = remembered
        self._known: OrderedDict[tuple[object, ...], Plan] = OrderedDict()

    def get(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        given: Mapping[str, Any],
    ) -> Plan:
        """The plan of an operation with variables of this shape.

        Args:
            document: valid.
            operation: one of it.
            variables: coerced.
            given: the same as received, whose names the guard looks at.

        Raises:
            InputInvalid: the operation cannot be answered as it is written.
        """
        name = operation.name.value if operation.name else None
        key = (document.digest, name, shape_of(variables.coerced, top=False), _top(variables.coerced))
        found = self._known.get(key)
        if found is None:
            found = compile_plan(self._schema, document, operation, variables, given)
            if document.holds_no_value:
                self._known[key] = found
                if len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found


def _top(values: Mapping[str, Any]) -> Shape:
    return tuple((name, value) for name, value in sorted(values.items()) if isinstance(value, bool))


def compile_plan(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    given: Mapping[str, Any],
) -> Plan:
    """The plan of an operation.

    Raises:
        InputInvalid: the operation cannot be answered as it is written.
    """
    if operation.operation is not OperationType.QUERY:
        raise InputInvalid("only queries are answered here")
    compiler = Compiler(schema, Collector(document.fragments, variables.coerced), variables)
    selected = compiler.collector.collect("Query", [operation.selection_set])
    texts: list[Any] = []
    names: list[tuple[str, bool]] = []
    others: list[FieldNode] = []
    for name, fields in selected.items():
        wanted = fields[0].name.value
        root = ROOTS.get(wanted)
        names.append((name, root is not None or wanted == "_entities"))
        if root is not None:
            compiled = compiler.page if root.many else compiler.one
            texts.append(compiled(nodes()[root.node], "Query", fields))
        elif wanted == "_entities":
            texts.append(compiler.entities(fields))
        else:
            others += fields
    columns = [text.label(f"d{number}") for number, text in enumerate(texts)]
    uses = guard.uses_of_document(schema, document.node) | guard.uses_of_variables(schema, operation, given)
    return Plan(
        sql=prepared(select(*columns, _freshness().label("freshness"))),
        names=tuple(names),
        answers=_document_of(document, operation, others) if others else None,
        uses=uses,
        compiler=compiler,
    )


def _document_of(
    document: Document, operation: OperationDefinitionNode, fields: Sequence[FieldNode]
) -> DocumentNode:
    """The operation with these root fields only; it was validated as a whole."""
    rest = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=SelectionSetNode(selections=tuple(fields)),
    )
    return DocumentNode(definitions=(rest, *document.fragments.values()))


def _freshness() -> Any:
    """`[{agency, lastCompleteAt}]` of the same snapshot as the rows."""
    entry = joined(
        object_pieces(
            [
                ("agency", joined(['"', checkpoint.c.agency, '"'])),
                ("lastCompleteAt", or_null(moment(checkpoint.c.last_complete_at))),
            ]
        )
    )
    listed = func.string_agg(entry, aggregate_order_by(constant(","), checkpoint.c.agency))
    return select(cast(joined(["[", func.coalesce(listed, constant("")), "]"]), Text)).scalar_subquery()
