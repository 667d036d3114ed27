"""What one request may ask at most: answered at each limit, refused one above it, and refused quickly."""

import asyncio
import gc
import json
import time
from dataclasses import replace

import httpx
import psycopg
import pytest
import pytest_asyncio
from graphql import get_introspection_query

from hub.clock import now
from hub.database import conninfo, open_engine
from tests.auth.parties import Clock
from tests.graphql.hub import GRAPHQL, WITHOUT_BUDGET, entitle, running
from tests.graphql.officer_tokens import tokens_of_officers
from tests.graphql.sdl import printed
from tests.graphql.serving import serve

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUICKLY_S = 0.5
"""Of one core, whatever else it does: far above what a refusal takes, far below the cost of these without limits."""


_LONG = "x" * 200_000


async def _outcome(hub, query, **how):
    # What all tests before have left to collect is none of this question's.
    gc.disable()
    started = time.process_time()
    try:
        response = await hub.ask(query, **how)
        answer = response.json()
        took = time.process_time() - started
    finally:
        gc.enable()
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    return response.status_code, codes, took, answer


async def _refused(hub, query, code="QUERY_TOO_COSTLY", **how):
    status, codes, took, answer = await _outcome(hub, query, **how)
    assert (status, codes) == (400, [code] * len(codes)), answer
    assert codes
    assert took < QUICKLY_S
    return answer["errors"][0]["message"]


async def _answered(hub, query, **how):
    status, codes, _, answer = await _outcome(hub, query, **how)
    assert (status, codes) == (200, []), answer


def _aliases(count):
    return "{ " + " ".join(f"a{number}: __typename" for number in range(count)) + " }"


def _depth(count):
    """Fields in fields: cases, nodes, victims, nodes, case, victims, ... and a leaf."""
    names = ["cases(first: 1)", "nodes"]
    while len(names) < count - 1:
        names += ["victims(first: 1)", "nodes", "case"]
    names = [*names[: count - 1], "__typename"]
    return "{ " + " { ".join(names) + " }" * len(names)


def _directives(count):
    return "{ " + " ".join("... @include(if: true) { __typename }" for _ in range(count)) + " }"


def _tokens(count):
    """A document of that many tokens: twenty, and numbers in a list of ids."""
    inner = count - 20
    return "{ cases(where: {id: {in: [" + " ".join(["1"] * inner) + "]}}) { totalCount } }"


def _repeats(count):
    return "{ " + "__typename " * (count + 1) + "}"


LOWERED = replace(WITHOUT_BUDGET, tokens=100, depth=5, aliases=3, directives=2, page=60, body_bytes=1024)
BESIDE = "me { clientId } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lowered(cluster, filled, key_file):
    cluster.create_database("graphql_lowered", template=filled.name)
    async with running(
        cluster.url("hub_service", "graphql_lowered"), key_file, Clock(), limits=LOWERED
    ) as found:
        yield found


@pytest.fixture(scope="module")
def slow(cluster, filled, key_file, tmp_path_factory):
    """A process whose statements may take a second, and a token for each kind of question."""
    cluster.create_database("graphql_slow", template=filled.name)
    url = cluster.url("hub_service", "graphql_slow")
    asyncio.run(_entitle(url))
    with serve(url, key_file, tmp_path_factory.mktemp("slow"), HUB_QUERY_TIMEOUT_S="1") as served:
        officers = asyncio.run(tokens_of_officers(url, key_file, served.url))
        yield served.url, {"system": served.token("case:read"), "officer": officers["proposes"]}


async def _entitle(url):
    engine = open_engine(url, size=1, name="test")
    async with engine.begin() as connection:
        await connection.run_sync(entitle, now(), "one")
    await engine.dispose()


@pytest.mark.parametrize("beside", ["}", BESIDE], ids=["compiled", "by strawberry too"])
@pytest.mark.parametrize(
    ("at_limit", "above", "says"),
    [
        (_aliases(3), _aliases(4), "the operation has more than 3 aliases; send several requests"),
        (_depth(5), _depth(6), "the operation is nested deeper than 5"),
        (_directives(2), _directives(3), "the operation has more than 2 directives"),
        (_tokens(100), _tokens(101), "the document has more than 100 tokens; ask for less at once"),
    ],
    ids=["aliases", "depth", "directives", "tokens"],
)
async def test_an_operator_sets_each_limit_of_a_document(lowered, at_limit, above, says, beside):
    if says.startswith("the document") and beside == BESIDE:
        at_limit, above = _tokens(96), _tokens(97)
    await _answered(lowered, at_limit.removesuffix("}") + beside)
    assert await _refused(lowered, above.removesuffix("}") + beside) == says


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("query ($n: Int!) { cases(first: $n) { nodes { id } } }", "cases"),
        (
            "query ($n: Int!) { cases(first: 1) { nodes { victims(first: $n) { nodes { id } } } } }",
            "victims",
        ),
        ("query ($n: Int!) { events(types: [CASE_CHANGED], first: $n) { endCursor } }", "events"),
    ],
    ids=["compiled", "compiled, a list in a list", "by strawberry"],
)
async def test_an_operator_sets_the_rows_of_every_list(lowered, query, field):
    await _answered(lowered, query, variables={"n": 60})
    _, codes, _, answer = await _outcome(lowered, query, variables={"n": 61})

    (message,) = [error["message"] for error in answer["errors"]]
    assert codes == ["BAD_USER_INPUT"]
    assert message.startswith(f"{field}(first:) must be ")
    assert message.endswith(" to 60; use `after` for what follows")


@pytest.mark.parametrize("query", ["{ __typename }", "{ me { clientId } }"])
async def test_an_operator_sets_the_bytes_of_a_request(lowered, query):
    body = json.dumps({"query": query}).encode()
    answered = await lowered.post(body + b" " * (1024 - len(body)))
    refused = await lowered.post(body + b" " * (1025 - len(body)))

    assert (answered.status_code, refused.status_code) == (200, 413)
    assert refused.json()["errors"][0]["message"] == "the request is larger than 1,024 bytes"


@pytest.mark.parametrize(
    ("query", "table", "who"),
    [
        ("{ cases { totalCount } }", "golden_case", "system"),
        ("{ sources { agency } }", "drift_task", "system"),
        ("{ emergencies { id } }", "notice", "officer"),
    ],
    ids=["compiled", "by strawberry", "by strawberry in SQLAlchemy"],
)
async def test_an_operator_sets_the_seconds_of_a_statement(slow, cluster, query, table, who):
    """Half of them are answered, and what takes longer than all of them is not."""
    url, tokens = slow
    headers = {"Authorization": f"Bearer {tokens[who]}", "Accept": GRAPHQL}
    outcomes = []
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        for seconds in (0.5, None):
            with psycopg.connect(conninfo(cluster.url("hub_owner", "graphql_slow"))) as owner:
                owner.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
                asked = asyncio.create_task(
                    http.post(f"{url}/graphql", json={"query": query}, headers=headers)
                )
                if seconds is None:
                    outcomes.append(await asked)
                else:
                    await asyncio.sleep(seconds)
                owner.rollback()
            if seconds is not None:
                outcomes.append(await asked)

    assert [one.status_code for one in outcomes] == [200, 400]
    assert outcomes[1].json()["errors"] == [
        {
            "message": "the database was not done in time; ask for less at once",
            "extensions": {"code": "QUERY_TOO_COSTLY"},
        }
    ]


async def test_thirty_aliases(hub):
    await _answered(hub, _aliases(30))
    assert (
        await _refused(hub, _aliases(31)) == "the operation has more than 30 aliases; send several requests"
    )


async def test_twelve_fields_deep(hub):
    await _answered(hub, _depth(12))
    assert await _refused(hub, _depth(13)) == "the operation is nested deeper than 12"


async def test_ten_directives(hub):
    await _answered(hub, _directives(10))
    assert await _refused(hub, _directives(11)) == "the operation has more than 10 directives"


async def test_directives_of_fields_spreads_and_the_operation_count_as_well(hub):
    query = "query Q { __typename @include(if: true) ...F @include(if: true) } fragment F on Query { %s }"
    inner = " ".join(f"a{number}: __typename @skip(if: false)" for number in range(9))

    await _answered(hub, query % inner.rpartition("a8")[0])
    await _refused(hub, query % inner)


async def test_two_thousand_tokens(hub):
    answer = await _outcome(hub, _tokens(2000))
    assert "more than 100 values" in answer[3]["errors"][0]["message"]
    assert (
        await _refused(hub, _tokens(2001)) == "the document has more than 2000 tokens; ask for less at once"
    )


async def test_a_hundred_repeats(hub):
    await _answered(hub, _repeats(100))
    assert await _refused(hub, _repeats(101)) == "the operation repeats fields more than 100 times"


async def test_five_hundred_fields_fragments_counted_in_full(hub):
    """25 lists, each with itself, its nodes, a spread and 17 fields: few tokens, and no other limit met first."""
    plain = [one.name for one in printed().objects["Victim"].values() if not one.arguments]
    names = [name for name in plain if name not in {"case", "legalBasis"}][:17]
    lists = " ".join(f"a{number}: victims(first: 1) {{ nodes {{ ...V }} }}" for number in range(25))
    fragment = f"fragment V on Victim {{ {' '.join(names)} }}"

    await _answered(hub, f"{{ {lists} }} {fragment}")
    message = await _refused(hub, f"{{ {lists} __typename }} {fragment}")

    assert message == "the operation selects more than 500 fields, fragments counted in full"


@pytest.mark.parametrize(
    ("inner", "outer", "limit"),
    [
        (
            " ".join(f"a{number}: __typename" for number in range(16)),
            "... on Query { ...F } ... on Query { ...G }",
            "aliases",
        ),
        ("__typename " * 52, "...F ...G", "repeats"),
        (" ".join("... @include(if: true) { __typename }" for _ in range(6)), "...F ...G", "directives"),
    ],
    ids=["aliases", "repeats", "directives"],
)
async def test_fragments_cannot_go_round_a_limit(hub, inner, outer, limit):
    body = f"fragment F on Query {{ {inner} }} fragment G on Query {{ {inner.replace('a', 'b', 16) if limit == 'aliases' else inner} }}"

    assert limit in await _refused(hub, f"{{ {outer} }} {body.replace('__typenbme', '__typename')}")


async def test_fragments_cannot_go_round_the_depth(hub):
    query = (
        "{ cases { nodes { ...C } } } fragment C on Case { victims(first: 2) { nodes { ...V } } }"
        " fragment V on Victim { case { victims(first: 2) { nodes { case { victims(first: 2) { nodes { %s } } } } } } }"
    )

    await _answered(hub, query % "case { __typename }")
    assert (
        await _refused(hub, query % "case { legalEvents { __typename } }")
        == "the operation is nested deeper than 12"
    )


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }",
        "{ cases { nodes { ...A } } } fragment A on Case { victims { nodes { case { ...A } } } }",
        "{ ... { ... on Query { ...A } } } fragment A on Query { ... { ... { ...A } } }",
        "{ __typename } fragment A on Query { ...A }",
        "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
)
async def test_circular_fragments_are_refused_quickly(hub, query):
    message = await _refused(hub, query, "BAD_USER_INPUT")

    assert "within itself" in message or "never used" in message


async def test_fragments_that_double_at_each_step_are_refused_quickly(hub):
    """Six times six ten times over: without the count of repeats it cost a minute of a core."""
    steps = " ".join(f"fragment F{n} on Query {{ {f'...F{n + 1} ' * 6} }}" for n in range(10))

    await _refused(hub, f"{{ ...F0 }} {steps} fragment F10 on Query {{ __typename }}")


async def test_fragments_that_branch_into_other_places_are_refused_quickly(hub):
    query = """{ cases { ...A } } fragment A on CaseConnection { nodes { ...B } edges { node { ...B } } }
        fragment B on Case { victims { ...C } perpetrators { ...D } id modus acts means }
        fragment C on VictimConnection { nodes { ...E } edges { node { ...E } } }
        fragment D on PerpetratorConnection { nodes { ...F } edges { node { ...F } } }
        fragment E on Victim { id sex stage status case { ...G } movements { nodes { id at } edges { node { id at } } } }
        fragment F on Perpetrator { id roles fine case { ...G } }
        fragment G on Case { id modus acts victims { ...H } perpetrators { nodes { id roles } edges { node { id roles } } } }
        fragment H on VictimConnection { nodes { ...I } edges { node { ...I } } }
        fragment I on Victim { id sex stage status sector personId caseId agencies documents { nodes { id } edges { node { id } } } }"""

    _, codes, took, _ = await _outcome(hub, query)

    assert codes in ([], ["QUERY_TOO_COSTLY"])
    assert took < 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{" + " a" * 100_000 + "}", "QUERY_TOO_COSTLY"),
        ("{" + "a" * 200_000 + "}", "BAD_USER_INPUT"),
        ("{ a(b: " + "[" * 900 + "]" * 900 + ") }", "BAD_USER_INPUT"),
        ("{ cases(where: " + "{not: " * 450 + "{}" + "}" * 450 + ") { totalCount } }", "BAD_USER_INPUT"),
        ("{ a" * 600 + "}" * 600, "BAD_USER_INPUT"),
        ("{ " + "me { clientId } " * 450 + "}", "QUERY_TOO_COSTLY"),
        ("{ __typename } fragment A on Query { " + "a: me { clientId } " * 280 + "}", "BAD_USER_INPUT"),
        ("{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(240)) + " fragment F240 on Query { a }", "QUERY_TOO_COSTLY"),
        ("{ " + "... { " * 150 + "__typename" + " }" * 151, "QUERY_TOO_COSTLY"),
        ("query (" + "$a: Int " * 480 + ") { __typename }", "BAD_USER_INPUT"),
        ("#" * 200_000 + "\n{ nope }", "BAD_USER_INPUT"),
        (f'{{ cases(where: {{policeReport: {{eq: "{_LONG}"}}}}) {{ nope }} }}', "BAD_USER_INPUT"),
    ],
    ids=["100,000 tokens", "long name", "deep list", "deep object", "deep selection", "one field 450 times", "unused fragment", "long chain", "nested inline fragments", "one variable 480 times", "long comment", "long text"],
)  # fmt: skip
async def test_a_document_made_to_cost_much_is_refused_quickly(hub, query, code):
    await _refused(hub, query, code)


@pytest.mark.parametrize(
    "variables",
    [
        {"w": {"or": [{}] * 60_000}},
        {"w": {"modus": {"in": ["A"] * 50_000}}},
        {"w": {"policeReport": {"in": ["a"] * 50_000}}},
        {f"unknown{number}": 1 for number in range(10_000)} | {"w": {"and": [{"or": []}] * 26}},
    ],
    ids=["60,000 conditions", "50,000 codes", "50,000 texts", "10,000 unknown variables"],
)
async def test_variables_made_to_cost_much_are_refused(hub, variables):
    query = "query ($w: CaseFilter) { cases(where: $w) { totalCount } }"

    status, codes, took, _ = await _outcome(hub, query, variables=variables)

    assert status == 400
    assert set(codes) <= {"BAD_USER_INPUT", "QUERY_TOO_COSTLY"}
    assert took < 2


@pytest.mark.parametrize("depth", [100, 300, 900])
async def test_variables_nested_deeply_break_nothing(hub, depth):
    deep = '{"not":' * depth + "{}" + "}" * depth
    of_filter = "query ($w: CaseFilter) { cases(where: $w) { totalCount } }"
    of_any = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    body = f'{{"query": "{of_filter}", "variables": {{"w": {deep}}}}}'

    refused = await hub.post(body.encode())
    body = f'{{"query": "{of_any}", "variables": {{"r": [{{"__typename": "Case", "id": {deep}}}, {deep}]}}}}'
    answered = await hub.post(body.encode())

    assert refused.status_code == 400
    assert answered.json()["data"] == {"_entities": [None, None]}


async def test_introspection_may_nest_more_deeply_but_not_without_end(hub):
    def query(depth):
        inner = "ofType { " * (depth - 5) + "name" + " }" * (depth - 5)
        return "{ __schema { types { fields { type { " + inner + " } } } } }"

    await _answered(hub, query(36))
    await _refused(hub, query(37))


async def test_the_introspection_query_of_tools_is_answered(hub):
    data = await hub.data(get_introspection_query(input_value_deprecation=True, specified_by_url=True))

    assert data["__schema"]["queryType"]["name"] == "Query"
