"""Arguments of one field of an operation: coerced once where the text says all of them, else with each request."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    ListValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, get_argument_values

from hub.graphql.documents import DocumentInvalid


@dataclass(slots=True)
class ArgumentUse:
    """One field with arguments; each request coerces anew those that name variables."""

    definition: GraphQLField
    node: FieldNode
    _fixed: dict[str, Any] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """What names no variable is the same for every request."""
        if not any(map(_varies, self.node.arguments or ())):
            self._fixed = self._coerced(None)

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments of one request.

        Raises:
            DocumentInvalid: a variable is null where the field takes no null.
        """
        return self._coerced(variables) if self._fixed is None else self._fixed

    def _coerced(self, variables: VariableValues | None) -> dict[str, Any]:
        try:
            return get_argument_values(self.definition, self.node, variables, hide_suggestions=True)
        except GraphQLError as error:
            raise DocumentInvalid([error]) from None


def _varies(node: ArgumentNode | ObjectFieldNode | ValueNode) -> bool:
    """True if a variable stands in it."""
    match node:
        case ArgumentNode() | ObjectFieldNode():
            return _varies(node.value)
        case ListValueNode():
            return any(map(_varies, node.values))
        case ObjectValueNode():
            return any(map(_varies, node.fields))
        case _:
            return isinstance(node, VariableNode)
