"""Which rows and values a grant opens: by owner and region, children, protected witnesses; and PostgreSQL says the same."""

import itertools
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row
from sqlalchemy import create_engine, func, select, text, true

from hub.graphql.rules import NO_CASE, SETTINGS
from schema import reach
from schema.tables.golden import GOLDEN, REACHED
from tests.graphql.hub import NATION
from tests.graphql.officers import client, ids

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTS = {"Case": "cases", "Victim": "victims", "Perpetrator": "perpetrators"}
READ = {"Case": "case:read", "Victim": "victim:read", "Perpetrator": "perpetrator:read"}
SCOPES = frozenset(READ.values())
OWNERS = ("POLRI", "KEMENSOS", "IMIGRASI", "KEMNAKER")
PLACES = (("61",), ("6101", "6171"), ("64",), NATION, ())
NUMBERS = itertools.count()

GRANTS = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.sampled_from(OWNERS),
            "jurisdictions": st.sampled_from(PLACES),
            "scopes": st.sets(st.sampled_from(sorted({*SCOPES, "victim.child:read"})), min_size=1).map(
                frozenset
            ),
        }
    ),
    max_size=3,
)


@contextmanager
def reading(cluster):
    """A transaction of the role that reads, on the shared database."""
    engine = create_engine(cluster.url("hub_service", "graphql_shared"))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE hub_reader"))
        yield connection
    engine.dispose()


async def golden(hub, entity):
    """All rows of an entity, as the service sees them."""
    table = GOLDEN[entity]
    async with hub.pool.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(f"SELECT * FROM {table.name}".encode())  # noqa: S608 -- a name of ours
        return await cursor.fetchall()


def opened(held, scope, row):
    """True if one of the grants opens the row for that scope."""
    words = {
        word
        for one in held
        if scope in one["scopes"]
        for word in reach.of_grant(one["owner"], one["jurisdictions"], is_own=one["owner"] == "POLRI")
    }
    return not words.isdisjoint(row["reach"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=GRANTS)
async def test_exactly_the_rows_that_a_grant_of_their_owner_and_region_opens_are_given(rows_hub, held):
    name = f"client-{next(NUMBERS)}"
    given = [{**one, "purposes": ("protection",)} for one in held]
    await client(rows_hub, name, *given)
    scopes = frozenset().union(*(one["scopes"] for one in held))

    for entity, field in LISTS.items():
        if READ[entity] not in scopes:
            continue
        expected = {
            str(row[f"{entity.lower()}_id"])
            for row in await golden(rows_hub, entity)
            if opened(held, READ[entity], row)
            and not (
                row.get("is_child_at_exploitation") is True and not opened(held, "victim.child:read", row)
            )
        }
        assert await ids(rows_hub, name, field, scopes) == expected


async def test_the_rows_of_the_filled_database_tell_owners_and_regions_apart(rows_hub):
    """Without such rows the tests above would show nothing."""
    rows = [row for entity in REACHED for row in await golden(rows_hub, entity)]
    words = {word for row in rows for word in row["reach"]}

    assert {"POLRI:61", "KEMENSOS:61", "POLRI:61.01", "KEMENSOS:64", "POLRI:?", "IMIGRASI:?"} <= words
    assert {("POLRI",), ("KEMENSOS",)} <= {tuple(row["agencies"]) for row in rows}


async def test_a_scope_of_one_owner_opens_no_value_of_another_owners_row(rows_hub):
    everything = {"scopes": frozenset({"victim:read", "victim.child:read"}), "purposes": ("protection",)}
    narrow = {"scopes": frozenset({"victim.identity:read"}), "purposes": ("protection",)}
    await client(
        rows_hub,
        "narrow",
        {**everything, "owner": "KEMENSOS", "jurisdictions": NATION},
        {**everything, "owner": "POLRI", "jurisdictions": NATION},
        {**narrow, "owner": "POLRI", "jurisdictions": ("61",)},
    )
    token = await rows_hub.new_token(everything["scopes"] | narrow["scopes"], "narrow")
    response = await rows_hub.ask("{ victims(first: 100) { nodes { id fullName } } }", token=token)
    shown = {one["id"]: one["fullName"] for one in response.json()["data"]["victims"]["nodes"]}
    rows = {str(row["victim_id"]): row for row in await golden(rows_hub, "Victim")}

    named = {one for one, name in shown.items() if name is not None}
    assert named
    assert all({"POLRI:61", "POLRI:?"}.intersection(rows[one]["reach"]) for one in named)
    assert any("POLRI:61" not in rows[one]["reach"] for one in shown)


@pytest.mark.parametrize(("purpose", "sees"), [("protection", True), ("repatriation", False)])
async def test_the_identity_of_a_child_is_open_to_few_purposes(hub, purpose, sees):
    scopes = frozenset({"victim:read", "victim.child:read", "victim.identity:read"})
    token = await hub.new_token(scopes, purpose=purpose)
    query = """{ victims(first: 100) { nodes { isChildAtExploitation fullName nik address
        documents { nodes { number } } } } }"""
    nodes = (await hub.ask(query, token=token)).json()["data"]["victims"]["nodes"]
    children = [one for one in nodes if one["isChildAtExploitation"]]
    grown = [one for one in nodes if one["isChildAtExploitation"] is False]

    def identified(ones):
        return any(
            one["fullName"] or one["nik"] or any(document["number"] for document in one["documents"]["nodes"])
            for one in ones
        )

    assert children
    assert identified(children) is sees
    assert identified(grown)


@pytest.mark.parametrize(("purpose", "sees"), [("protection", True), ("investigation", False)])
async def test_where_a_protected_witness_is_is_open_to_their_protection_alone(rows_hub, purpose, sees):
    scopes = frozenset({"victim:read", "victim.child:read", "victim.identity:read"})
    token = await rows_hub.new_token(scopes, purpose=purpose)
    query = "{ victims(first: 100) { nodes { protectionLevel residenceRegion address phone } } }"
    nodes = (await rows_hub.ask(query, token=token)).json()["data"]["victims"]["nodes"]
    protected = [one for one in nodes if one["protectionLevel"] == "LPSK_PROTECTED"]
    others = [one for one in nodes if one["protectionLevel"] == "NORMAL"]

    def located(ones):
        return any(one["residenceRegion"] or one["address"] or one["phone"] for one in ones)

    assert protected
    assert located(protected) is sees
    assert located(others)


async def test_a_region_that_is_kept_back_finds_nobody(rows_hub):
    """A filter by a value is an answer about it."""
    hub = rows_hub
    protected = "victims(where: {protectionLevel: {eq: LPSK_PROTECTED}, residenceRegion: {isNull: false}}) { totalCount }"
    counts = [
        (
            await hub.ask(f"{{ {protected} }}", token=await hub.new_token({"victim:read"}, purpose=purpose))
        ).json()
        for purpose in ("protection", "investigation")
    ]

    assert counts[0]["data"]["victims"]["totalCount"] > 0
    assert counts[1]["data"]["victims"]["totalCount"] == 0


async def test_that_no_means_are_needed_tells_of_a_child_only_who_may_know_of_one(hub):
    query = "{ cases(first: 100) { nodes { means } } found: cases(where: {means: {contains: NOT_REQUIRED_CHILD}}) { totalCount } }"
    seen = {}
    for scopes in (("case:read",), ("case:read", "victim:read", "victim.child:read")):
        data = await hub.data(query, scopes=scopes)
        told = any("NOT_REQUIRED_CHILD" in (one["means"] or ()) for one in data["cases"]["nodes"])
        seen[scopes] = (told, data["found"]["totalCount"] > 0)

    assert list(seen.values()) == [(False, False), (True, True)]


@pytest.mark.parametrize("left_out", [None, *SETTINGS])
@pytest.mark.usefixtures("hub")
async def test_without_one_of_the_settings_postgresql_gives_no_row_that_it_guards(cluster, left_out):
    """The second fence by itself: whoever gets at the role that reads, and knows a row's key, gets nothing."""
    words = ",".join(OWNERS)
    with reading(cluster) as connection:
        for name in SETTINGS:
            if name != left_out:
                value = str(NO_CASE) if name == "hub.excluded" else words
                connection.execute(select(func.set_config(name, value, true())))
        counts = {
            entity: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for entity, table in GOLDEN.items()
        }
    guarded = {
        "hub.case": {"Case", "LegalEvent"},
        "hub.victim": {"Victim", "ServiceEvent", "Movement", "JobPlacement", "Restitution", "Document"},
        "hub.perpetrator": {"Perpetrator"},
        "hub.child": set(),
        "hub.case_owners": {"LegalEvent"},
        "hub.victim_owners": {"ServiceEvent", "Movement", "JobPlacement", "Restitution", "Document"},
        "hub.excluded": set(GOLDEN) - {"Organisation"},
        None: set(),
    }

    assert {entity for entity, count in counts.items() if count == 0} - {"Organisation"} == guarded[left_out]


@pytest.mark.usefixtures("hub")
async def test_without_any_setting_postgresql_gives_no_row_at_all(cluster):
    with reading(cluster) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in GOLDEN.values()
        ]

    assert counts == [0] * len(GOLDEN)


async def test_the_settings_of_one_request_are_gone_before_the_next(hub):
    await hub.data("{ cases { totalCount } }")

    async with hub.readers.connection() as connection:
        left = await (
            await connection.execute(
                "SELECT coalesce(current_setting('hub.case', true), ''), count(*) FROM golden_case"
            )
        ).fetchone()

    assert left == ("", 0)
