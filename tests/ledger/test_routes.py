"""Seals are for everybody, page by page."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from hub import database as hub_database
from hub.ledger import evidence, routes, stored
from hub.ledger.evidence import key_of
from hub.ledger.routes import seal_routes


@pytest.fixture
async def client(pool) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=seal_routes(pool)))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.example") as opened:
        yield opened


@pytest.fixture
async def sealed(ledger, sealer):
    for number in range(5):
        await ledger.record(b"%d" % number)
        await sealer.seal_all()


async def test_before_the_first_seal_there_is_an_empty_page(client):
    answer = await client.get("/audit/seals")

    assert answer.status_code == 200
    assert answer.json() == {"keys": [], "seals": [], "next": None}


@pytest.mark.usefixtures("sealed")
async def test_every_seal_and_key_is_there_for_whoever_asks(client, database):
    answer = await client.get("/audit/seals")

    with stored.opened(database.service_url) as ledger:
        keys, seals = ledger.seal_keys(), list(ledger.seals())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert [key_of(one) for one in answer.json()["keys"]] == keys
    assert answer.json()["seals"] == [{"n": seal.n, "jws": seal.jws} for seal in seals]
    assert answer.json()["next"] is None
    assert "d" not in answer.json()["keys"][0]


@pytest.mark.usefixtures("sealed")
async def test_pages_follow_one_another_and_a_full_one_may_be_kept(client, monkeypatch):
    monkeypatch.setattr(routes, "PAGE", 2)
    pages, after = [], "/audit/seals?after=1"
    while after:
        answer = await client.get(after)
        pages.append(answer)
        after = answer.json()["next"]

    assert [[one["n"] for one in page.json()["seals"]] for page in pages] == [[2, 3], [4, 5], []]
    assert [page.headers["cache-control"] for page in pages] == [
        "public, max-age=86400",
        "public, max-age=86400",
        "public, max-age=1",
    ]


@pytest.mark.usefixtures("sealed")
async def test_what_was_kept_of_the_pages_verifies_the_ledger(client, verified):
    kept = evidence.published((await client.get("/audit/seals")).text)

    assert verified(published=kept).last == 5


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "9223372036854775807", "9" * 5000, "\u0661"])
async def test_after_is_a_number(client, after):
    answer = await client.get("/audit/seals", params={"after": after})

    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"


async def test_without_the_database_there_is_an_answer_to_come_again(cluster):
    url = cluster.url("hub_service", "nowhere")
    async with hub_database.open_pool(url, size=1, name="test") as nowhere:
        nowhere.timeout = 0.2
        transport = httpx.ASGITransport(app=Starlette(routes=seal_routes(nowhere)))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.example") as client:
            answer = await client.get("/audit/seals")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
