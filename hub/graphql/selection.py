"""What an operation selects: fields by response name, fragments merged, `@skip` and `@include` applied.

Source: GraphQL specification, section 6.3 (CollectFields).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.language import BooleanValueNode

from schema.errors import InputInvalid

Selected: TypeAlias = dict[str, list[FieldNode]]
"""Fields by response name, in the order in which they first appear; several nodes of one name are merged."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects the fields of selection sets of one operation.

    Attributes:
        schema: ours.
        fragments: of the document, by name.
        variables: coerced values, for `@skip` and `@include`.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, object]

    def collect(self, type_name: str, sets: Sequence[SelectionSetNode]) -> Selected:
        """The fields that these sets select together on a type.

        Args:
            type_name: of the object.
            sets: of all nodes that stand for one response name, n >= 1.

        Raises:
            InputInvalid: a condition of `@skip` or `@include` is null.
        """
        found: Selected = {}
        seen: set[str] = set()
        for one in sets:
            self._collect(type_name, one, found, seen)
        return found

    def below(self, type_name: str, nodes: Sequence[FieldNode]) -> Selected:
        """The fields that a field's own selection sets select together."""
        return self.collect(
            type_name, [node.selection_set for node in nodes if node.selection_set is not None]
        )

    def _collect(self, type_name: str, selections: SelectionSetNode, found: Selected, seen: set[str]) -> None:
        for selection in selections.selections:
            if not self._included(selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._covers(condition, type_name):
                    self._collect(type_name, selection.selection_set, found, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self._covers(fragment.type_condition, type_name):
                    self._collect(type_name, fragment.selection_set, found, seen)

    def _covers(self, condition: NamedTypeNode, type_name: str) -> bool:
        """True if a fragment of that type is one of an object of this type: it itself, an interface or a union of it."""
        name = condition.name.value
        wide, narrow = self.schema.get_type(name), self.schema.get_type(type_name)
        return name == type_name or (
            is_abstract_type(wide)
            and isinstance(narrow, GraphQLObjectType)
            and self.schema.is_sub_type(wide, narrow)
        )

    def _included(self, directives: Sequence[DirectiveNode]) -> bool:
        for directive in directives:
            wanted = {"skip": False, "include": True}.get(directive.name.value)
            if wanted is None:
                continue
            condition = next(iter(directive.arguments or ()))  # `if`, which validation has required
            if self._boolean(condition.value) is not wanted:
                return False
        return True

    def _boolean(self, value: object) -> bool:
        if isinstance(value, VariableNode):
            given = self.variables[value.name.value]
            if given is None:
                raise InputInvalid("@skip and @include need true or false, and a variable of theirs is null")
            return given is True
        return isinstance(value, BooleanValueNode) and value.value
