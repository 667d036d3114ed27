"""`Prefer: handling=lenient`: what may not be seen is null and said so; what may not be asked by refuses all the same."""

import re

import pytest

from schema.entities import entities
from tests.graphql.hub import ISSUER, NATION
from tests.graphql.officers import client
from tests.graphql.test_guard import USES
from tests.graphql.test_statement import statements_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

LENIENT = "handling=lenient"
SELECTED = [
    use
    for use in USES
    if use.own
    and use.variables is None
    and "Filter" not in use.coordinate
    and "OrderField" not in use.coordinate
    and "Dimension" not in use.coordinate
]
ARGUED = [use for use in USES if use.own and ("Filter" in use.coordinate or "OrderField" in use.coordinate)]
COLUMNS = {
    f"{entity.name}.{entity.graphql_name(one)}": one.name
    for entity in entities().values()
    for one in entity.fields
}
GUARDING = {
    "case_id",
    "victim_id",
    "perpetrator_id",
    "is_child_at_exploitation",
    "protection_level",
    "person_id",
    "agency",
    "agencies",
}
"""Columns that row rules and the freshness of each agency read themselves."""


def errors_of(response):
    return response.json().get("errors", [])


@pytest.mark.parametrize("use", SELECTED, ids=str)
async def test_a_selection_without_its_scope_is_null_and_its_column_stands_in_no_statement(watched, use):
    scopes = (use.way | {"case:read"}) - use.own

    statements, response = await statements_of(watched, use.query, scopes=scopes, prefer=LENIENT)

    assert response.status_code == 200, response.text
    assert response.headers["Preference-Applied"] == LENIENT
    told = errors_of(response)
    assert told
    for error in told:
        extensions = error["extensions"]
        assert extensions["code"] == "FORBIDDEN"
        assert extensions["requestAt"] == f"{ISSUER}/oauth/token"
        assert extensions["selection"].split(".")[-1] == extensions["coordinate"].split(".")[-1]
    column = COLUMNS.get(use.coordinate)
    if column is not None and column not in GUARDING:
        assert column not in re.findall(r"\.(\w+)", statements[-1])


@pytest.mark.parametrize("use", ARGUED, ids=str)
async def test_a_filter_or_an_order_without_its_scope_refuses_the_operation_all_the_same(hub, use):
    scopes = use.way - use.own | {"statistics:read"}

    response = await hub.ask(use.query, use.variables, scopes=scopes, prefer=LENIENT)

    assert response.status_code == 403
    assert "data" not in response.json()
    assert use.coordinate in {error["extensions"]["coordinate"] for error in errors_of(response)}


async def test_how_many_records_there_are_is_told_to_who_audits(hub):
    query = "{ sources { agency recordCount } }"
    refused = await hub.ask(query, scopes=("case:read",))
    lenient = await hub.ask(query, scopes=("case:read",), prefer=LENIENT)
    told = await hub.data(query, scopes=("audit:read",))

    for response in (refused, lenient):
        assert response.status_code == 403
        assert [one["extensions"]["coordinate"] for one in errors_of(response)] == ["Source.recordCount"]
    assert told["sources"][0]["recordCount"] > 0


async def test_what_is_left_is_answered_and_each_gap_is_named_once(hub):
    query = "{ cases(first: 2) { totalCount nodes { id modusText victims { nodes { fullName } } } } victims { totalCount } me { clientId } }"

    response = await hub.ask(query, scopes=("case:read",), prefer="respond-async, handling=lenient; q=1")
    answer = response.json()

    assert answer["data"]["victims"] is None
    assert answer["data"]["me"] == {"clientId": "one"}
    assert [one.keys() for one in answer["data"]["cases"]["nodes"]] == [{"id", "modusText", "victims"}] * 2
    assert all(one["modusText"] is one["victims"] is None for one in answer["data"]["cases"]["nodes"])
    assert {
        (one["extensions"]["selection"], one["extensions"]["coordinate"]) for one in answer["errors"]
    } == {
        ("cases.nodes.modusText", "Case.modusText"),
        ("cases.nodes.victims", "Case.victims"),
        ("victims", "Query.victims"),
    }


@pytest.mark.asyncio(loop_scope="function")
async def test_a_purpose_that_does_not_open_a_field_is_told_with_those_that_do(own_hub):
    held = {"scopes": ("victim:read",), "purposes": ("statistics",), "jurisdictions": NATION}
    identity = {"scopes": ("victim.identity:read",), "purposes": ("protection",), "jurisdictions": NATION}
    await client(own_hub, "counts", held, identity)
    token = await own_hub.new_token({"victim:read"}, "counts", "statistics")

    strict = await own_hub.ask("{ victims { nodes { fullName } } }", token=token)
    lenient = await own_hub.ask("{ victims { nodes { id fullName } } }", token=token, prefer=LENIENT)

    assert strict.status_code == 403
    assert [(one["extensions"]["code"], one["extensions"]["coordinate"]) for one in errors_of(strict)] == [
        ("FORBIDDEN", "Victim.fullName"),
        ("PURPOSE_NOT_ALLOWED", "Victim.fullName"),
    ]
    assert "statistics" not in errors_of(strict)[1]["extensions"]["allowedPurposes"]
    assert all(one["fullName"] is None for one in lenient.json()["data"]["victims"]["nodes"])


@pytest.mark.parametrize(
    "preference", ["handling=strict", "lenient", "handling", "handling=strict, handling=lenient"]
)
async def test_any_other_preference_changes_nothing(hub, preference):
    response = await hub.ask("{ victims { totalCount } }", scopes=("case:read",), prefer=preference)

    assert response.status_code == 403
    assert "Preference-Applied" not in response.headers
