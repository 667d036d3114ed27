"""No sequence of questions tells apart two databases that differ in what the caller may not see, and in nothing else."""

import json
from dataclasses import dataclass

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.graphql.catalogue import nodes
from schema.declaration import Kind, Sought
from tests.auth.parties import Clock
from tests.graphql.hub import Hub, running
from tests.graphql.language import Name, literal
from tests.graphql.officers import client
from tests.graphql.owners import give_owners
from tests.graphql.records import NAMES
from tests.graphql.sdl import printed
from tests.graphql.twins import HOLDERS, Holder, part

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOTS = {"Case": "cases", "Victim": "victims", "Perpetrator": "perpetrators"}


@dataclass(frozen=True)
class Pair:
    """The same caller at two hubs."""

    holder: Holder
    one: Hub
    other: Hub
    tokens: tuple[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=HOLDERS, ids=lambda one: one.name)
async def pair(request, cluster, filled, key_file):
    holder = request.param
    names = [f"twin_{holder.name.replace('-', '_')}_{side}" for side in ("one", "other")]
    for name in names:
        cluster.create_database(name, template=filled.name)
    async with (
        running(cluster.url("hub_service", names[0]), key_file, Clock(), pool_size=2) as one,
        running(cluster.url("hub_service", names[1]), key_file, Clock(), pool_size=2) as other,
    ):
        for hub in (one, other):
            await give_owners(hub.pool)
            await client(hub, holder.name, *({**held, "purposes": (holder.purpose,)} for held in holder.held))
        assert await part(other.pool, holder) > 100
        tokens = [await hub.new_token(holder.scopes, holder.name, holder.purpose) for hub in (one, other)]
        yield Pair(holder, one, other, (tokens[0], tokens[1]))
    for name in names:
        cluster.drop_database(name)


_VALUES = {
    Kind.TEXT: st.sampled_from(["61", "61.01", "biasa", "6"]),
    Kind.INTEGER: st.integers(0, 24),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.sampled_from(["2024-01-01", "2024-05-01", "2025-02-01"]),
    Kind.TIMESTAMP: st.just("2024-05-01T23:30:00Z"),
}


@st.composite
def conditions(draw, node, depth=0, *, sealed=True):
    """Conditions of `where`, allowed or not, on related rows too; on names and numbers where `sealed` says so."""
    found = {}
    if node.links and depth < 3 and draw(st.integers(0, 2)) == 0:
        link = node.links[draw(st.sampled_from(sorted(node.links)))]
        below = draw(conditions(nodes()[link.relation.target], depth + 1, sealed=sealed))
        many = link.relation.many
        found[link.name] = {draw(st.sampled_from(["some", "none"])): below} if many else below
    columns = [one for one in node.filterable if sealed or not one.declaration.sealed]
    for column in draw(st.lists(st.sampled_from(columns), max_size=2, unique_by=lambda one: one.name)):
        kind = column.declaration.kind
        if column.declaration.sought is Sought.NAME:
            found[column.name] = {"matches": " ".join(draw(st.sampled_from(NAMES)).split()[:2])}
        elif column.declaration.sought is Sought.NIK:
            found[column.name] = {"eq": "9901010101800001"}
        elif column.declaration.sought is Sought.PAPER:
            found[column.name] = {"eq": draw(st.sampled_from(["C0010000", "c-0020000"]))}
        elif kind in _VALUES and draw(st.booleans()):
            operator = "startsWith" if kind is Kind.TEXT else "eq" if kind is Kind.BOOLEAN else "gte"
            found[column.name] = {operator: draw(_VALUES[kind])}
        elif kind is not Kind.ID:
            found[column.name] = {"isNull": draw(st.booleans())}
    return {"not": found} if found and draw(st.booleans()) else found


@st.composite
def selection(draw, node, depth=0):
    """Fields of a type, and lists below it."""
    columns = draw(st.lists(st.sampled_from(sorted(node.columns)), max_size=5, unique=True))
    found = ["id", *(name for name in columns if node.columns[name].declaration.kind is not Kind.OBJECTS)]
    links = sorted(node.links)
    if links and depth < 2:
        for name in draw(st.lists(st.sampled_from(links), max_size=2, unique=True)):
            relation = node.links[name].relation
            below = draw(selection(nodes()[relation.target], depth + 1))
            found.append(
                f"{name} {{ totalCount nodes {{ {below} }} }}" if relation.many else f"{name} {{ {below} }}"
            )
    return " ".join(dict.fromkeys(found))


@st.composite
def questions(draw):
    """One query of a list."""
    node = nodes()[draw(st.sampled_from(sorted(ROOTS)))]
    arguments = [f"first: {draw(st.integers(0, 100))}"]
    if where := draw(conditions(node)):
        arguments.append(f"where: {literal(where)}")
    if node.sortable and draw(st.booleans()):
        field = draw(st.sampled_from(node.sortable)).declaration.name.upper()
        arguments.append(
            f"orderBy: {literal({'field': Name(field), 'direction': Name(draw(st.sampled_from(['ASC', 'DESC'])))})}"
        )
    below = draw(selection(node))
    return (
        f"{{ {ROOTS[node.name]}({', '.join(arguments)}) {{ totalCount nodes {{ {below} }}"
        " pageInfo { hasNextPage endCursor } } }"
    )


@st.composite
def tables(draw):
    """One caseload."""
    node = nodes()[draw(st.sampled_from(sorted(ROOTS)))]
    by = draw(st.lists(st.sampled_from(printed().enums[f"{node.name}Dimension"]), max_size=3, unique=True))
    where = draw(conditions(node))
    arguments = f"by: {literal([Name(one) for one in by])}, where: {literal(where)}"
    return (
        f"{{ caseload {{ {ROOTS[node.name]}({arguments}) {{ total childrenIncluded"
        " covers { agency regions } groups { count key { code labelEn } } } } }"
    )


def told(response):
    """All that a caller learns, but for what is new with each request."""
    return response.status_code, response.headers.get("WWW-Authenticate"), json.loads(response.text)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    asked=st.lists(
        st.tuples(st.one_of(questions(), tables()), st.sampled_from([None, "handling=lenient"])),
        min_size=1,
        max_size=3,
    )
)
async def test_no_sequence_of_questions_tells_them_apart(pair, asked):
    for query, prefer in asked:
        one = await pair.one.ask(query, token=pair.tokens[0], prefer=prefer)
        other = await pair.other.ask(query, token=pair.tokens[1], prefer=prefer)

        assert told(one) == told(other), query


async def test_they_are_told_apart_by_who_may_see_all(pair):
    """Otherwise the test above would show nothing."""
    for query in (
        "{ victims(first: 100) { nodes { stage sex } } }",
        "{ cases(first: 100) { nodes { modusText } } }",
        "{ caseload { victims(by: [SEX, CASE_MODUS]) { groups { count } } } }",
    ):
        one, other = await pair.one.ask(query), await pair.other.ask(query)

        assert one.status_code == other.status_code == 200
        assert told(one) != told(other)
