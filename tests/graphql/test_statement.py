"""What is not asked for stands in no statement, and what is refused runs none: seen in the server's log."""

import re

import pytest

from schema.entities import entities
from schema.tables.golden import GOLDEN
from tests.auth.parties import Clock
from tests.graphql.hub import forbidden, running
from tests.graphql.test_guard import USES

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLES = {entity.table for entity in entities().values()}
WHEREABOUTS = {one.name for entity in entities().values() for one in entity.fields if one.whereabouts}


async def statements_of(watched, query, variables=None, **how):
    """What ran for one request, and its response."""
    await watched.hub.token(how.get("scopes", ("case:read",)))
    offset = watched.log.stat().st_size
    response = await watched.hub.ask(query, variables, **how)
    return watched.statements_since(offset), response


def _golden(statement):
    """Columns of golden tables that the statement names."""
    names = {column.name for table in GOLDEN.values() for column in table.columns}
    return names.intersection(re.findall(r"\w+\.(\w+)", statement))


async def _read(watched, query):
    statements, response = await statements_of(watched, query, scopes=_everything())
    assert response.status_code == 200, response.text
    # The permit may be known from the request before; then its version is all that is asked of it.
    *live, fence, rows = statements
    assert all("JOIN client" in one for one in live)
    assert "FROM access_version" in fence
    assert "set_config('hub.victim'" in fence
    return rows


def _everything():
    return {scope for use in USES for scope in use.way | use.own}


@pytest.mark.parametrize(
    ("root", "entity", "expected"),
    [
        ("cases", "Case", {"case_id", "reach"}),
        ("victims", "Victim", {"victim_id", "case_id", "reach", "is_child_at_exploitation"}),
        ("perpetrators", "Perpetrator", {"perpetrator_id", "case_id", "reach"}),
    ],
)
async def test_the_statement_names_no_column_that_is_not_used(watched, root, entity, expected):
    bare = await _read(watched, f"{{ {root} {{ nodes {{ id }} }} }}")

    assert _golden(bare) - {"agency"} == expected  # `agency` is the checkpoint's, for freshness
    declared = {one.name: name for name, one in _columns(entity).items()}
    for column, name in declared.items():
        inner = " { law }" if name == "legalBasis" else ""
        with_it = await _read(watched, f"{{ {root} {{ nodes {{ id {name}{inner} }} }} }}")
        joined = {"person_id"} if column in _person_columns(entity) else set()
        kept_back = {"protection_level"} if column in WHEREABOUTS and entity == "Victim" else set()

        assert _golden(with_it) - {"agency"} == expected | {column} | joined | kept_back


def _columns(entity):
    declared = entities()[entity]
    found = {declared.graphql_name(one): one for one in declared.fields}
    if entity != "Case":
        person = entities()["Person"]
        found |= {person.graphql_name(one): one for one in person.fields if one.name != "person_id"}
    return {name.replace("_", ""): one for name, one in found.items()}


def _person_columns(entity):
    own = {one.name for one in entities()[entity].fields}
    return {one.name for one in entities()["Person"].fields} - own if entity != "Case" else set()


@pytest.mark.parametrize("use", [use for use in USES if use.own], ids=str)
async def test_what_is_refused_reads_no_golden_row(watched, use):
    left_out = min(use.own)

    statements, response = await statements_of(
        watched, use.query, use.variables, scopes=(use.way | use.own) - {left_out}
    )

    assert forbidden(response)
    assert not TABLES.intersection(re.findall(r"\w+", " ".join(statements)))


async def test_one_operation_is_one_statement_however_deep_it_is(watched):
    query = """{ cases { totalCount pageInfo { endCursor hasNextPage } nodes { modus
        victims { totalCount nodes { fullName case { id } documents { nodes { number } } movements { nodes { at } } } }
        perpetrators { edges { cursor node { nik } } } reportingEntity { name } } }
        victims { totalCount } more: cases(first: 1, orderBy: {field: MODUS}) { nodes { id } } }"""

    statement = await _read(watched, query)

    assert statement.count(";") == 0
    assert statement.startswith("SELECT ")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ caseload { cases { total } } }", {"case_id", "reach"}),
        ("{ caseload { cases(by: [ORIGIN_PROVINCE]) { total } } }", {"case_id", "reach", "origin_region"}),
        (
            "{ caseload { victims(by: [CASE_MODUS]) { groups { count } } } }",
            {"victim_id", "person_id", "case_id", "reach", "is_child_at_exploitation", "modus"},
        ),
    ],
)
async def test_a_caseload_names_no_column_that_it_does_not_count_by(watched, query, expected):
    statement = await _read(watched, query)

    assert _golden(statement) - {"agency"} == expected


async def test_no_value_of_a_caller_stands_in_the_statement(watched):
    literal = '{ cases(first: 7, where: {policeReport: {eq: "KENANGA-1"}, id: {in: ["KENANGA-2"]}}) { totalCount nodes { id } } }'
    variable = """query ($w: CaseFilter, $n: Int!, $i: ID!) { cases(first: $n, where: $w) { totalCount } case(id: $i) { id }
        _entities(representations: [{__typename: "Case", id: "KENANGA-5"}]) { __typename } }"""
    given = {"w": {"policeReport": {"startsWith": "KENANGA-3"}}, "n": 31, "i": "KENANGA-4"}

    for query, variables in ((literal, None), (variable, given)):
        statements, response = await statements_of(watched, query, variables, scopes=("case:read",))

        assert response.status_code == 200, response.text
        assert not any("KENANGA" in one or "31" in one for one in statements)


async def test_a_refused_cursor_or_page_size_reads_no_golden_row(watched):
    for arguments in ('after: "x"', "first: 101"):
        statements, response = await statements_of(
            watched, f"{{ cases({arguments}) {{ totalCount }} }}", scopes=("case:read",)
        )

        assert response.status_code == 400
        assert not TABLES.intersection(re.findall(r"\w+", " ".join(statements)))


@pytest.mark.asyncio(loop_scope="function")
async def test_the_database_itself_counts_no_access_to_a_golden_row_for_a_refusal(
    cluster, own_database, key_file
):
    """The same at the other end: PostgreSQL's own counters. One connection, so that its counts are all there are."""
    url = cluster.url("hub_service", own_database)
    async with running(url, key_file, Clock(), pool_size=1) as hub:

        async def count_after(scopes):
            response = await hub.ask("{ cases { nodes { id modusText } } }", scopes=scopes)
            async with hub.readers.connection() as connection:
                await connection.execute("SELECT pg_stat_force_next_flush()")
            ((count,),) = await hub.rows(
                "SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname LIKE 'golden%%'"
            )
            return response.status_code, count

        _, before = await count_after(("case:read",))
        refused = await count_after(("case:read",))
        answered = await count_after(("case:read", "victim:read"))

    assert refused == (403, before)
    assert answered[0] == 200
    assert answered[1] > before
