"""The read ledger at the console: what an officer finds in it, and that looking is found too."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from hub.clock import WIB
from tests.auth.parties import Clock, enrol, grant
from tests.console.conftest import NEWCOMER
from tests.console.officer import Officer, words

AUDITOR = "https://sso.example#auditor"
SHELTER_AUDITOR = "https://sso.example#shelter-auditor"
DECLARE = 'mutation ($c: ID!) { declareEmergency(caseId: $c, reason: CHILD_AT_RISK, words: "a child at the harbour") { id } }'


@pytest.fixture
def clock() -> Clock:
    """Stands at the present: records have the time of the database."""
    found = Clock()
    found.moment = datetime.now(UTC)
    return found


async def declared(hub) -> str:
    """The id of an emergency of a client of the police."""
    async with hub.engine.begin() as connection:
        held = {"scopes": ["break-glass:use"], "purposes": ["protection"]}
        await connection.run_sync(grant, hub.clock(), "one", **held)
    token = await hub.new_token({"break-glass:use"}, "one")
    answer = (await hub.ask(DECLARE, {"c": str(uuid4())}, token=token)).json()
    return answer["data"]["declareEmergency"]["id"]


async def test_an_officer_finds_who_read_what_their_agency_owns_and_each_look_is_found_too(hub):
    async with hub.engine.begin() as connection:
        for account_id, agency in ((AUDITOR, "POLRI"), (SHELTER_AUDITOR, "KEMENSOS")):
            held = {
                "scopes": ["audit:read"],
                "purposes": ["subject-request"],
                "jurisdictions": (),
                "owner": agency,
            }
            await connection.run_sync(enrol, hub.clock(), account_id, agency, **held)
        await connection.run_sync(grant, hub.clock(), NEWCOMER, scopes=["case:read"], owner="POLRI")
    token = await hub.new_token({"case:read"}, NEWCOMER)
    assert (await hub.ask("{ cases { totalCount } }", token=token)).status_code == 200
    owner, other = [await Officer(hub, one).log_in() for one in (AUDITOR, SHELTER_AUDITOR)]
    day = {"day": datetime.now(WIB).date().isoformat()}

    of_owner = await owner.get("/ledger", params=day | {"client": NEWCOMER})
    of_other = await other.get("/ledger", params=day | {"client": NEWCOMER})
    again = words(await owner.get("/ledger", params=day))
    none = words(await owner.get("/ledger", params={"day": "2020-02-29"}))
    odd = [await owner.get("/ledger", params={"day": one}) for one in ("9999-12-31", "2020-02-30", "x", "")]

    assert "Records: 1." in words(of_owner)
    assert "Query.cases" in words(of_owner)
    assert "Records: 0." in words(of_other)
    assert "Console.ledger" in again
    assert "Ministry of Social Affairs" not in again.partition("Records:")[2]
    assert "Records: 0." in none
    assert [one.status_code for one in odd] == [200] * 4


async def test_what_was_read_under_an_emergency_is_shown_to_who_may_read_the_ledger(hub, police):
    emergency, second = await declared(hub), await declared(hub)
    async with hub.engine.begin() as connection:
        held = {
            "scopes": ["scope:manage", "audit:read"],
            "purposes": ["subject-request"],
            "jurisdictions": (),
        }
        await connection.run_sync(enrol, hub.clock(), AUDITOR, "POLRI", **held)
    auditor = await Officer(hub, AUDITOR).log_in()
    token = await hub.new_token({"case:read"}, "one", purpose="emergency")
    assert (await hub.ask("{ cases { totalCount } }", token=token)).status_code == 200
    ordinary = await hub.new_token({"case:read"}, "one")
    assert (await hub.ask("{ cases { totalCount } }", token=ordinary)).status_code == 200

    without = words(await police.get(f"/emergencies/{emergency}"))
    pages = [words(await auditor.get(f"/emergencies/{one}")) for one in (emergency, second)]

    assert "What was read" not in without
    assert all("What was read, records: 1" in one for one in pages)
    assert all("Query.cases" in one for one in pages)
