"""What a document may ask at most, checked before validation, whose own cost grows faster than the document does.

Fragments are counted in full wherever they are spread, so that none of the limits can be gone round by them.

Source: limits of the query reference, section 7; CVE-2026-47706 and CVE-2026-47707.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from hub.limits import Limits
from schema.errors import QueryTooCostly

MOST_INTROSPECTION_DEPTH: Final = 36
"""Introspection nests deeply by nature (ofType in ofType) and costs nothing of the database."""
MOST_SELECTIONS: Final = 500
MOST_REPEATS: Final = 100
"""Fields that stand again where they stand already: validation compares each with each."""
_MOST_NESTING: Final = 100
"""Fields and fragments in each other, whatever they are; what follows recurses."""

_Seen: TypeAlias = "dict[str, _Seen]"
"""Response names at a place of the answer, each with those below it."""


def check_limits(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], limits: Limits
) -> frozenset[str]:
    """The fragments that the operation spreads, directly or not, if it is within every limit.

    Args:
        operation: parsed, and not validated yet.
        fragments: of its document.
        limits: of depth, aliases and directives.

    Raises:
        QueryTooCostly: it is not; says which limit, and how large it is.
        GraphQLError: a fragment is spread within itself.
    """
    walk = _Walk(fragments, limits, directives=len(operation.directives or ()))
    walk.through(operation.selection_set, {}, depth=1, most=limits.depth, nesting=1)
    return frozenset(walk.spread)


@dataclass(slots=True)
class _Walk:
    fragments: Mapping[str, FragmentDefinitionNode]
    limits: Limits
    directives: int
    aliases: int = 0
    selections: int = 0
    repeats: int = 0
    spread: set[str] = field(default_factory=set[str])
    within: list[str] = field(default_factory=list[str])

    def through(
        self, selections: SelectionSetNode, seen: _Seen, *, depth: int, most: int, nesting: int
    ) -> None:
        if depth > most or nesting > _MOST_NESTING:
            raise QueryTooCostly(f"the operation is nested deeper than {self.limits.depth}")
        for selection in selections.selections:
            self._count(selection)
            if isinstance(selection, FieldNode):
                self._field(selection, seen, depth=depth, most=most, nesting=nesting)
            elif isinstance(selection, InlineFragmentNode):
                self.through(selection.selection_set, seen, depth=depth, most=most, nesting=nesting + 1)
            elif isinstance(selection, FragmentSpreadNode):
                self._spread(selection, seen, depth=depth, most=most, nesting=nesting)

    def _count(self, selection: SelectionNode) -> None:
        self.selections += 1
        if self.selections > MOST_SELECTIONS:
            raise QueryTooCostly(
                f"the operation selects more than {MOST_SELECTIONS} fields, fragments counted in full"
            )
        self.directives += len(selection.directives or ())
        if self.directives > self.limits.directives:
            raise QueryTooCostly(f"the operation has more than {self.limits.directives} directives")

    def _field(self, node: FieldNode, seen: _Seen, *, depth: int, most: int, nesting: int) -> None:
        if node.alias is not None:
            self.aliases += 1
            if self.aliases > self.limits.aliases:
                raise QueryTooCostly(
                    f"the operation has more than {self.limits.aliases} aliases; send several requests"
                )
        name = (node.alias or node.name).value
        if name in seen:
            self.repeats += 1
            if self.repeats > MOST_REPEATS:
                raise QueryTooCostly(f"the operation repeats fields more than {MOST_REPEATS} times")
        below = seen.setdefault(name, {})
        if node.selection_set is not None:
            inner = MOST_INTROSPECTION_DEPTH if node.name.value.startswith("__") else most
            self.through(
                node.selection_set, below, depth=depth + 1, most=max(most, inner), nesting=nesting + 1
            )

    def _spread(self, node: FragmentSpreadNode, seen: _Seen, *, depth: int, most: int, nesting: int) -> None:
        name = node.name.value
        if name in self.within:
            raise GraphQLError(f"Cannot spread fragment '{name}' within itself.", node)
        fragment = self.fragments.get(name)
        if fragment is None:
            return  # validation says so
        self.spread.add(name)
        self.within.append(name)
        self.through(fragment.selection_set, seen, depth=depth, most=most, nesting=nesting + 1)
        self.within.pop()
