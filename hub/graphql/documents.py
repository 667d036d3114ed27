"""From text to a document that is parsed, valid and within the limits; bounded and shared by all callers.

Source: GraphQL specification, sections 2 and 5.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from hub.graphql import discretion, guard
from hub.graphql.limits import check_limits
from hub.limits import Limits
from schema.errors import InputInvalid, QueryTooCostly

MOST_ERRORS: Final = 10
_REMEMBERED = 512


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
        uses: coordinates that its text uses, in all its operations and fragments.
        holds_no_value: there is no text among its literals, so nothing of a person can be in it, and it may be kept.
    """

    digest: bytes
    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]
    uses: guard.Uses
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

    def __init__(
        self, schema: GraphQLSchema, *, limits: Limits | None = None, remembered: int = _REMEMBERED
    ) -> None:
        """Args: schema: to validate against. limits: of a document. remembered: documents kept, n >= 1."""
        self._schema = schema
        self._limits = limits or Limits()
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
            found = _read(self._schema, self._limits, digest, text)
            if found.holds_no_value:
                self._known[digest] = found
                if len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(digest)
        return found


def _read(schema: GraphQLSchema, limits: Limits, digest: bytes, text: str) -> Document:
    try:
        node = parse(text, max_tokens=limits.tokens, no_location=False)
    except GraphQLError as error:
        if f"more than {limits.tokens} tokens" in error.message:
            raise QueryTooCostly(
                f"the document has more than {limits.tokens} tokens; ask for less at once"
            ) from None
        raise DocumentInvalid([discretion.of_syntax(error)]) from None
    operations = {
        one.name.value if one.name else None: one
        for one in node.definitions
        if isinstance(one, OperationDefinitionNode)
    }
    fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    try:
        spread = {name for one in operations.values() for name in check_limits(one, fragments, limits)}
    except GraphQLError as error:
        raise DocumentInvalid([error]) from None
    for name in fragments.keys() - spread:
        # Nothing has counted what is in it.
        raise DocumentInvalid([GraphQLError(f"Fragment '{name}' is never used.", fragments[name])])
    texts = discretion.texts_of(node)
    errors = validate(schema, node, max_errors=MOST_ERRORS, hide_suggestions=True)
    if errors:
        raise DocumentInvalid(discretion.of_document(errors, texts))
    return Document(
        digest=digest,
        node=node,
        operations=operations,
        fragments=fragments,
        uses=guard.uses_of_document(schema, node),
        holds_no_value=not texts,
    )
