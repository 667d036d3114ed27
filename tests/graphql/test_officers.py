"""Officers over the API: grants from proposal to expiry, each decision in the ledger, and an operation whole or not at all."""

import json
from datetime import timedelta

import psycopg
import pytest

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub.database import conninfo
from tests.graphql.hub import NATION, OFFICER, PRIVATE
from tests.graphql.officers import (
    APPROVES,
    IMMIGRATION,
    POLICE,
    PROPOSES,
    SHELTER,
    as_person,
    client,
    enrol_officers,
)

PROPOSE = "mutation ($p: GrantInput!) { proposeGrant(proposal: $p) { id version state needsOwner } }"
DECIDE = """mutation ($i: ID!, $v: Int!, $d: GrantDecisionKind!) {
    decideGrant(id: $i, version: $v, decision: $d, reason: "seen") { state decisions { kind decidedBy } } }"""
CASES = "{ cases { totalCount } }"


@pytest.fixture
async def officers(own_hub):
    await enrol_officers(own_hub)
    await client(own_hub, "newcomer", agency="IMIGRASI")
    return own_hub


def proposal(hub, **changes):
    full = {
        "grantee": "newcomer",
        "owner": "POLRI",
        "scopes": ["case:read"],
        "purposes": ["protection"],
        "legalBasis": "UU PDP art. 20(2)(d)",
        "agreement": "PKS/9/2026",
        "justification": "protection of victims at the border",
        "jurisdictions": list(NATION),
        "validFrom": hub.clock().isoformat(),
        "validTo": (hub.clock() + timedelta(days=30)).isoformat(),
    }
    return {"p": full | changes}


async def propose(hub, account=PROPOSES, **changes):
    answer = await as_person(hub, account, PROPOSE, proposal(hub, **changes))
    assert "errors" not in answer, answer
    return answer["data"]["proposeGrant"]


async def decide(hub, account, made, decision):
    variables = {"i": made["id"], "v": made["version"], "d": decision}
    return await as_person(hub, account, DECIDE, variables)


def codes(answer):
    return [error["extensions"]["code"] for error in answer["errors"]]


async def test_a_grant_opens_at_the_next_request_and_closes_at_its_end(officers):
    hub = officers
    refused = await hub.http.post("/oauth/token", data=await _form(hub))
    made = await propose(hub, scopes=["case:read", "victim:read"])
    half = await decide(hub, APPROVES, made, "APPROVED")
    whole = await decide(hub, POLICE, made, "OWNER_APPROVED")
    token = await hub.new_token({"case:read"}, "newcomer")
    opened = await hub.ask(CASES, token=token)
    revoked = await decide(hub, SHELTER, made, "REVOKED")
    await decide(hub, POLICE, made, "REVOKED")
    closed = await hub.ask(CASES, token=token)

    assert refused.json()["error"] == "invalid_scope"
    assert made | {"id": ""} == {"id": "", "version": 1, "state": "PROPOSED", "needsOwner": True}
    assert half["data"]["decideGrant"]["state"] == "PROPOSED"
    assert whole["data"]["decideGrant"] == {
        "state": "ACTIVE",
        "decisions": [
            {"kind": "APPROVED", "decidedBy": APPROVES},
            {"kind": "OWNER_APPROVED", "decidedBy": POLICE},
        ],
    }
    assert opened.json()["data"]["cases"]["totalCount"] > 0
    assert codes(revoked) == ["CONFLICT"]
    assert closed.status_code == 403


async def _form(hub):
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": client_assertion(PRIVATE, "newcomer", hub.issuer, hub.clock()),
        "scope": "case:read",
        "purpose": "protection",
    }


async def test_a_grant_is_over_at_its_end_without_anything_having_run(officers):
    hub = officers
    made = await propose(hub)
    await decide(hub, POLICE, made, "APPROVED")
    hub.clock.forward(days=29, hours=23, minutes=59)
    token = await hub.new_token({"case:read"}, "newcomer")
    before = await hub.ask(CASES, token=token)
    hub.clock.forward(seconds=59)
    still = await hub.ask(CASES, token=token)
    hub.clock.forward(seconds=1)
    after = await hub.ask(CASES, token=token)

    assert (before.status_code, still.status_code, after.status_code) == (200, 200, 403)


async def test_whoever_proposed_does_not_approve(officers):
    made = await propose(officers, POLICE)

    assert codes(await decide(officers, POLICE, made, "APPROVED")) == ["CONFLICT"]


async def test_an_officer_of_a_third_agency_neither_proposes_nor_decides(officers):
    refused = await as_person(officers, SHELTER, PROPOSE, proposal(officers))
    made = await propose(officers, IMMIGRATION)

    assert codes(refused) == ["CONFLICT"]
    assert codes(await decide(officers, SHELTER, made, "APPROVED")) == ["CONFLICT"]
    assert codes(await decide(officers, IMMIGRATION, made, "APPROVED")) == ["CONFLICT"]


async def test_what_opens_needs_a_login_of_the_last_five_minutes(officers):
    hub = officers
    made = await propose(hub)
    token = await hub.person_token(
        OFFICER, POLICE, purpose="subject-request", logged_in=hub.clock() - timedelta(minutes=6)
    )
    variables = {"i": made["id"], "v": 1, "d": "APPROVED"}
    stale = await hub.ask(DECIDE, variables, token=token)
    closing = await hub.ask(DECIDE, variables | {"d": "REFUSED"}, token=token)

    assert stale.status_code == 401
    assert 'error="insufficient_user_authentication", max_age="300"' in stale.headers["WWW-Authenticate"]
    assert closing.json()["data"]["decideGrant"]["state"] == "REFUSED"


async def test_an_operation_of_several_decisions_stands_or_falls_as_a_whole(officers, cluster, own_database):
    hub = officers
    both = """mutation ($p: GrantInput!, $q: GrantInput!) {
        a: proposeGrant(proposal: $p) { id } b: proposeGrant(proposal: $q) { id } }"""
    good, bad = proposal(hub)["p"], proposal(hub, agreement="")["p"]
    for first, second in ((good, bad), (bad, good)):
        answer = await as_person(hub, PROPOSES, both, {"p": first, "q": second})
        assert answer["data"] is None
        assert codes(answer) == ["CONFLICT"]
    listed = await as_person(hub, PROPOSES, "{ grants { grantee } }")
    fine = await as_person(hub, PROPOSES, both, {"p": good, "q": good})
    again = await as_person(hub, PROPOSES, "{ grants { grantee } }")
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as owner:
        rows = owner.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
    bodies = [json.loads(bytes(body)) for (body,) in rows]

    def newcomers(answer):
        return [one for one in answer["data"]["grants"] if one["grantee"] == "newcomer"]

    assert (len(newcomers(listed)), len(newcomers(again))) == (0, 2)
    assert [(one["kind"], one["outcome"], one["code"]) for one in bodies] == [
        ("query", "refused", "CONFLICT"),
        ("query", "refused", "CONFLICT"),
        ("query", "answered", None),
        ("decision", "answered", None),
        ("query", "answered", None),
    ]
    assert bodies[3]["about"] == fine["data"]["b"]["id"]
    assert bodies[3]["account_id"] == PROPOSES


async def test_a_decision_that_the_ledger_does_not_have_is_not_taken(officers, cluster, own_database):
    hub = officers
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database)), autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON audit.record FROM hub_service")
        try:
            token = await hub.person_token(OFFICER, PROPOSES, purpose="subject-request")
            response = await hub.ask(PROPOSE, proposal(hub), token=token)
        finally:
            owner.execute("GRANT INSERT ON audit.record TO hub_service")
    listed = await as_person(hub, PROPOSES, "{ grants { grantee } }")

    assert response.status_code == 500
    assert "newcomer" not in json.dumps(listed)


async def test_a_system_decides_nothing(officers):
    hub = officers
    token = await hub.new_token({"case:read"}, "one")
    response = await hub.ask(PROPOSE, proposal(hub), token=token)

    assert response.status_code == 403
