"""Documents generated from the SDL: whatever it allows is asked sooner or later, with values that rows have.

Nothing but graphql-core's reading of the printed SDL decides what a document may be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from hypothesis import strategies as st

from tests.graphql.language import Name, literal
from tests.graphql.reference import IDENTIFIED
from tests.graphql.sdl import described

_OF_ROWS = ("case", "cases", "victim", "victims", "perpetrator", "perpetrators", "node", "_entities")
_MOST_ALIASES = 20
_MOST_DIRECTIVES = 8
_DEEPEST = 3


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Asked:
    """A question: a document, and values of its variables."""

    text: str
    variables: Mapping[str, Any]


@dataclass
class _Writer:
    """Writes one document."""

    draw: Any
    values: Values
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    aliases: int = 0
    directives: int = 0

    def one_in(self, count: int) -> bool:
        return self.draw(st.integers(1, count)) == 1

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
        on = self.draw(st.booleans())
        condition = self.variable("Boolean!", on) if self.one_in(2) else literal(on)
        return f" @{self.draw(st.sampled_from(['skip', 'include']))}(if: {condition})"

    def alias(self, *, needed: bool) -> str:
        if self.aliases >= _MOST_ALIASES or not (needed or self.one_in(6)):
            return ""
        self.aliases += 1
        return f"a{self.aliases}: "

    def root(self) -> str:
        name = self.draw(st.sampled_from(_OF_ROWS))
        kind = described().query_type.fields[name]
        if name == "_entities":
            asked = self.draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "__typename": st.sampled_from([*IDENTIFIED, "Document", "Nothing"]),
                            "id": st.sampled_from(self.values.ids),
                        }
                    ),
                    max_size=3,
                )
            )
            arguments = f"(representations: {self.given('[_Any!]!', asked)})"
        elif "id" in kind.args:
            arguments = f"(id: {self.given('ID!', self.draw(st.sampled_from(self.values.ids)))})"
        else:
            arguments = self.page_arguments(get_named_type(kind.type).name.removesuffix("Connection"), name)
        return f"{self.alias(needed=True)}{name}{arguments}{self.directive()} {self.selection(get_named_type(kind.type), 0)}"

    def page_arguments(self, entity: str, root: str | None) -> str:
        given = [f"first: {self.given('Int!', self.draw(st.integers(0, 4)))}"]
        where = None
        if self.one_in(2):
            where = self.draw(conditions(self.values, entity))
            given.append(f"where: {self.given(f'{entity}Filter', where)}")
        order = described().get_type(f"{entity}OrderField")
        if isinstance(order, GraphQLEnumType) and self.one_in(3):
            chosen = self.draw(
                st.lists(st.sampled_from(sorted(order.values)), min_size=1, max_size=2, unique=True)
            )
            steps = [
                {"field": Name(one), "direction": Name(self.draw(st.sampled_from(["ASC", "DESC"])))}
                for one in chosen
            ]
            given.append(f"orderBy: {self.given(f'[{entity}Order!]', steps)}")
        elif root in self.values.cursors and self.one_in(3):
            given.append(
                f"after: {self.given('String', self.draw(st.sampled_from(self.values.cursors[root])))}"
            )
        return f"({', '.join(given)})"

    def selection(self, kind: Any, depth: int) -> str:
        """A selection set of that type, never empty."""
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            parts = [self.within(one, depth) for one in self.draw(_some(IDENTIFIED, 3))]
            if isinstance(kind, GraphQLInterfaceType):
                parts.append("id")
            return "{ __typename " + " ".join(parts) + " }"
        names = [name for name in kind.fields if self.is_asked(kind, name, depth)]
        parts: list[str] = []
        for name in self.draw(_some(names, 4)):
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
        condition = self.draw(
            st.sampled_from([name, name, *(one.name for one in getattr(kind, "interfaces", ()))])
        )
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


def _some(names: Sequence[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(names)), min_size=1, max_size=min(most, len(names)), unique=True)


def conditions(values: Values, entity: str, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions on rows of a type."""
    kind = described().get_type(f"{entity}Filter")
    assert isinstance(kind, GraphQLInputObjectType)
    single = st.sampled_from(sorted(set(kind.fields) - {"and", "or", "not"})).flatmap(
        lambda name: _condition(values, entity, name, get_named_type(kind.fields[name].type), depth)
    )
    return st.one_of(
        single,
        single,
        single.map(lambda one: {"not": one}),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(single, max_size=2)).map(
            lambda pair: dict([pair])
        ),
        st.tuples(single, single).map(lambda pair: {**pair[0], **pair[1]}),
    )


def _condition(
    values: Values, entity: str, name: str, kind: GraphQLInputObjectType, depth: int
) -> st.SearchStrategy[dict[str, Any]]:
    related = get_named_type(kind.fields["some"].type) if "some" in kind.fields else kind
    target = related.name.removesuffix("Filter")
    if isinstance(described().get_type(target), GraphQLObjectType):
        if depth == _DEEPEST:
            return st.just({})
        inner = conditions(values, target, depth + 1)
        if related is not kind:
            inner = st.tuples(st.sampled_from(["some", "none"]), inner).map(lambda pair: dict([pair]))
        return inner.map(lambda one: {name: one})
    return (
        st.sampled_from(sorted(kind.fields))
        .flatmap(
            lambda operator: _operand(values, f"{entity}.{name}", operator, kind).map(
                lambda one: {operator: one}
            )
        )
        .map(lambda one: {name: one})
    )


def _operand(
    values: Values, coordinate: str, operator: str, kind: GraphQLInputObjectType
) -> st.SearchStrategy[Any]:
    if operator == "isNull":
        return st.booleans()
    if operator == "matches":
        return st.sampled_from(values.names)
    of = get_named_type(kind.fields[operator].type)
    if isinstance(of, GraphQLEnumType):
        single: st.SearchStrategy[Any] = st.sampled_from([Name(one) for one in sorted(of.values)[:5]])
    elif isinstance(of, GraphQLScalarType) and of.name == "Boolean":
        single = st.booleans()
    else:
        single = st.sampled_from(values.by_coordinate[coordinate])
    if operator in {"in", "containsAny"}:
        return st.lists(single, max_size=3)
    return single.map(lambda one: one[:3]) if operator == "startsWith" else single


@st.composite
def questions(draw: Any, values: Values) -> Asked:
    """A document of one operation, and its variables."""
    writer = _Writer(draw, values)
    roots = [writer.root() for _ in range(draw(st.integers(1, 3)))]
    if writer.one_in(5):
        roots.append("__typename")
    definitions = f"({', '.join(writer.definitions)})" if writer.definitions else ""
    text = " ".join([f"query Q{definitions} {{ {' '.join(roots)} }}", *writer.fragments])
    return Asked(text, writer.variables)
