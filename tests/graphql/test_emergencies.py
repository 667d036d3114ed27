"""Emergencies: one case for 15 minutes, told at once, reviewed in time or else; and whom a case is closed to."""

import json

import psycopg
import pytest

from hub.database import conninfo
from hub.ledger.pseudonym import Pseudonyms
from tests.graphql.hub import NATION
from tests.graphql.officers import APPROVES, POLICE, PROPOSES, SHELTER, as_person, client, enrol_officers, ids
from tests.graphql.subscribers import connected, listening

DECLARE = """mutation ($c: ID!) { declareEmergency(caseId: $c, reason: LIFE_IN_DANGER,
    words: "the shelter was threatened by telephone") { id expiresAt dueAt } }"""
REVIEW = """mutation ($i: ID!, $v: EmergencyVerdict!) {
    reviewEmergency(id: $i, verdict: $v, words: "telephone log was seen") { verdict } }"""
EVERYTHING = {"case:read", "victim:read", "victim.child:read", "victim.identity:read", "perpetrator:read"}
LOOK = "query ($c: ID!) { case(id: $c) { id victims { nodes { fullName } } perpetrators { nodes { id } } } cases { totalCount } victims { totalCount } }"


@pytest.fixture
async def counter(own_hub):
    """A hub with a client that holds nothing but the right to declare an emergency."""
    await enrol_officers(own_hub)
    held = {
        "scopes": ("break-glass:use", "statistics:read"),
        "purposes": ("protection",),
        "jurisdictions": NATION,
    }
    await client(own_hub, "counter", {**held, "owner": "KEMENSOS"}, agency="KEMENSOS")
    return own_hub


async def some_case(hub):
    ((one,),) = await hub.rows(
        "SELECT c.case_id FROM golden_case c JOIN golden_victim v USING (case_id) JOIN golden_person p USING (person_id)"
        " WHERE p.full_name IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    )
    return str(one)


async def declare(hub, case_id):
    token = await hub.new_token({"break-glass:use"}, "counter")
    response = await hub.ask(DECLARE, {"c": case_id}, token=token)
    assert "errors" not in response.json(), response.text
    return response.json()["data"]["declareEmergency"]


async def test_an_emergency_opens_one_case_and_nothing_else_for_a_quarter_of_an_hour(counter):
    hub, case_id = counter, await some_case(counter)
    made = await declare(hub, case_id)
    token = await hub.new_token(EVERYTHING, "counter", "emergency")
    response = await hub.ask(LOOK, {"c": case_id}, token=token)
    data, extensions = response.json()["data"], response.json()["extensions"]
    hub.clock.forward(minutes=14)
    late = await hub.new_token(EVERYTHING, "counter", "emergency")
    still = await hub.ask(LOOK, {"c": case_id}, token=late)
    hub.clock.forward(minutes=1)
    after = await hub.ask(LOOK, {"c": case_id}, token=late)

    assert data["case"]["id"] == case_id
    assert any(one["fullName"] for one in data["case"]["victims"]["nodes"])
    assert (data["cases"]["totalCount"], data["victims"]["totalCount"]) == (
        1,
        len(data["case"]["victims"]["nodes"]),
    )
    assert extensions["breakGlass"] == {"review": made["id"], "due": "2026-03-05T08:00:00+00:00"}
    assert (still.status_code, after.status_code) == (200, 403)


async def test_the_officers_of_both_agencies_and_the_secretariat_are_told_at_once(counter):
    hub = counter
    made = await declare(hub, await some_case(hub))

    told = {
        officer: [
            one["id"]
            for one in (await as_person(hub, officer, "{ emergencies { id } }"))["data"]["emergencies"]
        ]
        for officer in (PROPOSES, POLICE, SHELTER, "https://sso.example#immigration")
    }

    assert told == {
        PROPOSES: [made["id"]],
        POLICE: [made["id"]],
        SHELTER: [made["id"]],
        "https://sso.example#immigration": [],
    }


async def test_an_emergency_over_a_case_that_is_not_there_is_answered_alike(counter):
    there = await declare(counter, await some_case(counter))
    nowhere = await declare(counter, "01900000-0000-7000-8000-00000000ffff")

    assert there.keys() == nowhere.keys()
    assert there["dueAt"] == nowhere["dueAt"]


async def test_an_emergency_that_nobody_reviews_suspends_its_client(counter):
    hub = counter
    await declare(hub, await some_case(hub))
    hub.clock.forward(hours=71, minutes=59)
    in_time = await hub.new_token({"statistics:read"}, "counter")
    before = await hub.ask("{ me { scopes } }", token=in_time)
    hub.clock.forward(minutes=1)
    after = await hub.ask("{ me { scopes } }", token=in_time)

    assert before.json()["data"]["me"]["scopes"] == ["statistics:read"]
    assert after.json()["data"]["me"]["scopes"] == []


async def test_a_reviewed_one_does_not(counter):
    hub = counter
    made = await declare(hub, await some_case(hub))
    reviewed = await as_person(hub, POLICE, REVIEW, {"i": made["id"], "v": "JUSTIFIED"})
    twice = await as_person(hub, SHELTER, REVIEW, {"i": made["id"], "v": "UNJUSTIFIED"})
    stranger = await as_person(
        hub, "https://sso.example#immigration", REVIEW, {"i": made["id"], "v": "JUSTIFIED"}
    )
    hub.clock.forward(hours=73)
    token = await hub.new_token({"statistics:read"}, "counter")

    assert reviewed["data"]["reviewEmergency"] == {"verdict": "JUSTIFIED"}
    assert [one["errors"][0]["extensions"]["code"] for one in (twice, stranger)] == ["CONFLICT", "CONFLICT"]
    assert (await hub.ask("{ me { scopes } }", token=token)).json()["data"]["me"]["scopes"] == [
        "statistics:read"
    ]


async def test_an_unjustified_one_suspends_its_client_at_once(counter):
    hub = counter
    made = await declare(hub, await some_case(hub))
    token = await hub.new_token(EVERYTHING, "counter", "emergency")
    await as_person(hub, APPROVES, REVIEW, {"i": made["id"], "v": "UNJUSTIFIED"})

    assert (await hub.ask(LOOK, {"c": await some_case(hub)}, token=token)).status_code == 403


EXCLUDE = """mutation ($c: ID!, $k: ExclusionKind!, $x: String!) {
    proposeExclusion(caseId: $c, kind: $k, excluded: $x, reason: "a relative works there") { id approvedAt } }"""
APPROVE = "mutation ($i: ID!) { approveExclusion(id: $i) { approvedAt } }"
LIFT = "mutation ($i: ID!) { liftExclusion(id: $i) { liftedAt } }"
SCOPES = (
    "case:read",
    "victim:read",
    "victim.child:read",
    "perpetrator:read",
    "person:match",
    "victim.identity:read",
)
QUESTIONS = (
    "{ cases(first: 100, orderBy: {field: REPORTED_ON}) { totalCount nodes { id modus victims { totalCount } } } }",
    "{ victims(first: 100) { totalCount nodes { id stage case { id } movements { totalCount } } } }",
    "{ perpetrators(first: 100) { totalCount nodes { id case { id } } } }",
)


@pytest.fixture
async def police(own_hub):
    await enrol_officers(own_hub)
    held = {"scopes": SCOPES, "purposes": ("protection",), "jurisdictions": NATION, "owner": "POLRI"}
    for name, unit in (("polda", "Polda Kalbar"), ("polres", "Polres Sambas")):
        await client(own_hub, name, held, unit=unit)
    return own_hub


async def excluded(hub, case_id, kind, whom, *, approve=True):
    made = await as_person(hub, PROPOSES, EXCLUDE, {"c": case_id, "k": kind, "x": whom})
    exclusion = made["data"]["proposeExclusion"]
    if approve:
        await as_person(hub, SHELTER, APPROVE, {"i": exclusion["id"]})
    return exclusion["id"]


@pytest.mark.parametrize(
    ("kind", "whom", "sees"),
    [
        ("AGENCY", "POLRI", (False, False)),
        ("UNIT", "Polda Kalbar", (False, True)),
        ("CLIENT", "polres", (True, False)),
        ("AGENCY", "IMIGRASI", (True, True)),
    ],
)
async def test_a_case_is_closed_to_exactly_whom_it_names(police, kind, whom, sees):
    case_id = await some_case(police)
    await excluded(police, case_id, kind, whom)

    assert (
        tuple([case_id in await ids(police, name, "cases", SCOPES) for name in ("polda", "polres")]) == sees
    )


async def test_an_excluded_caller_sees_no_difference_to_a_hub_without_the_case(police):
    """Every question, every count, every match: byte for byte as if the case and its persons were not there."""
    hub, case_id = police, await some_case(police)
    token = await hub.new_token(SCOPES, "polda")
    named = await hub.ask(
        "query ($c: ID!) { case(id: $c) { victims { nodes { nik } } } }", {"c": case_id}, token=token
    )
    niks = [one["nik"] for one in named.json()["data"]["case"]["victims"]["nodes"] if one["nik"]]
    await excluded(hub, case_id, "UNIT", "Polda Kalbar")

    async def told():
        texts = [(await hub.ask(query, token=token)).text for query in QUESTIONS]
        one = 'query ($c: ID!) { case(id: $c) { id } _entities(representations: [{__typename: "Case", id: $c}]) { __typename } }'
        one = one.replace("$c}", '"' + case_id + '"}')
        texts.append((await hub.ask(one, {"c": case_id}, token=token)).text)
        texts += [
            (
                await hub.ask(
                    "query ($n: String!) { personMatch(nik: $n) { known agencies protected } }",
                    {"n": nik},
                    token=token,
                )
            ).text
            for nik in niks
        ]
        return texts

    kept_out = await told()
    async with hub.pool.connection() as connection:
        for statement in (
            "DELETE FROM golden_victim WHERE case_id = %s",
            "DELETE FROM golden_perpetrator WHERE case_id = %s",
            "DELETE FROM golden_legal_event WHERE case_id = %s",
            "DELETE FROM golden_case WHERE case_id = %s",
        ):
            await connection.execute(statement, (case_id,))

    assert kept_out == await told()
    assert niks
    assert case_id not in "".join(kept_out[:3])


async def test_an_exclusion_takes_two_officers_of_other_agencies_and_is_lifted_by_another(police):
    hub, case_id = police, await some_case(police)
    own = await as_person(hub, POLICE, EXCLUDE, {"c": case_id, "k": "AGENCY", "x": "POLRI"})
    waiting = await excluded(hub, case_id, "AGENCY", "POLRI", approve=False)
    before = await ids(hub, "polda", "cases", SCOPES)
    refused = [await as_person(hub, who, APPROVE, {"i": waiting}) for who in (PROPOSES, POLICE)]
    approved = await as_person(hub, SHELTER, APPROVE, {"i": waiting})
    closed = await ids(hub, "polda", "cases", SCOPES)
    not_lifted = await as_person(hub, PROPOSES, LIFT, {"i": waiting})
    await as_person(hub, APPROVES, LIFT, {"i": waiting})

    assert [one["errors"][0]["extensions"]["code"] for one in (own, *refused, not_lifted)] == ["CONFLICT"] * 4
    assert approved["data"]["approveExclusion"]["approvedAt"]
    assert before - closed == {case_id}
    assert await ids(hub, "polda", "cases", SCOPES) == before


async def test_officers_of_the_excluded_agency_do_not_read_of_it(police):
    hub, case_id = police, await some_case(police)
    await excluded(hub, case_id, "AGENCY", "POLRI")
    query = "{ exclusions { caseId reason } }"

    assert (await as_person(hub, POLICE, query))["data"]["exclusions"] == []
    assert (await as_person(hub, SHELTER, query))["data"]["exclusions"] == [
        {"caseId": case_id, "reason": "a relative works there"}
    ]


async def test_what_a_subscription_tells_under_an_emergency_is_found_by_its_reviewer(
    counter, cluster, own_database
):
    hub, case_id = counter, await some_case(counter)
    made = await declare(hub, case_id)
    token = await hub.new_token(EVERYTHING, "counter", "emergency")
    async with listening(hub.service) as url, connected(url, token=token) as one:
        await one.subscribe(("CASE_CREATED",))
        (told,) = await one.catch_up()
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as owner:
        (body,) = owner.execute("SELECT body FROM audit.record ORDER BY id DESC LIMIT 1").fetchone()
    said = json.loads(bytes(body))

    assert told["data"]["row"] == case_id
    assert (said["kind"], said["about"], said["grants"]) == ("emergency", made["id"], [f"{made['id']}/1"])
    assert said["subjects"] == [Pseudonyms(hub.keyring).of(case_id)]
