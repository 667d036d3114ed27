"""Documents generated from the SDL: whatever it allows is asked sooner or later, with values that rows have.

Nothing but graphql-core's reading of the printed SDL decides what a document may be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from tests.graphql.language import Name, literal
from tests.graphql.reference import IDENTIFIED
from tests.graphql.sdl import described

_OF_ROWS = ("case", "cases", "victim", "victims", "perpetrator", "perpetrators", "node", "_entities")
_MOST_ALIASES = 20
_MOST_DIRECTIVES = 8
_DEEPEST = 3


@dataclass(frozen=True, repr=False)
class Values:
    """What arguments are made of.

    Attributes:
        by_coordinate: values of fields as a caller writes them, `Case.originRegion` and so on.
        ids: of rows, and of nothing.
        names: of persons.
        cursors: of each root list without an order, by its name.
    """

    by_coordinate: Mapping[str, Sequence[Any]]
    ids: Sequence[str]
    names: Sequence[str]
    cursors: Mapping[str, Sequence[str]]

    def __repr__(self) -> str:
        return "Values(...)"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For hypothesis, which would write out all of it."""
        del cycle
        printer.text(repr(self))


@dataclass(frozen=True)
class Asked:
    """A question: a document, and values of its variables."""

    text: str
    variables: Mapping[str, Any]


@dataclass
class _Writer:
    """Writes one document."""

    chance: Random
    values: Values
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    aliases: int = 0
    directives: int = 0

    def one_in(self, count: int) -> bool:
        return self.chance.randint(1, count) == 1

    def variable(self, kind: str, value: Any) -> str:
        """The value in a variable of its own, given or as a default; or as a literal where it is no list of types."""
        name = f"v{len(self.definitions)}"
        if self.one_in(3):
            self.definitions.append(
                f"${name}: {kind.rstrip('!')} = {literal(value)}" if value is not None else f"${name}: {kind}"
            )
            if value is None or self.one_in(2):
                self.variables[name] = value
        else:
            self.definitions.append(f"${name}: {kind}")
            self.variables[name] = value
        return f"${name}"

    def given(self, kind: str, value: Any) -> str:
        """An argument's value as it stands in the document."""
        return self.variable(kind, value) if self.one_in(2) else literal(value)

    def directive(self) -> str:
        if self.directives >= _MOST_DIRECTIVES or not self.one_in(8):
            return ""
        self.directives += 1
        on = self.one_in(2)
        condition = self.variable("Boolean!", on) if self.one_in(2) else literal(on)
        return f" @{self.chance.choice(['skip', 'include'])}(if: {condition})"

    def alias(self, *, needed: bool) -> str:
        if self.aliases >= _MOST_ALIASES or not (needed or self.one_in(6)):
            return ""
        self.aliases += 1
        return f"a{self.aliases}: "

    def root(self) -> str:
        name = self.chance.choice(_OF_ROWS)
        kind = described().query_type.fields[name]
        if name == "_entities":
            asked = [
                {
                    "__typename": self.chance.choice([*IDENTIFIED, "Document", "Nothing"]),
                    "id": self.chance.choice(self.values.ids),
                }
                for _ in range(self.chance.randint(0, 3))
            ]
            arguments = f"(representations: {self.given('[_Any!]!', asked)})"
        elif "id" in kind.args:
            arguments = f"(id: {self.given('ID!', self.chance.choice(self.values.ids))})"
        else:
            arguments = self.page_arguments(get_named_type(kind.type).name.removesuffix("Connection"), name)
        return f"{self.alias(needed=True)}{name}{arguments}{self.directive()} {self.selection(get_named_type(kind.type), 0)}"

    def page_arguments(self, entity: str, root: str | None) -> str:
        given = [f"first: {self.given('Int!', self.chance.randint(0, 4))}"]
        where = None
        if self.one_in(2):
            where = conditions(self.chance, self.values, entity)
            given.append(f"where: {self.given(f'{entity}Filter', where)}")
        order = described().get_type(f"{entity}OrderField")
        if isinstance(order, GraphQLEnumType) and self.one_in(3):
            chosen = _some(self.chance, sorted(order.values), 2)
            steps = [
                {"field": Name(one), "direction": Name(self.chance.choice(["ASC", "DESC"]))} for one in chosen
            ]
            given.append(f"orderBy: {self.given(f'[{entity}Order!]', steps)}")
        elif root in self.values.cursors and self.one_in(3):
            given.append(f"after: {self.given('String', self.chance.choice(self.values.cursors[root]))}")
        return f"({', '.join(given)})"

    def selection(self, kind: Any, depth: int) -> str:
        """A selection set of that type, never empty."""
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            parts = [self.within(one, depth) for one in _some(self.chance, IDENTIFIED, 3)]
            if isinstance(kind, GraphQLInterfaceType):
                parts.append("id")
            return "{ __typename " + " ".join(parts) + " }"
        names = [name for name in kind.fields if self.is_asked(kind, name, depth)]
        parts: list[str] = []
        for name in _some(self.chance, names, 4):
            parts.append(self.field(kind, name, depth))
            if self.one_in(10):
                parts.append(self.field(kind, name, depth))
        if self.one_in(4):
            parts.append(self.within(kind.name, depth))
        if self.one_in(6) or not any(part and "@" not in part for part in parts):
            parts.append("__typename")
        return "{ " + " ".join(parts) + " }"

    def is_asked(self, kind: GraphQLObjectType, name: str, depth: int) -> bool:
        leads = get_named_type(kind.fields[name].type)
        return is_leaf_type(leads) or not (depth >= _DEEPEST and _is_further(kind, leads))

    def within(self, name: str, depth: int) -> str:
        """A fragment: named or not, with a type or without, of the type or of an interface of it."""
        kind = described().get_type(name)
        wider = [one.name for one in getattr(kind, "interfaces", ())]
        condition = self.chance.choice([name, name, *wider])
        inner = "{ id }" if condition == "Node" else self.selection(kind, depth)
        if self.one_in(3):
            fragment = f"F{len(self.fragments)}"
            self.fragments.append("")  # its place is taken before those in it
            self.fragments[int(fragment[1:])] = f"fragment {fragment} on {condition} {inner}"
            return f"...{fragment}{self.directive()}"
        return f"... on {condition}{self.directive()} {inner}"

    def field(self, kind: GraphQLObjectType, name: str, depth: int) -> str:
        declared = kind.fields[name]
        leads = get_named_type(declared.type)
        if is_leaf_type(leads):
            return f"{self.alias(needed=False)}{name}{self.directive()}"
        arguments, alias = "", ""
        if declared.args:
            if self.aliases >= _MOST_ALIASES:
                return "__typename"
            arguments = self.page_arguments(leads.name.removesuffix("Connection"), None)
            alias = self.alias(needed=True)
        below = depth + 1 if _is_further(kind, leads) else depth
        return f"{alias}{name}{arguments}{self.directive()} {self.selection(leads, below)}"


def _is_further(kind: GraphQLObjectType, leads: Any) -> bool:
    """True for a field that leads from rows to other rows."""
    return (
        "agencies" in kind.fields and not leads.name.startswith("Legal")
    ) or leads.name == "LegalEventConnection"


def _some(chance: Random, names: Sequence[str], most: int) -> list[str]:
    return chance.sample(list(names), chance.randint(1, min(most, len(names))))


def conditions(chance: Random, values: Values, entity: str, depth: int = 0) -> dict[str, Any]:
    """Conditions on rows of a type."""
    kind = described().get_type(f"{entity}Filter")
    assert isinstance(kind, GraphQLInputObjectType)
    names = sorted(
        name for name in set(kind.fields) - {"and", "or", "not"} if depth < _DEEPEST or not _leads(kind, name)
    )

    def single() -> dict[str, Any]:
        name = chance.choice(names)
        return {
            name: _condition(
                chance, values, f"{entity}.{name}", get_named_type(kind.fields[name].type), depth
            )
        }

    match chance.randint(1, 6):
        case 1:
            return {"not": single()}
        case 2:
            return {chance.choice(["and", "or"]): [single() for _ in range(chance.randint(0, 2))]}
        case 3:
            return {**single(), **single()}
        case _:
            return single()


def _leads(kind: GraphQLInputObjectType, name: str) -> bool:
    """True for conditions on rows of another type."""
    return isinstance(
        described().get_type(_target(get_named_type(kind.fields[name].type))), GraphQLObjectType
    )


def _target(kind: GraphQLInputObjectType) -> str:
    of_rows = get_named_type(kind.fields["some"].type) if "some" in kind.fields else kind
    return of_rows.name.removesuffix("Filter")


def _condition(
    chance: Random, values: Values, coordinate: str, kind: GraphQLInputObjectType, depth: int
) -> dict[str, Any]:
    target = _target(kind)
    if not isinstance(described().get_type(target), GraphQLObjectType):
        operator = chance.choice(sorted(kind.fields))
        return {operator: _operand(chance, values, coordinate, operator, kind)}
    inner = conditions(chance, values, target, depth + 1)
    return inner if "some" not in kind.fields else {chance.choice(["some", "none"]): inner}


def _operand(
    chance: Random, values: Values, coordinate: str, operator: str, kind: GraphQLInputObjectType
) -> Any:
    if operator == "isNull":
        return chance.random() < 0.5
    if operator == "matches":
        return chance.choice(values.names)
    of = get_named_type(kind.fields[operator].type)
    if isinstance(of, GraphQLEnumType):
        known: Sequence[Any] = [Name(one) for one in sorted(of.values)[:5]]
    elif isinstance(of, GraphQLScalarType) and of.name == "Boolean":
        known = [True, False]
    else:
        known = values.by_coordinate[coordinate]
    if operator in {"in", "containsAny"}:
        return [chance.choice(known) for _ in range(chance.randint(0, 3))]
    one = chance.choice(known)
    return one[:3] if operator == "startsWith" else one


def question(chance: Random, values: Values) -> Asked:
    """A document of one operation, and its variables."""
    writer = _Writer(chance, values)
    roots = [writer.root() for _ in range(chance.randint(1, 3))]
    if writer.one_in(5):
        roots.append("__typename")
    definitions = f"({', '.join(writer.definitions)})" if writer.definitions else ""
    text = " ".join([f"query Q{definitions} {{ {' '.join(roots)} }}", *writer.fragments])
    return Asked(text, writer.variables)
