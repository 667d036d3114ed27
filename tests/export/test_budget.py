"""Exports are paid for as questions are: what taking one on costs, what fetching costs, and who has nothing left."""

import pytest

from hub.graphql import weights
from hub.limits import DEFAULT_ROWS, Limits
from tests.auth.parties import Clock
from tests.graphql.conftest import filled, own_database  # noqa: F401 -- fixtures
from tests.graphql.hub import running

IDS = "{ cases { nodes { id } } }"
COST = weights.OPERATION + weights.LIST + DEFAULT_ROWS * (weights.ROW + weights.VALUE) + weights.EXPORT
TAKEN_ON = "SELECT count(*) FROM bulk_export"


@pytest.fixture
def opened(cluster, own_database, key_file):  # noqa: F811 -- a fixture
    def with_limits(**limits):
        url = cluster.url("hub_service", own_database)
        return running(url, key_file, Clock(), limits=Limits(**limits))

    return with_limits


async def _ask(hub):
    headers = {"Authorization": f"Bearer {await hub.token()}"}
    return await hub.http.post("/export", json={"query": IDS}, headers=headers)


async def _show(hub, path):
    return await hub.http.get(path, headers={"Authorization": f"Bearer {await hub.token()}"})


async def test_an_export_and_what_is_fetched_of_it_are_charged_to_the_budget_of_the_minute(opened):
    async with opened(budget=COST + weights.OPERATION, cost=COST) as hub:
        asked = await _ask(hub)
        shown, again = [await _show(hub, asked.headers["Location"]) for _ in range(2)]
        another = await _ask(hub)
        count = await hub.rows(TAKEN_ON)
        hub.clock.forward(seconds=60)
        whole = await _show(hub, asked.headers["Location"])

    assert [one.status_code for one in (asked, shown, again, another, whole)] == [202, 200, 429, 429, 200]
    assert asked.headers["RateLimit"] == f'"cost";r={weights.OPERATION};t=60'
    assert shown.headers["RateLimit"] == '"cost";r=0;t=60'
    assert (again.headers["Retry-After"], another.headers["Retry-After"]) == ("60", "60")
    assert again.json()["errors"][0]["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert count == [(1,)]


async def test_an_export_that_costs_more_than_one_may_is_not_taken_on(opened):
    async with opened(budget=0, cost=COST - 1) as hub:
        refused = await _ask(hub)
        count = await hub.rows(TAKEN_ON)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"]["cost"] == {"requested": COST, "limit": COST - 1}
    assert count == [(0,)]
