"""A gateway that the hub knows by its certificate: which proofs are taken from it, and that it gets no right by that."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.challenge import ProofInvalid
from auth.client_certificate import ClientCertificates
from auth.dpop import Proof
from auth.gateway import Gateway
from auth.seen_proofs import SeenProofs
from auth.tokens import Verifier
from schema.errors import DecisionError, NotAuthenticated, SettingError
from tests.auth.parties import AUDIENCE, ISSUER, MTLS_HOST, PROXY_SECRET, Clock
from tests.auth.proofs import certificate, connection, proof, showing, unpadded

PLACE = "https://gateway.example/graphql"
ITS, NEXT, STRANGER = certificate("gateway"), certificate("gateway next"), certificate("stranger")
OPERATION = {"hub-gateway-operation": "01900000-0000-7000-8000-000000000001"}
ANOTHER = {"hub-gateway-operation": "01900000-0000-7000-8000-000000000002"}


def thumbprint(der):
    return unpadded(hashlib.sha256(der).digest())


def verifier(hub, *, known=True):
    return Verifier(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=hub.keys,
        revocations=hub.revocations,
        clock=hub.clock,
        certificates=ClientCertificates(secret=PROXY_SECRET, host=MTLS_HOST),
        known_gateway=Gateway(url=PLACE, certificates=map(thumbprint, (ITS, NEXT))) if known else None,
    )


@pytest.fixture
async def bound(hub):
    await hub.register(bearer_allowed=False)
    await hub.keys.fresh()
    return hub


async def token_of(hub, **headers):
    response = await hub.http.post("/oauth/token", data=hub.form(), headers=headers)
    assert response.status_code == 200, response.text
    return response.json()["access_token"]


async def bound_token(hub):
    return await token_of(hub, dpop=proof(hub.clock(), hub.server.nonces.current()))


def request(hub, token, *, htu=PLACE, over=ITS, sent=None, path="/graphql", **headers):
    """What the gateway sends, unless changed."""
    sent = sent or proof(hub.clock(), hub.server.nonces.current(), htu=htu, token=token)
    full = {"authorization": f"DPoP {token}"} | ({} if over is None else connection(over)) | headers
    return showing(sent, path=path, **full)


@pytest.mark.parametrize("over", [ITS, NEXT], ids=["its certificate", "its next one"])
async def test_a_proof_that_names_the_gateway_is_taken_from_the_gateway(bound, over):
    token = await bound_token(bound)

    caller = await verifier(bound).verify_request(request(bound, token, over=over))

    assert (caller.client_id, caller.agency, caller.scopes) == ("polri-lapor", "POLRI", {"case:read"})


@pytest.mark.parametrize(
    "changes",
    [
        {"over": None},
        {"over": STRANGER},
        {"htu": AUDIENCE},
        {"htu": "https://gateway.example/other"},
        {"hub-proxy-secret": "a secret that somebody has guessed"},
        {"path": "/schema.graphql"},
    ],
    ids=["no certificate", "a stranger's", "for the hub", "for elsewhere", "no proxy", "another path"],
)
async def test_it_is_taken_from_nobody_else_and_for_nothing_else(bound, changes):
    token = await bound_token(bound)

    with pytest.raises(ProofInvalid, match="htu"):
        await verifier(bound).verify_request(request(bound, token, **changes))


async def test_a_hub_that_knows_no_gateway_takes_none(bound):
    token = await bound_token(bound)

    with pytest.raises(ProofInvalid, match="htu"):
        await verifier(bound, known=False).verify_request(request(bound, token))


async def test_a_proof_is_good_for_every_part_of_the_operation_that_it_came_with_and_for_no_other(bound):
    token, one = await bound_token(bound), verifier(bound)
    sent = proof(bound.clock(), bound.server.nonces.current(), htu=PLACE, token=token)

    for _ in range(3):
        await one.verify_request(request(bound, token, sent=sent, **OPERATION))
    for headers in (ANOTHER, {}, {"hub-gateway-operation": "short"}):
        with pytest.raises(ProofInvalid, match="before"):
            await one.verify_request(request(bound, token, sent=sent, **headers))


async def test_without_the_name_of_an_operation_a_proof_is_good_once(bound):
    token, one = await bound_token(bound), verifier(bound)
    sent = proof(bound.clock(), bound.server.nonces.current(), htu=PLACE, token=token)

    await one.verify_request(request(bound, token, sent=sent))

    for headers in ({}, OPERATION):
        with pytest.raises(ProofInvalid, match="before"):
            await one.verify_request(request(bound, token, sent=sent, **headers))


async def test_nobody_but_the_gateway_may_name_an_operation(bound):
    token, one = await bound_token(bound), verifier(bound)
    sent = proof(bound.clock(), bound.server.nonces.current(), htu=AUDIENCE, token=token)
    await one.verify_request(request(bound, token, sent=sent, over=None, **OPERATION))

    with pytest.raises(ProofInvalid, match="before"):
        await one.verify_request(request(bound, token, sent=sent, over=None, **OPERATION))


async def test_the_gateway_cannot_use_a_token_without_its_proof_nor_one_that_is_bound_to_another_certificate(
    bound,
):
    token = await bound_token(bound)
    of_another = await token_of(bound, **connection(STRANGER))
    one = verifier(bound)

    for header, match in ((f"Bearer {token}", "bound to a key"), (f"Bearer {of_another}", "certificate")):
        with pytest.raises(NotAuthenticated, match=match):
            await one.verify_request(showing(authorization=header, **connection(ITS)))


async def test_the_gateway_uses_a_token_of_its_own_as_any_client_does(bound):
    token = await token_of(bound, **connection(ITS))

    caller = await verifier(bound).verify_request(showing(authorization=f"Bearer {token}", **connection(ITS)))

    assert caller.client_id == "polri-lapor"


async def test_a_decision_does_not_come_through_it(bound):
    token, one = await bound_token(bound), verifier(bound)
    sent = request(bound, token, **OPERATION)
    await one.verify_request(sent)

    with pytest.raises(DecisionError, match="to the hub itself"):
        await one.spend(sent)


@given(
    st.lists(
        st.tuples(st.sampled_from(["j1", "j2", "j3"]), st.sampled_from([None, "op-a", "op-b"])),
        max_size=30,
    )
)
def test_whatever_the_order_a_proof_is_taken_once_or_for_one_operation(shown):
    clock = Clock()
    seen = SeenProofs(clock)
    first = {}

    for jti, operation in shown:
        taken = seen.is_new(Proof(jkt="k", jti=jti, expires_at=clock()), operation)

        assert taken is (jti not in first or (operation is not None and first[jti] == operation))
        first.setdefault(jti, operation)


@pytest.mark.parametrize("url", ["http://gateway.example/graphql", "gateway.example", "https://", ""])
def test_a_place_that_others_can_read_is_no_gateway_s(url):
    with pytest.raises(SettingError, match="HUB_GATEWAY_URL"):
        Gateway(url=url, certificates=[thumbprint(ITS)])


@pytest.mark.parametrize("thumbprints", [[], [""], [thumbprint(ITS), "short"]])
def test_a_gateway_without_a_certificate_is_not_known(thumbprints):
    with pytest.raises(SettingError, match="HUB_GATEWAY_CERTIFICATES"):
        Gateway(url=PLACE, certificates=thumbprints)


async def test_it_opens_no_connection_for_subscriptions(bound):
    token = await bound_token(bound)
    places = {PLACE: "gateway", AUDIENCE: "gateway"}
    for htu, why in places.items():
        sent = proof(bound.clock(), bound.server.nonces.current(), htm="GET", htu=htu, token=token)

        with pytest.raises(NotAuthenticated, match=why):
            await verifier(bound).verify_connection(showing(**connection(ITS)), f"DPoP {token}", [sent])
