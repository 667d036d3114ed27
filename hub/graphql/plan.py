"""An operation compiled once: its statement, and what each request must bring.

A plan depends on the document, the operation, and the shape of the variables: which conditions are given, which order is
asked for, which values `@skip` has. No value of a caller is part of it, so it serves every caller.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql.execution.values import VariableValues, get_variable_values
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from hub.graphql import discretion
from hub.graphql.catalogue import ROOTS
from hub.graphql.cells import moment
from hub.graphql.documents import MOST_ERRORS, Document, DocumentInvalid
from hub.graphql.prepared import TEXT, Statement, constant, prepared
from hub.graphql.request import Request
from hub.graphql.rows import BY_ID, Compiler, ListUse
from hub.graphql.rules import Uneven
from hub.graphql.selection import Collector
from hub.graphql.shape import shape_of
from hub.graphql.text import joined, object_pieces, or_null
from schema.errors import InputInvalid
from schema.tables.pull import checkpoint

_REMEMBERED = 512
_COMPILED = BY_ID | {"caseload"}
"""Roots beside those of rows that the statement answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An operation, compiled.

    Attributes:
        statement: gives one text for each root of rows, in order, and the freshness of each agency last.
        names: response names of roots, in the order of the answer; True where the statement gives the value.
        answers: the rest of the operation, for strawberry; None where there is none.
        compiler: what it left behind: parameters, arguments, lists.
    """

    statement: Statement
    names: tuple[tuple[str, bool], ...]
    answers: DocumentNode | None
    compiler: Compiler

    def arguments(self, variables: VariableValues) -> list[Mapping[str, Any]]:
        """The arguments of each field that has any, coerced anew.

        Raises:
            DocumentInvalid: a variable is null where its field takes no null.
        """
        return [use.values(variables) for use in self.compiler.arguments]

    @property
    def sql(self) -> str:
        """The statement's text."""
        return self.statement.text.decode()

    @property
    def lists(self) -> Mapping[int, ListUse]:
        """Lists by the number of their arguments."""
        return self.compiler.lists

    @property
    def moments(self) -> Mapping[int, str]:
        """Types of rows that are asked for as of a moment, by the number of their arguments."""
        return self.compiler.moments

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
        max_errors=MOST_ERRORS,
        hide_suggestions=True,
    )
    if isinstance(found, VariableValues):
        return found
    raise DocumentInvalid(discretion.of_variables(found, dict(given)))


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
        uneven: Uneven = frozenset(),
        refused: frozenset[str] = frozenset(),
    ) -> Plan:
        """The plan of an operation with variables of this shape; ask for it when the guard has passed.

        Args:
            document: valid.
            operation: one of it.
            variables: coerced.
            uneven: scopes that open fewer rows than their type's own, for the caller.
            refused: fields that are null instead of refusing the operation.

        Raises:
            InputInvalid: the operation cannot be answered as it is written.
        """
        name = operation.name.value if operation.name else None
        key = (document.digest, name, shape_of(variables), uneven, refused)
        found = self._known.get(key)
        if found is None:
            found = compile_plan(self._schema, document, operation, variables, uneven, refused)
            if document.holds_no_value:
                self._known[key] = found
                if len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found


def compile_plan(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    uneven: Uneven = frozenset(),
    refused: frozenset[str] = frozenset(),
) -> Plan:
    """The plan of an operation; `Plans.get` says what the arguments are.

    Raises:
        InputInvalid: the operation cannot be answered as it is written.
    """
    if operation.operation is not OperationType.QUERY:
        raise InputInvalid("only queries are answered here")
    compiler = Compiler(
        schema, Collector(schema, document.fragments, variables.coerced), variables, uneven, refused
    )
    selected = compiler.collector.collect("Query", [operation.selection_set])
    texts: list[Any] = []
    names: list[tuple[str, bool]] = []
    others: list[FieldNode] = []
    for name, fields in selected.items():
        wanted = fields[0].name.value
        of_rows = wanted in ROOTS or wanted in _COMPILED or f"Query.{wanted}" in refused
        names.append((name, of_rows))
        if of_rows:
            texts.append(compiler.root(name, fields))
        else:
            others += fields
    columns = [text.label(f"d{number}") for number, text in enumerate(texts)]
    return Plan(
        statement=prepared(select(*columns, freshness().label("freshness"))),
        names=tuple(names),
        answers=_document_of(document, operation, others) if others else None,
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


def freshness() -> Any:
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
    return select(cast(joined(["[", func.coalesce(listed, constant("")), "]"]), TEXT)).scalar_subquery()
