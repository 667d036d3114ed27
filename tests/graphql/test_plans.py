"""What is compiled once and used again, what is not kept, and that nobody meets another's answer in it."""

import asyncio

import pytest

from hub.graphql.documents import Documents
from hub.graphql.plan import Plans, variables_of
from hub.graphql.sdl import graphql_schema
from tests.graphql.hub import CHILDREN, EVERY

SCHEMA = graphql_schema()


class Compiling:
    """Documents and plans of a process, asked as the endpoint asks them."""

    def __init__(self, remembered=512):
        self.documents = Documents(SCHEMA, remembered=remembered)
        self.plans = Plans(SCHEMA, remembered=remembered)

    def plan(self, text, given=None, name=None):
        document = self.documents.get(text)
        operation = document.operation(name)
        return self.plans.get(document, operation, variables_of(SCHEMA, operation, given or {}))


FILTERED = """query ($w: CaseFilter, $first: Int! = 5, $after: String, $o: [CaseOrder!], $with: Boolean = true) {
    cases(first: $first, after: $after, where: $w, orderBy: $o) { nodes { id modus @include(if: $with) } } }"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"first": 1}, {"first": 100}),
        ({"w": {"policeReport": {"eq": "a"}}}, {"w": {"policeReport": {"eq": "b"}}}),
        ({"w": {"id": {"in": []}}}, {"w": {"id": {"in": ["x", "y"]}}}),
        (
            {"w": {"acts": {"containsAny": ["TRANSFER"]}}},
            {"w": {"acts": {"containsAny": ["SENDING", "RECEIPT"]}}},
        ),
        ({"w": {"modus": {"isNull": True}}}, {"w": {"modus": {"isNull": False}}}),
        ({"w": {"and": [{"modus": {}}]}}, {"w": {"and": {"modus": {}}}}),
        ({"after": "x"}, {"after": "y"}),
        ({"o": [{"field": "MODUS"}]}, {"o": {"field": "MODUS", "direction": "ASC"}}),
        ({}, {"first": 7, "unknown": [1, 2]}),
        ({"w": {"reportedOn": {"gt": "2024-01-01"}}}, {"w": {"reportedOn": {"gt": "2025-12-31"}}}),
    ],
)
def test_other_values_use_the_same_plan(one, other):
    compiling = Compiling()

    assert compiling.plan(FILTERED, one) is compiling.plan(FILTERED, other)


@pytest.mark.parametrize(
    "given",
    [
        {"w": {}},
        {"w": None},
        {"w": {"policeReport": {"eq": "a"}}},
        {"w": {"policeReport": {"startsWith": "a"}}},
        {"w": {"policeReport": {"eq": "a", "startsWith": "a"}}},
        {"w": {"not": {"policeReport": {"eq": "a"}}}},
        {"w": {"or": [{}]}},
        {"w": {"or": [{}, {}]}},
        {"w": {"and": [{}, {}]}},
        {"after": "x"},
        {"o": []},
        {"o": [{"field": "MODUS"}]},
        {"o": [{"field": "REPORTED_ON"}]},
        {"o": [{"field": "MODUS", "direction": "DESC"}]},
        {"o": [{"field": "MODUS"}, {"field": "REPORTED_ON"}]},
        {"o": [{"field": "REPORTED_ON"}, {"field": "MODUS"}]},
        {"with": False},
    ],
    ids=str,
)
def test_another_shape_makes_another_plan(given):
    compiling = Compiling()
    plain = compiling.plan(FILTERED)

    assert compiling.plan(FILTERED, given) is not plain
    assert compiling.plan(FILTERED) is plain
    assert compiling.plan(FILTERED, given) is compiling.plan(FILTERED, given)


GROUPED = "query ($b: [CaseDimension!]! = [MODUS], $w: CaseFilter) { caseload { cases(by: $b, where: $w) { total } } }"


def test_another_grouping_makes_another_plan_and_another_value_none():
    compiling = Compiling()
    shapes = [
        {},
        {"b": []},
        {"b": ["ACTS"]},
        {"b": ["MODUS", "ACTS"]},
        {"b": ["ACTS", "MODUS"]},
        {"w": {"modus": {"in": ["MAIL_ORDER_BRIDE"]}}},
    ]

    assert len({compiling.plan(GROUPED, given).sql for given in shapes}) == len(shapes)
    assert compiling.plan(GROUPED, {"b": "ACTS"}) is compiling.plan(GROUPED, {"b": ["ACTS"]})
    assert compiling.plan(GROUPED, shapes[-1]) is compiling.plan(
        GROUPED, {"w": {"modus": {"in": ["CONTRACT_MARRIAGE", "MAIL_ORDER_BRIDE"]}}}
    )


def test_every_shape_of_one_document_has_a_plan_of_its_own():
    compiling = Compiling()
    shapes = [
        {},
        {"o": [{"field": "MODUS"}]},
        {"o": [{"field": "MODUS", "direction": "DESC"}]},
        {"w": {"or": [{}]}},
        {"w": {"and": [{}]}},
        {"w": {"not": {}}},
        {"after": "x"},
    ]

    statements = {compiling.plan(FILTERED, given).sql for given in shapes}

    assert len(statements) == len(shapes) - 2  # `{or: [{}]}`, `{and: [{}]}` and nothing at all ask the same


def test_representations_of_any_number_and_content_use_one_plan():
    compiling = Compiling()
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Case { id } } }"
    lists = ([], [{"__typename": "Case", "id": "x"}], [{"a": {"b": [1, None]}}] * 99, ["text", 7])

    assert len({id(compiling.plan(query, {"r": one})) for one in lists}) == 1


def test_operations_of_one_document_have_plans_of_their_own():
    compiling = Compiling()
    text = "query A { cases { totalCount } } query B { victims { totalCount } }"

    assert compiling.plan(text, name="A") is not compiling.plan(text, name="B")
    assert compiling.plan(text, name="A") is compiling.plan(text, name="A")


@pytest.mark.parametrize(
    "text",
    [
        '{ case(id: "x") { id } }',
        '{ cases(where: {policeReport: {eq: ""}}) { totalCount } }',
        'query ($s: String = "x") { cases(where: {policeReport: {eq: $s}}) { totalCount } }',
        '{ cases(where: {policeReport: {eq: """block"""}}) { totalCount } }',
        'query A { __typename } query B { personMatch(nik: "x") { known } }',
        '{ me { clientId } ...F } fragment F on Query { cases(after: "x") { totalCount } }',
    ],
)
def test_a_document_with_a_text_in_it_is_not_kept(text):
    """It may be a NIK or a name; and each would push out a plan that many use."""
    compiling = Compiling()
    name = "A" if text.startswith("query A") else None

    assert compiling.plan(text, name=name) is not compiling.plan(text, name=name)
    assert compiling.documents.get(text) is not compiling.documents.get(text)


def test_a_document_with_numbers_and_codes_alone_is_kept():
    compiling = Compiling()
    text = "{ cases(first: 3, where: {modus: {isNull: true}}, orderBy: {field: MODUS}) { totalCount } }"

    assert compiling.plan(text) is compiling.plan(text)
    assert compiling.documents.get(text) is compiling.documents.get(text)


def test_what_was_used_least_lately_goes_first():
    compiling = Compiling(remembered=2)
    a, b, c = ("{ cases { totalCount } }", "{ victims { totalCount } }", "{ perpetrators { totalCount } }")
    first, second = compiling.plan(a), compiling.plan(b)
    assert compiling.plan(a) is first

    third = compiling.plan(c)

    assert compiling.plan(a) is first
    assert compiling.plan(c) is third
    assert compiling.plan(b) is not second


def test_a_document_that_is_not_valid_is_not_kept():
    compiling = Compiling(remembered=1)
    kept = compiling.plan("{ cases { totalCount } }")

    for text in (
        "{",
        "{ nope }",
        "{ cases { totalCount } } fragment F on Query { a }",
        "{" + " a" * 3000 + "}",
    ):
        with pytest.raises(Exception, match=r"Syntax Error|nope|never used|tokens"):
            compiling.plan(text)

    assert compiling.plan("{ cases { totalCount } }") is kept


@pytest.mark.asyncio(loop_scope="session")
async def test_two_hundred_requests_at_once_never_see_each_others_rows(hub, model):
    """One plan for both clients and all variables; only one of them may see children."""
    query = """query ($first: Int!, $id: ID!) { victims(first: $first) { totalCount nodes { id } pageInfo { endCursor } }
        case(id: $id) { id victims(first: 100) { totalCount } } me { clientId } }"""
    cases = model.rows("Case")
    everybody = [str(row["id"]) for row in model.rows("Victim")]
    adults = [str(row["id"]) for row in model.rows("Victim", children=False)]

    async def ask(number):
        client = ("one", "two")[number % 2]
        scopes = EVERY if client == "one" else EVERY - {CHILDREN}
        case = cases[number % len(cases)]
        data = await hub.data(
            query, {"first": number % 100, "id": str(case["id"])}, client=client, scopes=scopes
        )
        rows = model.rows("Victim", children=client == "one")
        seen = everybody if client == "one" else adults
        end = data["victims"]["pageInfo"].pop("endCursor")
        assert data == {
            "victims": {
                "totalCount": len(seen),
                "nodes": [{"id": one} for one in seen[: number % 100]],
                "pageInfo": {},
            },
            "case": {
                "id": str(case["id"]),
                "victims": {"totalCount": sum(row["caseId"] == case["id"] for row in rows)},
            },
            "me": {"clientId": client},
        }
        return client, number % 100, end

    await asyncio.gather(hub.token(EVERY, "one"), hub.token(EVERY - {CHILDREN}, "two"))
    ends = await asyncio.gather(*(ask(number) for number in range(200)))

    signed = {(client, first): end for client, first, end in ends if end}
    assert len(set(signed.values())) == len(
        {(client, min(first, len(adults if client == "two" else everybody))) for client, first in signed}
    )
