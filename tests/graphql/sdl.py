"""The printed SDL as tests walk it: read with graphql-core alone, so that nothing of the hub's own catalogue is believed."""

from collections import deque
from dataclasses import dataclass, field
from functools import cache

from graphql import (
    DirectiveNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    ListValueNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
)

from tests.house import ROOT

KEPT = ROOT / "schema" / "hub.graphql"
Scopes = frozenset[str]


@dataclass(frozen=True)
class Field:
    """One field: what it leads to, whether it may be null, and the scopes that the SDL says it needs."""

    name: str
    leads_to: str
    nullable: bool
    scopes: Scopes
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """Types of the SDL by name."""

    objects: dict[str, dict[str, Field]] = field(default_factory=dict)
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    input_types: dict[str, dict[str, str]] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[str, ...]:
        """Types of golden rows: what has an id and rests on agencies' records."""
        return tuple(name for name, fields in self.objects.items() if {"id", "agencies"} <= fields.keys())


def _named(kind: TypeNode) -> str:
    while not hasattr(kind, "name"):
        kind = kind.type
    return kind.name.value


def _scopes(directives: tuple[DirectiveNode, ...]) -> Scopes:
    """All scopes of the one alternative that a field has."""
    for directive in directives:
        if directive.name.value == "requiresScopes":
            (argument,) = directive.arguments
            assert isinstance(argument.value, ListValueNode)
            (alternative,) = argument.value.values
            assert isinstance(alternative, ListValueNode)
            return frozenset(one.value for one in alternative.values if isinstance(one, StringValueNode))
    return frozenset()


def _field(node: FieldDefinitionNode) -> Field:
    return Field(
        name=node.name.value,
        leads_to=_named(node.type),
        nullable=not isinstance(node.type, NonNullTypeNode),
        scopes=_scopes(node.directives or ()),
        arguments=tuple(one.name.value for one in node.arguments or ()),
    )


@cache
def printed() -> Printed:
    """The SDL that the repository keeps."""
    found = Printed()
    for node in parse(KEPT.read_text(encoding="utf-8"), no_location=True).definitions:
        if isinstance(node, ObjectTypeDefinitionNode):
            found.objects[node.name.value] = {one.name.value: _field(one) for one in node.fields or ()}
        elif isinstance(node, InputObjectTypeDefinitionNode):
            found.inputs[node.name.value] = tuple(one.name.value for one in node.fields or ())
            found.input_types[node.name.value] = {
                one.name.value: _named(one.type) for one in node.fields or ()
            }
        elif isinstance(node, EnumTypeDefinitionNode):
            found.enums[node.name.value] = tuple(one.name.value for one in node.values or ())
        elif isinstance(node, UnionTypeDefinitionNode):
            found.unions[node.name.value] = tuple(one.name.value for one in node.types or ())
    return found


@dataclass(frozen=True)
class Way:
    """How a row type is reached from the root: the fields on the way, and all scopes that they need."""

    fields: tuple[str, ...]
    scopes: Scopes

    def query(self, selection: str, arguments: str = "") -> str:
        """A query of the rows.

        Args:
            selection: of a row.
            arguments: of the list that leads to the rows.
        """
        text = selection
        last = next(n for n in range(len(self.fields) - 1, -1, -1) if self.fields[n] != "nodes")
        for number in range(len(self.fields) - 1, -1, -1):
            given = f"({arguments})" if arguments and number == last else ""
            text = f"{self.fields[number]}{given} {{ {text} }}"
        return f"{{ {text} }}"


@cache
def ways() -> dict[str, Way]:
    """The shortest way to each row type that ends in a list, so that conditions can stand on it; to others, the shortest."""
    sdl = printed()
    found: dict[str, Way] = {}
    waiting: deque[tuple[str, Way]] = deque([("Query", Way((), frozenset()))])
    seen = {"Query"}
    while waiting:
        name, way = waiting.popleft()
        for one in sdl.objects[name].values():
            if one.name in {"me", "edges", "_service", "_entities"} or "id" in one.arguments:
                continue
            further = Way((*way.fields, one.name), way.scopes | one.scopes)
            if one.leads_to in sdl.objects and one.leads_to not in seen:
                seen.add(one.leads_to)
                if one.leads_to in sdl.rows:
                    found[one.leads_to] = further
                waiting.append((one.leads_to, further))
    return found


@cache
def described() -> GraphQLSchema:
    """The schema that the kept text describes, as graphql-core makes it."""
    return build_ast_schema(parse(KEPT.read_text(encoding="utf-8")), assume_valid_sdl=True)
