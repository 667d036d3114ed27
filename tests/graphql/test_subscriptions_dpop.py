"""A token that is bound to a key opens a connection to that key alone: by one proof of GET and the endpoint, used once."""

import pytest

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from tests.auth.parties import Clock
from tests.auth.proofs import proof
from tests.graphql.hub import ISSUER, PRIVATE, running
from tests.graphql.subscribers import connected, listening

ENDPOINT = f"{ISSUER}/graphql"


@pytest.fixture
async def url(own_hub):
    async with listening(own_hub.service) as found:
        yield found


async def bound(hub) -> tuple[str, str]:
    """A token that is bound to the key es256, and a nonce."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": client_assertion(PRIVATE, "one", ISSUER, hub.clock()),
        "scope": "case:read",
        "purpose": "protection",
    }
    nonce = None
    for _ in range(2):
        headers = {"DPoP": proof(hub.clock(), nonce)}
        response = await hub.http.post("/oauth/token", data=form, headers=headers)
        nonce = response.headers["DPoP-Nonce"]
    assert response.status_code == 200, response.text
    return response.json()["access_token"], nonce


def shown(hub, held, nonce, **changes):
    sent = {"htm": "GET", "htu": ENDPOINT, "token": held} | changes
    return {"Authorization": f"DPoP {held}", "DPoP": proof(hub.clock(), nonce, **sent)}


async def test_a_proof_of_get_and_the_endpoint_opens_a_connection(own_hub, url):
    token, nonce = await bound(own_hub)
    async with connected(url, shown(own_hub, token, nonce)) as one:
        acknowledged = await one.message()
        await one.subscribe(("CASE_CREATED",))
        page = await one.page()

    assert acknowledged["type"] == "connection_ack"
    assert len(page["events"]) > 0


async def test_who_lacks_a_nonce_is_given_one_by_the_handshake_and_by_the_close(own_hub, url):
    token, nonce = await bound(own_hub)
    async with connected(url, shown(own_hub, token, None)) as one:
        of_handshake = one.connection.response.headers["DPoP-Nonce"]
        closed = await one.closed()
    async with connected(url, shown(own_hub, token, of_handshake)) as one:
        acknowledged = await one.message()

    assert closed == (4403, f"use_dpop_nonce {nonce}")
    assert acknowledged["type"] == "connection_ack"


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "POST"},
        {"htu": f"{ISSUER}/oauth/token"},
        {"htu": "wss://hub.example/graphql"},
        {"token": "another"},
        {"key": "stranger"},
    ],
)
async def test_a_proof_of_anything_else_opens_none(own_hub, url, changes):
    token, nonce = await bound(own_hub)
    async with connected(url, shown(own_hub, token, nonce, **changes)) as one:
        code, _ = await one.closed()

    assert code == 4403


@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
async def test_without_a_proof_it_opens_none(own_hub, url, scheme):
    token, _ = await bound(own_hub)
    async with connected(url, {"Authorization": f"{scheme} {token}"}) as one:
        code, reason = await one.closed()

    assert code == 4403
    assert token not in reason


async def test_a_proof_opens_one_connection_at_whichever_replica(
    own_hub, url, cluster, own_database, key_file
):
    token, nonce = await bound(own_hub)
    sent = shown(own_hub, token, nonce)
    clock = Clock()
    clock.moment = own_hub.clock()
    async with connected(url, sent) as first:
        acknowledged = await first.message()
        closed = []
        async with (
            running(cluster.url("hub_service", own_database), key_file, clock) as replica,
            listening(replica.service) as another,
        ):
            for place in (url, another):
                async with connected(place, sent) as one:
                    closed.append(await one.closed())

    assert acknowledged["type"] == "connection_ack"
    assert closed == [(4403, "The DPoP proof was used before; sign a new one for each request.")] * 2
