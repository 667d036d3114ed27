"""From text to a document that is parsed, valid and within the limits; bounded and shared by all callers.

Source: GraphQL specification, sections 2 and 5. Errors carry positions and names of the schema, never a variable's value.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    validate,
    visit,
)

from schema.errors import InputInvalid, QueryTooCostly

MOST_TOKENS = 2000
MOST_DEPTH = 12
MOST_ALIASES = 30
MOST_DIRECTIVES = 10
MOST_ERRORS = 10
_REMEMBERED = 512
_INTROSPECTION_DEPTH = 3
"""Introspection nests deeply by nature (ofType in ofType) and costs nothing of the database: it has its own limit."""


class DocumentInvalid(InputInvalid):
    """The document does not parse or does not fit the schema; `errors` say where."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        """Args: errors: n >= 1."""
        super().__init__(errors[0].message)
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A valid document.

    Attributes:
        digest: SHA-256 of its text.
        node: parsed.
        operations: by name; an operation without a name has the name None.
        fragments: by name.
        holds_no_value: there is no text among its literals, so nothing of a person can be in it, and it may be kept.
    """

    digest: bytes
    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]
    holds_no_value: bool

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Args:
            name: as the request gives it; needed where there are several.

        Raises:
            InputInvalid: there is no such operation, or no name tells which of several.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name)
        if found is None or name is None:
            raise InputInvalid(
                "operationName is needed: the document has several operations"
                if name is None
                else "operationName names no operation of the document"
            )
        return found


class Documents:
    """Documents by text; the least recently used one goes first. Only valid ones without texts are kept."""

    def __init__(self, schema: GraphQLSchema, *, remembered: int = _REMEMBERED) -> None:
        """Args: schema: to validate against. remembered: documents kept, n >= 1."""
        self._schema = schema
        self._remembered = remembered
        self._known: OrderedDict[bytes, Document] = OrderedDict()

    def get(self, text: str) -> Document:
        """The document of that text.

        Raises:
            DocumentInvalid: it does not parse or does not fit the schema.
            QueryTooCostly: it passes a limit; says which, and by how much.
        """
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        found = self._known.get(digest)
        if found is None:
            found = _read(self._schema, digest, text)
            if found.holds_no_value:
                self._known[digest] = found
                if len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(digest)
        return found


def _read(schema: GraphQLSchema, digest: bytes, text: str) -> Document:
    try:
        node = parse(text, max_tokens=MOST_TOKENS, no_location=False)
    except GraphQLError as error:
        if "token" in error.message and "exceeded" in error.message:
            raise QueryTooCostly(
                f"the document has more than {MOST_TOKENS} tokens; ask for less at once"
            ) from None
        raise DocumentInvalid([error]) from None
    operations = {
        one.name.value if one.name else None: one
        for one in node.definitions
        if isinstance(one, OperationDefinitionNode)
    }
    fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    # The limits come before validation, whose own cost grows with aliases; cycles of fragments are cut by the depth.
    for operation in operations.values():
        _check_limits(operation, fragments)
    errors = validate(schema, node, max_errors=MOST_ERRORS, hide_suggestions=True)
    if errors:
        raise DocumentInvalid(errors)
    texts = _Texts()
    visit(node, texts)
    return Document(
        digest=digest,
        node=node,
        operations=operations,
        fragments=fragments,
        holds_no_value=not texts.found,
    )


class _Texts(Visitor):
    """Whether a document has a text among its literals: an id, a NIK or a name may stand there."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_string_value(self, *_: object) -> None:
        """A text."""
        self.found = True


@dataclass(slots=True)
class _Count:
    aliases: int = 0
    directives: int = 0


def _check_limits(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> None:
    count = _Count(directives=len(operation.directives or ()))
    for _ in _walk(operation.selection_set, fragments, 1, count, MOST_DEPTH):
        if count.aliases > MOST_ALIASES:
            raise QueryTooCostly(f"the operation has more than {MOST_ALIASES} aliases; send several requests")
        if count.directives > MOST_DIRECTIVES:
            raise QueryTooCostly(f"the operation has more than {MOST_DIRECTIVES} directives")


def _walk(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    depth: int,
    count: _Count,
    most: int,
) -> Iterator[None]:
    """Every selection, fragments counted in full wherever they are spread.

    Raises:
        QueryTooCostly: it is nested too deeply, or without end.
    """
    if depth > most:
        raise QueryTooCostly(f"the operation is nested deeper than {MOST_DEPTH}")
    for selection in selections.selections:
        count.directives += len(selection.directives or ())
        yield
        if isinstance(selection, FieldNode):
            count.aliases += selection.alias is not None
            if selection.selection_set is not None:
                inner = most * _INTROSPECTION_DEPTH if selection.name.value.startswith("__") else most
                yield from _walk(selection.selection_set, fragments, depth + 1, count, max(most, inner))
        elif isinstance(selection, InlineFragmentNode):
            yield from _walk(selection.selection_set, fragments, depth + 1, count, most)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value in fragments:
            named = fragments[selection.name.value]
            yield from _walk(named.selection_set, fragments, depth + 1, count, most)
