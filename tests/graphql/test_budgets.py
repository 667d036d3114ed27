"""What a caller may spend in a minute: answered at the limit, refused above it, whole again in time, told to replicas."""

import json
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from auth.tokens import Caller
from hub import database
from hub.graphql import weights
from hub.graphql.budgets import MINUTE, Budgets, Standing
from hub.limits import Limits
from hub.upkeep import exchanging
from tests.auth.parties import Clock
from tests.graphql.hub import ACCOUNT, GRAPHQL, running

QUERY = "{ me { clientId } }"
COST = weights.OPERATION + weights.ANSWER
LIMITS = Limits(cost=10 * COST, budget=3 * COST)
CLIENT = Caller(
    client_id="one",
    agency="POLRI",
    scopes=frozenset(),
    purpose="protection",
    jurisdiction=(),
    token_id="t",  # noqa: S106 -- the id of one
    expires_at=Clock()(),
)
PERSON = replace(CLIENT, account_id=ACCOUNT)


@pytest.fixture
def url(cluster, own_database):
    return cluster.url("hub_service", own_database)


@pytest.fixture
async def hub(url, key_file):
    async with running(url, key_file, Clock(), limits=LIMITS) as found:
        yield found


def _limits(response):
    return response.headers["RateLimit-Policy"], response.headers["RateLimit"]


async def test_each_answer_says_what_it_cost_and_what_is_left(hub):
    first, second = await hub.ask(QUERY), await hub.ask(QUERY)

    assert [one.json()["extensions"]["cost"] for one in (first, second)] == [
        {
            "requested": COST,
            "limit": LIMITS.cost,
            "budget": LIMITS.budget,
            "remaining": left,
            "resetsAt": "2026-03-02T08:01:00Z",
        }
        for left in (2 * COST, COST)
    ]
    assert _limits(second) == (f'"cost";q={LIMITS.budget};w=60', f'"cost";r={COST};t=60')


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
async def test_over_budget_is_429_with_the_cost_what_is_left_and_when_it_is_whole_again(hub, accept):
    hub.clock.forward(seconds=12)
    for _ in range(2):
        await hub.ask(QUERY)

    response = await hub.ask("{ a: me { clientId } cases(first: 90) { nodes { id } } }", accept=accept)

    requested = COST + weights.LIST + 90 * (weights.ROW + weights.VALUE)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "48"
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert response.json() == {
        "errors": [
            {
                "message": f"the operation costs {requested:,} and {COST:,} are left of this minute; wait, or most of it"
                " are the rows of Query.cases, up to 90 of them: ask for fewer with `first` there (it is 90) or in the"
                " lists around it, and for the rest with `after`",
                "extensions": {
                    "code": "QUERY_TOO_COSTLY",
                    "cost": {
                        "requested": requested,
                        "limit": LIMITS.cost,
                        "budget": LIMITS.budget,
                        "remaining": COST,
                        "resetsAt": "2026-03-02T08:01:00Z",
                    },
                    "dearest": {"coordinate": "Query.cases", "first": 90, "rows": 90},
                },
            }
        ]
    }


async def test_a_budget_is_spent_to_its_last_unit_and_whole_again_in_the_next_minute(hub):
    spent = [(await hub.ask(QUERY)).status_code for _ in range(4)]
    hub.clock.forward(seconds=59)
    late = (await hub.ask(QUERY)).status_code
    hub.clock.forward(seconds=1)
    whole = [(await hub.ask(QUERY)).status_code for _ in range(4)]

    assert (spent, late, whole) == ([200, 200, 200, 429], 429, [200, 200, 200, 429])


async def test_who_has_spent_all_is_refused_before_the_body_is_read(hub):
    for _ in range(3):
        await hub.ask(QUERY)

    async def never():
        raise AssertionError("the body was asked for")
        yield b""

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {await hub.token()}"}
    response = await hub.http.post("/graphql", content=never(), headers=headers)

    assert response.status_code == 429
    assert (
        response.json()["errors"][0]["message"]
        == "the budget of this minute is spent; wait until it is whole again"
    )


async def test_a_budget_is_of_one_client_or_of_one_person(hub):
    person = await hub.person_token({"grant:read"}, ACCOUNT)
    for _ in range(3):
        await hub.ask(QUERY)

    outcomes = {
        "the client": (await hub.ask(QUERY)).status_code,
        "the client with another token": (
            await hub.ask(QUERY, token=await hub.new_token({"case:read"}))
        ).status_code,
        "another client": (await hub.ask(QUERY, client="two")).status_code,
        "a person with the client": (await hub.ask(QUERY, token=person)).status_code,
    }

    assert outcomes == {
        "the client": 429,
        "the client with another token": 429,
        "another client": 200,
        "a person with the client": 200,
    }


async def test_what_is_refused_costs_as_much_as_asking_and_no_more(hub):
    scarce = await hub.token({"case:read"})

    forbidden = await hub.ask("{ victims(first: 90) { nodes { fullName } } }", token=scarce)
    malformed = await hub.post(b"[]")
    unknown = await hub.ask("{ nope }")

    assert [one.status_code for one in (forbidden, malformed, unknown)] == [403, 400, 400]
    assert _limits(unknown)[1] == f'"cost";r={LIMITS.budget - 3 * weights.OPERATION};t=60'


async def test_a_refusal_for_cost_is_in_the_ledger(hub, cluster, own_database):
    for _ in range(4):
        await hub.ask(QUERY)

    with psycopg.connect(database.conninfo(cluster.url("hub_owner", own_database))) as connection:
        bodies = [json.loads(bytes(body)) for (body,) in connection.execute("SELECT body FROM audit.record")]
    assert [(one["outcome"], one["code"]) for one in bodies if one.get("code")] == [
        ("refused", "QUERY_TOO_COSTLY")
    ]


async def test_without_a_budget_nothing_is_told_of_one_and_nothing_refused(url, key_file):
    async with running(url, key_file, Clock(), limits=replace(LIMITS, budget=0)) as hub:
        answers = [await hub.ask(QUERY) for _ in range(5)]

    assert {one.status_code for one in answers} == {200}
    assert answers[4].json()["extensions"]["cost"] == {"requested": COST, "limit": LIMITS.cost}
    assert "RateLimit" not in answers[4].headers


class Replicas:
    """Two processes' counts on one database, and a clock for both."""

    def __init__(self, pool):
        self.clock, self.pool = Clock(), pool
        self.one, self.other = Budgets(LIMITS, self.clock), Budgets(LIMITS, self.clock)

    async def exchange(self):
        for each in (self.one, self.other, self.one):
            await each.exchange(self.pool)


@pytest.fixture
async def replicas(url):
    async with database.open_pool(url, size=2, name="test") as pool:
        yield Replicas(pool)


async def test_replicas_learn_what_the_others_have_spent(replicas):
    replicas.one.spend(CLIENT, COST)
    replicas.other.spend(CLIENT, 10)
    replicas.other.spend(PERSON, 7)
    before = replicas.one.standing(CLIENT).remaining

    await replicas.exchange()
    replicas.one.spend(CLIENT, -COST)
    await replicas.exchange()
    replicas.one.spend(CLIENT, 5)

    resets_at = replicas.clock().replace(second=0, microsecond=0) + MINUTE
    assert before == LIMITS.budget - COST
    assert replicas.one.standing(CLIENT) == Standing(LIMITS.budget - 15, resets_at)
    assert replicas.other.standing(CLIENT) == Standing(LIMITS.budget - 10, resets_at)
    assert replicas.one.standing(PERSON) == Standing(LIMITS.budget - 7, resets_at)


async def test_what_was_spent_in_an_earlier_minute_is_forgotten_and_then_deleted(replicas):
    replicas.one.spend(CLIENT, COST)
    await replicas.exchange()
    counts = []
    for _ in range(4):
        replicas.clock.forward(seconds=60)
        await replicas.exchange()
        assert replicas.other.standing(CLIENT).remaining == LIMITS.budget
        async with replicas.pool.connection() as connection:
            rows = await (await connection.execute("SELECT count(*) FROM query_spending")).fetchall()
        counts += rows

    assert counts == [(1,), (1,), (0,), (0,)]


async def test_what_could_not_be_told_is_told_the_next_time(replicas, url):
    closed = database.open_pool(url.replace("hub_service", "nobody"), size=1, name="test")
    replicas.one.spend(CLIENT, COST)

    closed.kwargs["connect_timeout"] = 2
    closed.timeout = 0.2
    async with closed:
        with pytest.raises(Exception, match="couldn't get a connection"):
            await replicas.one.exchange(closed)
    await replicas.exchange()

    assert replicas.other.standing(CLIENT).remaining == LIMITS.budget - COST


async def test_a_process_that_serves_exchanges_by_itself_and_once_more_at_its_end(replicas):
    replicas.one.spend(CLIENT, COST)

    async with exchanging(replicas.one, replicas.pool, every_s=60):
        pass
    await replicas.other.exchange(replicas.pool)

    assert replicas.other.standing(CLIENT).remaining == LIMITS.budget - COST


def test_time_that_goes_back_gives_a_budget_and_takes_none():
    clock = Clock()
    budgets = Budgets(LIMITS, clock)
    budgets.spend(CLIENT, COST)

    clock.forward(seconds=-timedelta(minutes=5).total_seconds())

    assert budgets.standing(CLIENT).remaining == LIMITS.budget
