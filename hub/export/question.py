"""What may be exported: a document with one list of rows, through the guard and the compiler of queries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql.execution.values import VariableValues

from auth.permit import Permit
from hub.graphql import guard, weights
from hub.graphql.catalogue import ROOTS
from hub.graphql.cost import Cost, Prices
from hub.graphql.documents import Document, Documents
from hub.graphql.every import Every, every
from hub.graphql.media import Question
from hub.graphql.plan import variables_of
from hub.graphql.prepared import Statement, prepared
from hub.graphql.request import Request
from hub.graphql.rows import Compiler
from hub.graphql.rules import uneven
from hub.graphql.sdl import graphql_schema
from hub.graphql.selection import Collector, Selected
from hub.identity.keyring import Keyring
from hub.limits import Limits
from schema.errors import InputInvalid

MARK: Final = "exportMark"
"""Name of the column that names the export; a selection cannot have it."""
BEGINNING: Final = UUID(int=0)
"""The key behind which all rows are."""
_ONE_LIST: Final = "an export is one list: query { cases { nodes { ... } } }, or victims, or perpetrators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An export that the guard has passed, compiled.

    Attributes:
        document: as asked.
        operation: of it.
        argued: what its filters use.
        coordinates: all that it uses.
        variables: coerced.
        node: type of its rows.
        selected: fields of a row.
        compiler: what it left behind: parameters, arguments, lists.
        most_rows: of a list inside.
        rows: key and JSON object of each row behind a key.
        count: how many rows there are.
    """

    document: Document
    operation: OperationDefinitionNode
    argued: frozenset[str]
    coordinates: frozenset[str]
    variables: VariableValues
    node: str
    selected: Selected
    compiler: Compiler
    most_rows: int
    rows: Statement
    count: Statement
    _every: Every
    _keyring: Keyring

    def parameters(self, permit: Permit, nonce: str, behind: UUID = BEGINNING) -> Mapping[str, Any]:
        """The parameters of both statements.

        Args:
            permit: what it says of rows.
            nonce: marks what is replaced in their text.
            behind: key after which rows begin.

        Raises:
            InputInvalid: a value is outside what its argument allows, or a list inside begins behind a cursor.
        """
        compiler = self.compiler
        if compiler.reads_after:
            raise InputInvalid("a list inside an export begins at its beginning; leave `after` out")
        arguments = [use.values(self.variables) for use in compiler.arguments]
        request = Request(
            arguments=arguments,
            cursors={self._every.use: [str(behind)]},
            permit=permit,
            nonce=nonce,
            keyring=self._keyring,
            most_rows=self.most_rows,
        )
        return compiler.binds.values(request)


class Questions:
    """Understands what is asked for. One for each process.

    Args:
        keyring: makes the tokens by which sealed values are found.
        limits: of a question.
    """

    def __init__(self, keyring: Keyring, limits: Limits) -> None:
        self._keyring = keyring
        self._schema: GraphQLSchema = graphql_schema()
        self._documents = Documents(self._schema, limits=limits)
        self._prices = Prices(self._schema)
        self._most_rows = limits.page

    def wanted(self, question: Question, permit: Permit) -> Wanted:
        """The export, when the permit covers every use that it makes of a field.

        Args:
            question: a GraphQL request.
            permit: of the caller.

        Raises:
            InputInvalid: the document is not valid, or not one list of rows.
            QueryTooCostly: it passes a limit of documents.
            UseRefused: the permit does not cover it.
        """
        document = self._documents.get(question.query)
        operation = document.operation(question.operation_name)
        if operation.operation is not OperationType.QUERY:
            raise InputInvalid(_ONE_LIST)
        variables = variables_of(self._schema, operation, question.variables)
        argued = guard.uses_of_variables(self._schema, operation, question.variables)
        coordinates = document.uses.all | argued
        guard.check(permit, coordinates)
        collector = Collector(self._schema, document.fragments, variables.coerced)
        fields, name, selected = _one_list(collector, collector.collect("Query", [operation.selection_set]))
        compiler = Compiler(self._schema, collector, variables, uneven(permit))
        compiler.within = [name, "nodes"]
        found = every(compiler, fields, selected)
        return Wanted(
            document=document,
            operation=operation,
            argued=document.uses.argued | argued,
            coordinates=coordinates,
            variables=variables,
            node=ROOTS[fields[0].name.value].node,
            selected=selected,
            compiler=compiler,
            most_rows=self._most_rows,
            rows=prepared(found.rows),
            count=prepared(found.count),
            _every=found,
            _keyring=self._keyring,
        )

    def cost(self, wanted: Wanted) -> Cost:
        """What taking it on costs: a page of it, and the looking at all its rows.

        What each row costs the worker is in no minute's budget; how many exports may wait bounds that.
        """
        page = self._prices.cost(wanted.document, wanted.operation, wanted.variables)
        return replace(page, requested=page.requested + weights.EXPORT)


def _one_list(collector: Collector, roots: Selected) -> tuple[list[FieldNode], str, Selected]:
    """The root's nodes, its name in the answer, and the fields of a row.

    Raises:
        InputInvalid: there is something else beside or in place of the rows of one list.
    """
    if len(roots) != 1:
        raise InputInvalid(_ONE_LIST)
    ((name, fields),) = roots.items()
    root = ROOTS.get(fields[0].name.value)
    if root is None or not root.many:
        raise InputInvalid(_ONE_LIST)
    if {one.name.value for one in fields[0].arguments or ()} - {"where"}:
        raise InputInvalid(
            f"{root.name}: an export has all rows in the order of their ids; of the arguments it takes `where` alone"
        )
    below = collector.below(f"{root.node}Connection", fields)
    if [one[0].name.value for one in below.values()] != ["nodes"]:
        raise InputInvalid(f"{root.name}: an export has `nodes`, once, and nothing beside it")
    (rows,) = below.values()
    selected = collector.below(root.node, rows)
    if MARK in selected:
        raise InputInvalid(f"{MARK} is the column by which a row names its export; choose another alias")
    if not selected:
        raise InputInvalid("nothing of a row is selected")
    return fields, name, selected
