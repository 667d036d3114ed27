"""What an operation costs before it runs: what is counted, that sizes multiply, and that nothing is read above the limit."""

from dataclasses import replace

import pytest
from graphql import (
    get_named_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import given
from hypothesis import strategies as st

from hub.graphql import weights
from hub.graphql.cost import Prices
from hub.graphql.documents import Documents
from hub.graphql.explorer.examples import EXAMPLES
from hub.graphql.plan import variables_of
from hub.graphql.sdl import graphql_schema
from hub.limits import DEFAULT_ROWS, Limits
from tests.auth.parties import Clock
from tests.bench import questions
from tests.graphql.hub import WITHOUT_BUDGET, running
from tests.graphql.sdl import described, printed

SCHEMA = graphql_schema()
DOCUMENTS, PRICES = Documents(SCHEMA), Prices(SCHEMA)
TEN = "id modus acts means geographicScope caseStatus legalStage reportedOn originRegion agencies"
LIMIT = Limits().cost


def cost(query, variables=None):
    document = DOCUMENTS.get(query)
    operation = document.operation(None)
    return PRICES.cost(document, operation, variables_of(SCHEMA, operation, variables or {}))


def beyond(query, variables=None):
    """What it costs beyond being an operation with one list."""
    return cost(query, variables).requested - weights.OPERATION - weights.LIST


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ cases(first: 0) { nodes { id } } }", 0),
        ("{ cases(first: 7) { nodes { id } } }", 7 * (weights.ROW + weights.VALUE)),
        ("{ cases { nodes { __typename } } }", DEFAULT_ROWS * weights.ROW),
        (f"{{ cases(first: 2) {{ nodes {{ {TEN} }} }} }}", 2 * (weights.ROW + 10 * weights.VALUE)),
        (
            "{ cases(first: 3) { edges { cursor node { id } } } }",
            3 * (weights.ROW + weights.CURSOR + weights.VALUE),
        ),
        ("{ cases(first: 3) { nodes { id } edges { cursor } } }", 3 * (2 * weights.ROW + weights.VALUE + weights.CURSOR)),
        ("{ cases(first: 0) { totalCount } }", weights.TOTAL_OF_ALL),
        ("{ cases(first: 0) { pageInfo { hasNextPage startCursor endCursor } } }", 2 * weights.CURSOR),
        (
            "{ victims(first: 4) { nodes { fullName nik case { id } } } }",
            4 * (weights.ROW + 2 * weights.SEALED + weights.LED_TO + weights.VALUE),
        ),
        (
            "{ cases(first: 4) { nodes { victims(first: 3) { totalCount nodes { id } } } } }",
            4 * (weights.ROW + weights.LIST + weights.TOTAL + 3 * (weights.ROW + weights.VALUE)),
        ),
        ("{ cases(first: 0, where: {modus: {isNull: true}, or: [{acts: {isNull: true}}, {not: {reportedOn: {gte: 1, lt: 2}}}]}) { nodes { id } } }".replace("1,", '"2020-01-01",').replace("2}", '"2021-01-01"}'), 4 * weights.CONDITION + weights.UNKEPT),
    ],
)  # fmt: skip
def test_every_part_is_weighed_as_often_as_it_may_be_in_the_answer(query, expected):
    assert beyond(query) == expected


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ me { clientId } again: me { clientId } }", {}, 2 * weights.ANSWER),
        ("{ __typename }", {}, 0),
        ("{ cases(first: 0, where: {victims: {some: {sex: {isNull: true}, case: {modus: {isNull: true}}}}}) { nodes { id } } }", {}, weights.LIST + 3 * weights.CONDITION),
        ("{ caseload { victims(by: [SEX], where: {sex: {isNull: false}}) { total } cases { total } __typename } }", {}, 2 * weights.CASELOAD + weights.CONDITION),
        ("{ codeLists { name } }", {}, weights.ANSWERS["codeLists"]),
        ("query ($i: ID!) { case(id: $i) { id modus } }", {"i": "x"}, weights.ENTITY + 2 * weights.VALUE),
        ("query ($i: ID!, $t: DateTime) { case(id: $i, asOf: $t) { id } }", {"i": "x", "t": None}, weights.ENTITY + weights.VALUE),
        ("query ($i: ID!, $t: DateTime) { case(id: $i, asOf: $t) { id } }", {"i": "x", "t": "2026-01-01T00:00:00Z"}, weights.AS_OF + weights.ENTITY + weights.VALUE),
        ('query ($i: ID!, $t: DateTime = "2026-01-01T00:00:00Z") { victim(id: $i, asOf: $t) { id } }', {"i": "x"}, weights.UNKEPT + weights.AS_OF + weights.ENTITY + weights.VALUE),
        (
            "query ($i: ID!) { case(id: $i) { victims(first: 2) { nodes { id } } } }",
            {"i": "x"},
            weights.ENTITY + weights.LIST + 2 * (weights.ROW + weights.VALUE),
        ),
        (
            "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Case { id } ... on Victim { nik } } }",
            {"r": [{"__typename": "Case", "id": "x"}] * 3 + [{"__typename": "Victim", "id": "x"}, {}, 7]},
            3 * (weights.ENTITY + weights.VALUE) + weights.ENTITY + weights.SEALED,
        ),
        ("query ($n: Boolean!) { codeLists @skip(if: $n) { name } me @include(if: $n) { clientId } }", {"n": True}, weights.ANSWER),
        ("query ($n: Boolean!) { codeLists @skip(if: $n) { name } me @include(if: $n) { clientId } }", {"n": False}, weights.ANSWERS["codeLists"]),
    ],
)  # fmt: skip
def test_what_is_no_list_is_weighed_too(query, variables, expected):
    assert cost(query, variables).requested == weights.OPERATION + expected


def test_the_sizes_of_lists_in_each_other_multiply_and_the_dearest_is_named():
    query = """query ($a: Int!, $b: Int = 3) { cases(first: $a) { nodes { victims(first: $b) { nodes {
        serviceEvents { nodes { id } } } } } } }"""

    found = cost(query, {"a": 10, "b": 4})

    assert (found.dearest, found.first, found.rows) == (
        "Victim.serviceEvents",
        DEFAULT_ROWS,
        10 * 4 * DEFAULT_ROWS,
    )
    assert cost(query, {"a": 10}).rows == 10 * 3 * DEFAULT_ROWS
    assert cost(query, {"a": 0}).rows == 0


@given(st.lists(st.integers(0, 100), min_size=3, max_size=3), st.integers(0, 2))
def test_who_asks_for_more_rows_pays_no_less(sizes, which):
    query = """query ($a: Int!, $b: Int!, $c: Int!) { cases(first: $a) { nodes { victims(first: $b) { nodes {
        serviceEvents(first: $c) { totalCount nodes { id } } } } } } }"""
    more = [min(100, size + (place == which)) for place, size in enumerate(sizes)]

    less_cost, more_cost = (
        cost(query, dict(zip("abc", one, strict=True))).requested for one in (sizes, more)
    )

    assert less_cost <= more_cost


def test_fragments_and_aliases_pay_like_what_they_stand_for():
    plain = "{ a: cases(first: 5) { nodes { id modus } } b: cases(first: 5) { nodes { id modus } } }"
    spread = """{ a: cases(first: 5) { ...F } b: cases(first: 5) { ...F } }
        fragment F on CaseConnection { nodes { ... on Case { id } ...G } } fragment G on Case { id modus }"""

    assert cost(plain) == cost(spread)


def test_a_document_with_a_text_in_it_pays_for_being_compiled_anew():
    with_text = '{ cases(first: 1, where: {policeReport: {eq: "LP/1"}}) { nodes { id } } }'
    with_variable = "query ($w: CaseFilter) { cases(first: 1, where: $w) { nodes { id } } }"

    by_text, by_variable = cost(with_text), cost(with_variable, {"w": {"policeReport": {"eq": "LP/1"}}})

    assert by_text.requested - by_variable.requested == weights.UNKEPT


@pytest.mark.parametrize("first", [-1, 101, 2**31 - 1])
def test_a_first_out_of_bounds_pays_nothing_since_it_is_refused_by_its_name(first):
    assert beyond("query ($n: Int!) { cases(first: $n) { nodes { id } } }", {"n": first}) == 0


def test_what_the_documentation_shows_and_the_benchmark_asks_has_room():
    asked = [(one.query, {}) for one in EXAMPLES]
    asked.append((questions.hub_page(of_victims="fullName nik"), questions.ranges(["61.01"])[0]))

    assert [query for query, variables in asked if cost(query, variables).requested > LIMIT / 4] == []


CUBE = """query ($n: Int!) { cases(first: 100) { nodes { victims(first: 100) { nodes {
    serviceEvents(first: $n) { nodes { id } } } } } } }"""


@pytest.mark.asyncio(loop_scope="session")
async def test_a_hundred_times_a_hundred_times_a_hundred_rows_are_refused_and_nothing_is_read(watched):
    await watched.hub.token()
    offset = watched.log.stat().st_size

    response = await watched.hub.ask(CUBE, {"n": 100})

    requested = cost(CUBE, {"n": 100}).requested
    assert response.status_code == 400
    assert response.json() == {
        "errors": [
            {
                "message": f"the operation costs {requested:,} and one may cost {LIMIT:,}; most of it are the rows of"
                " Victim.serviceEvents, up to 1,000,000 of them: ask for fewer with `first` there (it is 100) or in the"
                " lists around it, and for the rest with `after`",
                "extensions": {
                    "code": "QUERY_TOO_COSTLY",
                    "cost": {"requested": requested, "limit": LIMIT},
                    "dearest": {"coordinate": "Victim.serviceEvents", "first": 100, "rows": 1_000_000},
                },
            }
        ]
    }
    assert watched.statements_since(offset) == []


@pytest.mark.asyncio(loop_scope="session")
async def test_an_operation_at_the_limit_is_answered_and_one_above_it_is_refused(cluster, filled, key_file):
    query = "query ($n: Int!) { cases(first: $n) { nodes { id } } }"
    cluster.create_database("graphql_limit", template=filled.name)
    limits = replace(WITHOUT_BUDGET, cost=cost(query, {"n": 10}).requested)
    async with running(cluster.url("hub_service", "graphql_limit"), key_file, Clock(), limits=limits) as hub:
        answered = await hub.ask(query, {"n": 10})
        refused = await hub.refusal(query, {"n": 11})

    assert answered.json()["extensions"]["cost"] == {"requested": limits.cost, "limit": limits.cost}
    assert refused == (400, ["QUERY_TOO_COSTLY"])


def _printed_weight(kind, name):
    (weight,) = [
        int(directive.arguments[0].value.value)
        for directive in described().type_map[kind].fields[name].ast_node.directives
        if directive.name.value == "cost"
    ]
    return weight


def _selection(kind):
    return " { __typename }" if is_composite_type(get_named_type(kind)) else ""


def _value(kind):
    """A value of that input type, as little of it as there may be."""
    if is_non_null_type(kind):
        return _value(kind.of_type)
    if is_list_type(kind):
        return []
    if is_enum_type(kind):
        return next(iter(kind.values))
    if is_input_object_type(kind):
        return {name: _value(one.type) for name, one in kind.fields.items() if is_required_input_field(one)}
    return {"Int": 1, "Boolean": True, "DateTime": "2026-03-02T08:00:00Z"}.get(kind.name, "x")


def _roots():
    sdl = printed()
    for kind in ("Query", "Mutation"):
        for name in sdl.objects[kind]:
            if name not in {"_entities", "_service", "caseload"}:
                yield kind, name
    yield from (("Caseload", name) for name in sdl.objects["Caseload"])


@pytest.mark.parametrize(("kind", "name"), [*_roots()], ids=lambda word: word)
def test_the_sdl_says_of_every_root_what_the_hub_weighs_it(kind, name):
    """Those of `caseload` in place of itself; entities are weighed by their types, and `_service` is asked once."""
    field = SCHEMA.type_map[kind].fields[name]
    needed = {one: arg for one, arg in field.args.items() if is_required_argument(arg)}
    given = ", ".join(f"{one}: ${one}" for one in needed)
    asked = name + (f"({given})" if given else "") + _selection(field.type)
    asked = {"Caseload": f"caseload {{ {asked} }}"}.get(kind, asked)
    said = ", ".join(f"${one}: {arg.type}" for one, arg in needed.items())
    operation = f"{kind.lower()}" if kind == "Mutation" else "query"

    found = cost(
        f"{operation} {f'({said})' if said else ''} {{ {asked} }}",
        {one: _value(arg.type) for one, arg in needed.items()},
    )

    assert _printed_weight(kind, name) == found.requested - weights.OPERATION
