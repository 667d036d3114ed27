"""Emergencies, conflicts of interest and clients at the console."""

from uuid import uuid4

import pytest

from auth import clients
from hub.database import open_pool
from hub.ledger.sealer import Sealer
from tests.auth.parties import enrol, grant
from tests.console.conftest import NEWCOMER
from tests.console.officer import Officer, words
from tests.graphql.officers import POLICE, SHELTER, as_person

DECLARE = 'mutation ($c: ID!) { declareEmergency(caseId: $c, reason: CHILD_AT_RISK, words: "a child at the harbour") { id } }'
AUDITOR = "https://sso.example#auditor"
EMERGENCIES = "{ emergencies { id verdict } }"


@pytest.fixture
async def emergency(hub):
    """Its id: declared by a client of the police."""
    async with hub.engine.begin() as connection:
        await connection.run_sync(
            grant, hub.clock(), "one", scopes=["break-glass:use"], purposes=["protection"]
        )
    token = await hub.new_token({"break-glass:use"}, "one")
    answer = (await hub.ask(DECLARE, {"c": str(uuid4())}, token=token)).json()
    return answer["data"]["declareEmergency"]["id"]


async def test_an_officer_of_an_agency_that_was_told_gives_the_verdict(hub, police, emergency):
    overview = words(await police.get(""))
    page = await police.get(f"/emergencies/{emergency}")
    hasty = await police.fill(page, verdict="JUSTIFIED", words="yes")
    empty = await police.fill(page, words="no verdict was chosen")
    sent = await police.fill(hasty, verdict="JUSTIFIED", words="the child was found there")
    after = await police.get(sent.headers["Location"].removeprefix("/console"))
    again = await police.fill(page, verdict="UNJUSTIFIED", words="another opinion of it")

    assert "Emergencies to review: 1" in overview
    assert "a child at the harbour" in words(page)
    assert [one.status_code for one in (hasty, empty, sent, after, again)] == [409, 400, 303, 200, 409]
    assert "no verdict was chosen" in words(empty)
    assert "justified" in words(after)
    assert (await as_person(hub, POLICE, EMERGENCIES))["data"]["emergencies"] == [
        {"id": emergency, "verdict": "JUSTIFIED"}
    ]


async def test_an_unjustified_one_suspends_its_client_at_the_next_request(hub, police, emergency):
    token = await hub.new_token({"case:read"}, "one")
    before = await hub.ask("{ me { clientId } cases { totalCount } }", token=token)
    page = await police.get(f"/emergencies/{emergency}")

    await police.fill(page, verdict="UNJUSTIFIED", words="there was no such danger")

    after = await hub.ask("{ cases { totalCount } }", token=token)
    assert (before.status_code, after.status_code) == (200, 403)


async def test_an_officer_of_an_agency_that_was_not_told_finds_no_emergency(hub, emergency):
    shelter = await Officer(hub, SHELTER).log_in()
    token = await shelter.csrf()

    looked = await shelter.get(f"/emergencies/{emergency}")
    form = {"csrf": token, "verdict": "JUSTIFIED", "words": "of somebody else's business"}
    forced = await shelter.post(f"/emergencies/{emergency}/review", form)

    assert (looked.status_code, forced.status_code) == (404, 404)
    assert await hub.rows("SELECT count(*) FROM emergency_review") == [(0,)]


async def excluded(hub):
    return await hub.rows("SELECT approved_at IS NOT NULL, lifted_at IS NOT NULL FROM exclusion")


async def test_a_case_is_closed_by_two_officers_and_opened_by_another_than_who_closed_it(
    hub, proposer, approver
):
    form = await proposer.get("/exclusions/propose")
    wrong = await proposer.fill(form, case_id="6", kind="CLIENT", excluded=NEWCOMER, reason="a relative")
    sent = await proposer.fill(
        wrong, case_id=str(uuid4()), kind="CLIENT", excluded=NEWCOMER, reason="a relative works there"
    )
    path = sent.headers["Location"].removeprefix("/console")
    own = await proposer.get(path)
    forced = await proposer.post(f"{path}/approve", {"csrf": await proposer.csrf()})
    waiting = words(await approver.get(""))
    approved = await approver.fill(await approver.get(path), "Approve")
    holds = await excluded(hub)
    lifted = await approver.fill(await approver.get(path), "Lift")

    assert (wrong.status_code, "a relative" in words(wrong)) == (400, True)
    assert "You proposed it; another officer approves or lifts it." in words(own)
    assert forced.status_code == 409
    assert "Conflicts of interest that await a second officer: 1" in waiting
    assert (approved.status_code, holds, lifted.status_code) == (303, [(True, False)], 303)
    assert await excluded(hub) == [(True, True)]


async def test_an_officer_of_the_excluded_agency_finds_nothing_of_it(hub, proposer, police):
    form = await proposer.get("/exclusions/propose")
    sent = await proposer.fill(
        form, case_id=str(uuid4()), kind="AGENCY", excluded="POLRI", reason="their own people"
    )
    path = sent.headers["Location"].removeprefix("/console")
    token = await police.csrf()

    looked = await police.get(path)
    listed = await police.get("/exclusions")
    forced = await police.post(f"{path}/approve", {"csrf": token})

    assert (looked.status_code, forced.status_code) == (404, 404)
    assert "their own people" not in listed.text
    assert await excluded(hub) == [(False, False)]


async def test_an_officer_suspends_a_client_of_their_agency_and_of_no_other(hub, police, approver):
    token = await hub.token()
    shelter = await Officer(hub, SHELTER).log_in()
    theirs = await police.get("/clients")
    foreign = await shelter.post("/clients/suspend", {"csrf": await shelter.csrf(), "client_id": "one"})
    sent = await police.fill(theirs, "Suspend one now")
    again = await police.post("/clients/suspend", {"csrf": await police.csrf(), "client_id": "one"})
    itself = await approver.post(
        "/clients/suspend", {"csrf": await approver.csrf(), "client_id": clients.CONSOLE}
    )

    assert NEWCOMER not in words(theirs)
    assert [one.status_code for one in (foreign, sent, again, itself)] == [409, 303, 409, 409]
    assert (await hub.ask("{ cases { totalCount } }", token=token)).status_code == 401
    assert "suspended" in words(await police.get("/clients"))


async def test_trusted_issuers_and_seals_are_shown(hub, database, proposer):
    async with hub.engine.begin() as connection:
        held = {"scopes": ["audit:read"], "purposes": ["subject-request"], "jurisdictions": ()}
        await connection.run_sync(enrol, hub.clock(), AUDITOR, "POLRI", **held)
    auditor = await Officer(hub, AUDITOR).log_in()

    issuers = words(await proposer.get("/issuers"))
    none = await auditor.get("/seals")
    async with open_pool(database.service_url, size=1, name="seal", role="hub_sealer") as pool:
        sealed = await Sealer(pool, hub.keyring, hub.clock).seal_all()
    some = words(await auditor.get("/seals"))

    assert "https://sso.example" in issuers
    assert "Trusted now" in issuers
    assert "There was no seal in the last 15 minutes." in words(none)
    assert sealed == 2
    assert "The last seal is less than 15 minutes old." in some
