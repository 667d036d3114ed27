"""Operations by their hash: listed by two officers, guarded as any other, and for some clients the only ones."""

import hashlib
import json

import psycopg
import pytest

from hub.database import conninfo
from tests.graphql.hub import OFFICER, running
from tests.graphql.officers import APPROVES, IMMIGRATION, POLICE, PROPOSES, as_person, enrol_officers

CASES = "query Cases($first: Int! = 2) {\n  cases(first: $first) { totalCount nodes { id } }\n}\n"
SHAPE = {"version": 1, "sha256Hash": hashlib.sha256(CASES.encode()).hexdigest()}
PROPOSE = """mutation ($c: String!, $d: String!, $p: String, $e: DateTime!) {
    made: proposeOperation(clientId: $c, document: $d, purpose: $p, expiresAt: $e) { id state names sha256Hash } }"""
APPROVE = "mutation ($i: ID!) { made: approveOperation(id: $i) { id state approvedBy } }"
REMOVE = "mutation ($i: ID!) { made: removeOperation(id: $i) { id state removedBy } }"
NARROW = """mutation ($c: String!, $l: Boolean!) {
    made: setListedOnly(clientId: $c, listedOnly: $l, reason: "of a test") { clientId listedOnly } }"""
LISTS = "{ operationLists { clientId listedOnly operations { state names document purpose } } }"


@pytest.fixture
def records(cluster, own_database):
    """Bodies of the ledger, the oldest first."""

    def read():
        with psycopg.connect(conninfo(cluster.url("hub_owner", own_database))) as connection:
            rows = connection.execute("SELECT body FROM audit.record ORDER BY id").fetchall()
        return [json.loads(bytes(body)) for (body,) in rows]

    return read


@pytest.fixture
async def hub(own_hub):
    await enrol_officers(own_hub)
    return own_hub


async def propose(
    hub, account=PROPOSES, document=CASES, client="two", purpose=None, until="2026-06-01T00:00:00Z"
):
    variables = {"c": client, "d": document, "p": purpose, "e": until}
    return await as_person(hub, account, PROPOSE, variables)


async def listed(hub, **changes):
    """The id of an operation that is on the list, which every replica knows by now."""
    made = (await propose(hub, **changes))["data"]["made"]
    answer = await as_person(hub, APPROVES, APPROVE, {"i": made["id"]})
    assert answer["data"]["made"] == {"id": made["id"], "state": "LISTED", "approvedBy": APPROVES}
    hub.clock.forward(seconds=2)
    return made["id"]


async def narrow(hub, account=POLICE, listed_only=True, client="two"):
    answer = await as_person(hub, account, NARROW, {"c": client, "l": listed_only})
    hub.clock.forward(seconds=2)
    return answer


async def by_hash(hub, client="two", scopes=("case:read",), named=None, **members):
    """Status and answer to a request that has no document."""
    extensions = {"persistedQuery": SHAPE if named is None else named}
    members = {"query": None, "extensions": extensions} | members
    response = await hub.ask(members.pop("query"), client=client, scopes=scopes, **members)
    return response.status_code, response.json()


def codes(answer):
    return [(error["extensions"]["code"], error["message"]) for error in answer["errors"]]


UNKNOWN = (400, {"errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "BAD_USER_INPUT"}}]})


async def test_a_hash_is_answered_from_when_a_second_officer_has_listed_it_until_one_removes_it(hub):
    before = await by_hash(hub)
    made = (await propose(hub))["data"]["made"]
    own = await as_person(hub, PROPOSES, APPROVE, {"i": made["id"]})
    hub.clock.forward(seconds=2)
    proposed = await by_hash(hub)
    await as_person(hub, APPROVES, APPROVE, {"i": made["id"]})
    again = await as_person(hub, APPROVES, APPROVE, {"i": made["id"]})
    hub.clock.forward(seconds=2)
    status, answer = await by_hash(hub, variables={"first": 1})
    others = await by_hash(hub, client="one")
    removed = await as_person(hub, PROPOSES, REMOVE, {"i": made["id"]})
    hub.clock.forward(seconds=2)
    after = await by_hash(hub)

    assert made == {
        "id": made["id"],
        "state": "PROPOSED",
        "names": ["Cases"],
        "sha256Hash": SHAPE["sha256Hash"],
    }
    assert codes(own) == [("CONFLICT", "Whoever proposed may not approve.")]
    assert codes(again) == [("CONFLICT", "Somebody has decided this already.")]
    assert (status, answer["data"]) == (200, await hub.data(CASES, {"first": 1}))
    assert removed["data"]["made"] == {"id": made["id"], "state": "REMOVED", "removedBy": PROPOSES}
    assert [before, proposed, others, after] == [UNKNOWN] * 4


async def test_every_replica_knows_a_decision_within_two_seconds_and_asks_no_sooner(
    hub, cluster, own_database, key_file
):
    url = cluster.url("hub_service", own_database)
    async with running(url, key_file, hub.clock) as replica:
        operation = await listed(hub)
        first = await by_hash(replica)
        await as_person(hub, PROPOSES, REMOVE, {"i": operation})
        hub.clock.forward(seconds=1.9)
        known = await by_hash(replica)
        hub.clock.forward(seconds=0.1)
        gone = await by_hash(replica)

    assert [first[0], known[0], gone] == [200, 200, UNKNOWN]


async def test_a_listed_operation_is_guarded_and_recorded_as_any_other(hub, records):
    await listed(hub)

    status, refused = await by_hash(hub, scopes=("person:match",))
    await by_hash(hub)
    by_text = await hub.ask(CASES, scopes=("person:match",))

    refusal, hashed, text = records()[-3:]
    assert (status, refused) == (403, by_text.json())
    assert hashed["operation"] == SHAPE["sha256Hash"]
    assert hashed["coordinates"] == [
        "Case",
        "Case.id",
        "CaseConnection",
        "CaseConnection.nodes",
        "CaseConnection.totalCount",
        "Query",
        "Query.cases",
    ]
    assert {name: refusal[name] for name in ("outcome", "code", "coordinates")} == {
        name: text[name] for name in ("outcome", "code", "coordinates")
    }


async def test_a_client_of_listed_operations_alone_may_send_nothing_else(hub, records):
    await listed(hub)
    told = await narrow(hub)

    status, answer = await by_hash(hub)
    text = await hub.ask(CASES, scopes=("case:read",), client="two")
    both = await hub.ask(CASES, scopes=("case:read",), client="two", extensions={"persistedQuery": SHAPE})
    rubbish = await hub.ask("{ nothing", scopes=("case:read",), client="two")
    unknown = await by_hash(hub, named=SHAPE | {"sha256Hash": "0" * 64})
    other = await hub.ask(CASES, scopes=("case:read",))

    refusals = [one for one in records() if one.get("code") == "FORBIDDEN"]
    said = {
        "errors": [
            {
                "message": "This client may send operations of its list alone, each by"
                " extensions.persistedQuery.sha256Hash and without a query.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ]
    }
    assert told["data"]["made"] == {"clientId": "two", "listedOnly": True}
    assert (status, answer["data"]["cases"]["totalCount"]) == (
        200,
        other.json()["data"]["cases"]["totalCount"],
    )
    assert [(one.status_code, one.json()) for one in (text, both, rubbish)] == [(403, said)] * 3
    assert unknown == UNKNOWN
    assert [(one["client_id"], one["outcome"], one["coordinates"]) for one in refusals] == [
        ("two", "refused", [])
    ] * 3


async def test_a_document_beside_its_hash_is_an_ordinary_one_and_is_not_registered(hub):
    matching = await hub.ask(CASES, scopes=("case:read",), extensions={"persistedQuery": SHAPE})
    other = await hub.ask("{ __typename }", extensions={"persistedQuery": SHAPE})

    assert (matching.status_code, "errors" in matching.json()) == (200, False)
    assert (other.status_code, codes(other.json())) == (
        400,
        [("BAD_USER_INPUT", "extensions.persistedQuery.sha256Hash is not that of the query beside it")],
    )
    assert await by_hash(hub) == UNKNOWN


@pytest.mark.parametrize(
    "named",
    [
        {"version": 2, "sha256Hash": "0" * 64},
        {"version": 1},
        {"version": 1, "sha256Hash": "0" * 63},
        {"version": 1, "sha256Hash": ["0" * 64]},
        "0" * 64,
        [],
    ],
    ids=str,
)
async def test_a_hash_of_another_form_is_told_so(own_hub, named):
    assert await by_hash(own_hub, named=named) == (
        400,
        {
            "errors": [
                {
                    "message": "extensions.persistedQuery is {version: 1, sha256Hash: 64 hexadecimal digits}",
                    "extensions": {"code": "BAD_USER_INPUT"},
                }
            ]
        },
    )


async def test_an_operation_is_listed_for_a_purpose_and_until_a_day(hub):
    await listed(hub, purpose="investigation", until="2026-03-10T00:00:00Z")
    refused = await by_hash(hub)
    token = await hub.new_token({"case:read"}, "two", "investigation")
    served = await by_hash(hub, token=token)
    hub.clock.forward(days=8)
    over = await by_hash(hub, token=await hub.new_token({"case:read"}, "two", "investigation"))

    assert refused[0] == 403
    assert codes(refused[1]) == [
        ("PURPOSE_NOT_ALLOWED", "The operation is not listed for the token's purpose.")
    ]
    assert served[0] == 200
    assert over == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": '{ case(id: "x") { id } }'}, "BAD_USER_INPUT"),
        ({"document": 'query ($n: String! = "x") { personMatch(nik: $n) { known } }'}, "BAD_USER_INPUT"),
        ({"document": "{ cases { nodes { nothing } } }"}, "BAD_USER_INPUT"),
        ({"document": "{ cases "}, "BAD_USER_INPUT"),
        ({"document": CASES + "# \0"}, "BAD_USER_INPUT"),
        ({"document": f"{{ {' '.join(f'a{at}: __typename' for at in range(31))} }}"}, "QUERY_TOO_COSTLY"),
        ({"client": "nobody"}, "CONFLICT"),
        ({"client": "\0"}, "CONFLICT"),
        ({"purpose": "curiosity"}, "CONFLICT"),
        ({"until": "2026-03-01T00:00:00Z"}, "CONFLICT"),
        ({"until": "2027-04-01T00:00:00Z"}, "CONFLICT"),
        ({"account": IMMIGRATION}, "CONFLICT"),
    ],
    ids=str,
)
async def test_what_may_not_be_listed_is_refused(hub, changes, code):
    answer = await propose(hub, **changes)

    assert [one for one, _ in codes(answer)] == [code]
    assert await hub.rows("SELECT count(*) FROM listed_operation") == [(0,)]


async def test_letting_a_client_send_others_again_takes_another_officer(hub):
    await narrow(hub)
    twice = await narrow(hub)
    own = await narrow(hub, listed_only=False)
    stranger = await narrow(hub, IMMIGRATION, listed_only=False)
    still = await hub.ask(CASES, scopes=("case:read",), client="two")
    widened = await narrow(hub, APPROVES, listed_only=False)
    opened = await hub.ask(CASES, scopes=("case:read",), client="two")

    assert [one for answer in (twice, own, stranger) for one, _ in codes(answer)] == ["CONFLICT"] * 3
    assert [still.status_code, opened.status_code] == [403, 200]
    assert widened["data"]["made"] == {"clientId": "two", "listedOnly": False}
    assert await hub.rows(
        "SELECT version, is_listed_only, narrowed_by, decided_by FROM listed_only ORDER BY 1"
    ) == [
        (1, True, None, POLICE),
        (2, False, POLICE, APPROVES),
    ]


async def test_nobody_narrows_the_client_that_they_are_using(hub):
    answer = await narrow(hub, client="one")

    assert codes(answer) == [
        ("CONFLICT", "clientId: not the client that you are using: it could not send what takes this back")
    ]


async def test_what_opens_needs_a_login_of_the_last_five_minutes(hub):
    made = (await propose(hub))["data"]["made"]
    await narrow(hub)
    logged_in = hub.clock()
    hub.clock.forward(minutes=6)
    token = await hub.person_token(OFFICER, APPROVES, purpose="subject-request", logged_in=logged_in)

    answers = [
        await hub.ask(APPROVE, {"i": made["id"]}, token=token),
        await hub.ask(NARROW, {"c": "two", "l": False}, token=token),
    ]

    assert [(one.status_code, one.json()["errors"][0]["extensions"]["code"]) for one in answers] == [
        (401, "UNAUTHENTICATED")
    ] * 2


async def test_officers_see_the_lists_of_their_own_agency(hub):
    await listed(hub)

    seen = await as_person(hub, POLICE, LISTS)
    hidden = await as_person(hub, IMMIGRATION, LISTS)

    one = {"state": "LISTED", "names": ["Cases"], "document": CASES, "purpose": None}
    assert seen["data"] == {"operationLists": [{"clientId": "two", "listedOnly": False, "operations": [one]}]}
    assert hidden["data"] == {"operationLists": []}


async def test_four_eyes_are_a_rule_of_the_tables(hub, cluster, own_database):
    made = (await propose(hub))["data"]["made"]
    await narrow(hub)

    with psycopg.connect(conninfo(cluster.url("hub_service", own_database)), autocommit=True) as service:
        for statement, values in (
            (
                "INSERT INTO listing_decision VALUES (%s, %s, 'APPROVED', %s, now())",
                (made["id"], PROPOSES, PROPOSES),
            ),
            ("INSERT INTO listed_only VALUES ('two', 2, false, %s, %s, now(), 'x')", (POLICE, POLICE)),
            ("INSERT INTO listed_only VALUES ('two', 2, false, NULL, %s, now(), 'x')", (POLICE,)),
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                service.execute(statement.encode(), values)
