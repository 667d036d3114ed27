"""Every operation leaves one record in the ledger before it is answered, and without the ledger nothing is answered."""

import hashlib
import json
from datetime import UTC

import psycopg
import pytest

from hub.database import conninfo
from hub.ledger.pseudonym import Pseudonyms
from tests.graphql.hub import OWNERS
from tests.graphql.records import NAMES


@pytest.fixture
def records(cluster, own_database):
    """Bodies of the ledger, the oldest first."""

    def read():
        with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as connection:
            rows = connection.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
        return [json.loads(bytes(body)) for (body,) in rows]

    return read


async def test_a_read_is_recorded_with_who_why_what_and_whose(own_hub, records):
    query = "{ cases(first: 3, where: {reportChannel: {isNull: false}}) { nodes { id victims { nodes { sex } } } } }"
    await own_hub.data(query, scopes=("case:read", "victim:read", "victim.child:read"))
    asked = await own_hub.data(
        "{ cases(first: 3, where: {reportChannel: {isNull: false}}) { nodes { id victims { nodes { id } } } } }",
        scopes=("case:read", "victim:read", "victim.child:read"),
    )
    (body, _) = records()
    shown = [one["id"] for one in asked["cases"]["nodes"]]
    shown += [victim["id"] for one in asked["cases"]["nodes"] for victim in one["victims"]["nodes"]]
    name = Pseudonyms(own_hub.keyring).of

    assert len(body.pop("grants")) == len(OWNERS)
    assert len(body.pop("request_id")) == 16
    assert body == {
        "form": 2,
        "at": own_hub.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "kind": "query",
        "client_id": "one",
        "account_id": None,
        "agency": "POLRI",
        "purpose": "protection",
        "outcome": "answered",
        "code": None,
        "operation": hashlib.sha256(query.encode()).hexdigest(),
        "coordinates": [
            "Case",
            "Case.id",
            "Case.victims",
            "CaseConnection",
            "CaseConnection.nodes",
            "CaseFilter.reportChannel",
            "Query",
            "Query.cases",
            "ReportChannelFilter.isNull",
            "Victim",
            "Victim.sex",
            "VictimConnection",
            "VictimConnection.nodes",
        ],
        "subjects": sorted({name(one) for one in shown}),
        "row_count": len(shown),
        "counted": None,
        "about": None,
        "release": None,
        "as_of": [],
    }


async def test_a_count_names_those_counted_while_they_are_few(own_hub, records):
    ((one,),) = await own_hub.rows("SELECT min(police_report) FROM golden_case")
    few = "query ($p: String!) { cases(where: {policeReport: {eq: $p}}) { totalCount } }"
    counted = (await own_hub.data(few, {"p": one}))["cases"]["totalCount"]
    await own_hub.data("{ victims { totalCount } }")
    small, large = records()

    assert (small["counted"], len(small["subjects"]), small["row_count"]) == (counted, counted, 0)
    assert large["counted"] == len(large["subjects"])  # fewer than a hundred are in the filled database
    assert one not in json.dumps(small)


async def test_the_answer_has_no_trace_of_the_marks(own_hub):
    response = await own_hub.ask(
        '{ cases { totalCount nodes { id } edges { cursor } } victim(id: "x") { id } }'
    )

    assert ":r:" not in response.text
    assert ":n:" not in response.text


async def test_a_match_is_recorded_with_whom_it_told_of(own_hub, records):
    query = "query ($n: String!) { personMatch(nik: $n) { known } }"
    token = await own_hub.new_token(
        {"victim:read", "victim.child:read", "victim.identity:read", "person:match"}
    )
    victims = (await own_hub.ask("{ victims { nodes { id nik } } }", token=token)).json()
    known = next(one for one in victims["data"]["victims"]["nodes"] if one["nik"])
    await own_hub.ask(query, {"n": known["nik"]}, token=token)
    await own_hub.ask(query, {"n": "9901010101800001"}, token=token)
    _, found, nobody = records()

    assert Pseudonyms(own_hub.keyring).of(known["id"]) in found["subjects"]
    assert (nobody["subjects"], nobody["row_count"]) == ([], 0)
    assert known["nik"] not in json.dumps(records())


async def test_what_was_refused_is_recorded_with_what_was_not_covered(own_hub, records):
    await own_hub.ask("{ victims { nodes { fullName } } }", scopes=("case:read",))
    await own_hub.ask("{ nothing }")
    refused, malformed = records()

    assert (refused["outcome"], refused["code"], refused["coordinates"], refused["subjects"]) == (
        "refused",
        "FORBIDDEN",
        ["Query.victims", "Victim", "Victim.fullName"],
        [],
    )
    assert (malformed["outcome"], malformed["code"]) == ("refused", "BAD_USER_INPUT")


async def test_no_identity_is_in_the_ledger(own_hub, records):
    query = "{ victims { nodes { fullName nik phone address documents { nodes { number } } } } }"
    response = await own_hub.ask(query)
    assert any(name.split()[0] in response.text for name in NAMES)

    ledger = json.dumps(records())

    assert not [word for name in NAMES for word in name.split() if word in ledger]


async def test_without_the_ledger_nothing_is_answered_and_with_it_again_all_is_well(
    own_hub, cluster, own_database, records
):
    query = "{ cases { nodes { id } } }"
    await own_hub.data(query)
    with psycopg.connect(conninfo(cluster.url("hub_owner", own_database)), autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON audit.record FROM hub_service")
        try:
            without = [await own_hub.ask(query), await own_hub.ask("{ victims { nodes { id } } }", scopes=())]
        finally:
            owner.execute("GRANT INSERT ON audit.record TO hub_service")
    again = await own_hub.ask(query)

    for response in without:
        assert response.status_code == 500
        (error,) = response.json()["errors"]
        assert response.json().keys() == {"errors"}
        assert error["extensions"].keys() == {"code", "requestId"}
    assert again.status_code == 200
    assert len(records()) == 2


async def test_a_search_by_name_is_recorded_with_whom_it_found_and_without_the_name(own_hub, records):
    everybody = await own_hub.data("{ victims(first: 100) { nodes { id fullName } } }")
    one = next(one for one in everybody["victims"]["nodes"] if one["fullName"])
    query = "query ($n: String!) { victims(where: {fullName: {matches: $n}}) { nodes { id } } }"

    for name in (one["fullName"], "Tiada Siapapun"):
        await own_hub.data(query, {"n": name})

    found, nobody = records()[-2:]
    assert "VictimFilter.fullName" in set(found["coordinates"]) & set(nobody["coordinates"])
    assert found["subjects"] == [Pseudonyms(own_hub.keyring).of(one["id"])]
    assert nobody["subjects"] == []
    assert one["fullName"] not in json.dumps(found)
