"""How often and how much at once: every way in is counted, at the limit and one above it, and for nobody else."""

import asyncio

import httpx
import psycopg
import pytest
from starlette.routing import Route

from hub import database
from hub.graphql.budgets import Budgets, TooOften
from hub.graphql.cost import Cost
from hub.limits import Limits
from tests.auth.parties import Clock
from tests.graphql.hub import GRAPHQL, ISSUER, WITHOUT_BUDGET, running
from tests.graphql.serving import serve
from tests.graphql.test_budgets import CLIENT, PERSON

FEW = Limits(budget=0, concurrency=2, person_matches=3, oauth_rate=0, oauth_failures=2)
MATCH = '{ personMatch(nik: "9901010101900001") { known } }'


@pytest.fixture
async def hub(cluster, own_database, key_file):
    async with running(cluster.url("hub_service", own_database), key_file, Clock(), limits=FEW) as found:
        yield found


def _posted(service):
    """Paths below /oauth to which something is posted."""
    return [
        one.path
        for one in service.routes
        if isinstance(one, Route) and "POST" in one.methods and one.path.startswith("/oauth")
    ]


async def test_every_endpoint_of_oauth2_that_takes_a_post_counts_what_fails_by_address(hub):
    paths, outcomes = _posted(hub.service), {}
    for number, path in enumerate(paths):
        transport = httpx.ASGITransport(hub.service, client=(f"10.0.0.{number}", 1))
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
            headers = {"sec-fetch-site": "cross-site"}
            answers = [await http.post(path, data={"a": "b"}, headers=headers) for _ in range(3)]
        outcomes[path] = [one.status_code == 429 for one in answers], answers[2].headers.get("Retry-After")

    assert {"/oauth/token", "/oauth/par", "/oauth/authorize", "/oauth/introspect", "/oauth/revoke"} <= set(
        paths
    )
    assert outcomes == dict.fromkeys(paths, ([False, False, True], "30"))


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
async def test_person_match_is_asked_as_often_as_allowed_and_once_more_is_429(hub, accept):
    for _ in range(3):
        assert (await hub.ask(MATCH)).status_code == 200

    refused = await hub.ask(MATCH, accept=accept)
    others = [
        (await hub.ask(MATCH, client="two")).status_code,
        (await hub.ask("{ me { clientId } }")).status_code,
    ]
    hub.clock.forward(seconds=60)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert refused.json() == {
        "errors": [
            {
                "message": "personMatch can be asked 3 times in a minute, and 0 of them are left; wait",
                "extensions": {
                    "code": "QUERY_TOO_COSTLY",
                    "personMatch": {"limit": 3, "remaining": 0, "resetsAt": "2026-03-02T08:01:00Z"},
                },
            }
        ]
    }
    assert others == [200, 200]
    assert (await hub.ask(MATCH)).status_code == 200


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ " + " ".join(f'a{n}: personMatch(nik: "9901010101900001") {{ known }}' for n in range(4)) + " }", None),
        ("query ($n: String) { a: personMatch(nik: $n) { known } ...F } fragment F on Query { b: personMatch(nik: $n) { known } ... { c: personMatch(nik: $n) { known } d: personMatch(nik: $n) { known } } }", {"n": "9901010101900001"}),
    ],
    ids=["aliases", "fragments"],
)  # fmt: skip
async def test_neither_aliases_nor_fragments_ask_more_often(hub, query, variables):
    response = await hub.ask(query, variables)

    assert response.status_code == 429
    assert response.json()["errors"][0]["extensions"]["personMatch"]["remaining"] == 3


async def test_what_is_left_out_is_not_counted(hub):
    query = "query ($n: String, $no: Boolean!) { a: personMatch(nik: $n) { known } b: personMatch(nik: $n) @skip(if: $no) { known } }"

    answers = [await hub.ask(query, {"n": "9901010101900001", "no": True}) for _ in range(3)]

    assert [one.status_code for one in answers] == [200] * 3


async def test_replicas_count_matches_together(cluster, own_database):
    clock = Clock()
    one, other = Budgets(FEW, clock), Budgets(FEW, clock)
    async with database.open_pool(cluster.url("hub_service", own_database), size=1, name="test") as pool:
        with one.charged(CLIENT, Cost(requested=1, matches=2)):
            pass
        for each in (one, other):
            await each.exchange(pool)
    with pytest.raises(TooOften), other.charged(CLIENT, Cost(requested=1, matches=2)):
        pass
    with (
        other.charged(PERSON, Cost(requested=1, matches=3)),
        other.charged(CLIENT, Cost(requested=1, matches=1)),
    ):
        pass


async def test_a_client_has_so_many_questions_under_way_and_no_more(hub, cluster, own_database):
    query, cheap = "{ cases(first: 1) { nodes { id } } }", "{ __typename }"
    await hub.token()
    with psycopg.connect(database.conninfo(cluster.url("hub_owner", own_database))) as owner:
        owner.execute("LOCK TABLE golden_case IN ACCESS EXCLUSIVE MODE")
        under_way = [asyncio.create_task(hub.ask(query)) for _ in range(2)]
        await hub.waiting_for_locks(2)
        refused = await hub.ask(cheap)
        another = await hub.ask(cheap, client="two")
        owner.rollback()
        answered = await asyncio.gather(*under_way)
    later = await hub.ask(cheap)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json() == {
        "errors": [
            {
                "message": "2 of your questions are under way; wait for one of them",
                "extensions": {"code": "QUERY_TOO_COSTLY", "concurrency": {"limit": 2}},
            }
        ]
    }
    assert [one.status_code for one in (*answered, another, later)] == [200] * 4


async def test_what_fails_gives_its_place_back(hub):
    for _ in range(5):
        await hub.post(b"[]")
        await hub.ask("{ nope }")

    assert (await hub.ask("{ __typename }")).status_code == 200


async def test_without_limits_nobody_is_refused(cluster, own_database, key_file):
    url = cluster.url("hub_service", own_database)
    async with running(url, key_file, Clock(), limits=WITHOUT_BUDGET) as hub:
        answers = await asyncio.gather(*(hub.ask(MATCH) for _ in range(70)))

    assert {one.status_code for one in answers} == {200}


@pytest.mark.parametrize(
    ("settings", "statuses"),
    [
        ({}, [401, 429, 429]),
        ({"HUB_FORWARDED_BY": "127.0.0.0/8, 10.0.0.0/8"}, [401, 401, 429]),
    ],
    ids=["nobody is believed", "the proxy is believed"],
)
def test_a_forwarded_address_is_believed_from_a_proxy_that_is_named(
    cluster, own_database, key_file, tmp_path, settings, statuses
):
    """Two callers, the second of whom also claims to be the first one."""
    sent = ["203.0.113.1", "203.0.113.2", "203.0.113.1, 203.0.113.2, 10.9.9.9"]
    url = cluster.url("hub_service", own_database)
    with serve(url, key_file, tmp_path, HUB_OAUTH_FAILURES="1", **settings) as served:
        found = [
            httpx.post(
                f"{served.url}/oauth/token",
                data={"grant_type": "client_credentials"},
                headers={"X-Forwarded-For": one},
                trust_env=False,
            ).status_code
            for one in sent
        ]

    assert found == statuses
