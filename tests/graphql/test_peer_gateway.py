"""A third-party gateway before the hub and an agency's subgraph: it joins what they say, and opens nothing that they refuse."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from joserfc.jwk import ECKey

from auth import clients
from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from auth.clients import Client
from hub import database
from hub.clock import now
from hub.database import conninfo
from tests.auth.parties import grant, public
from tests.graphql.federated import federation, requests_of, told
from tests.graphql.hub import CHILDREN, EVERY, PRIVATE, entitle
from tests.graphql.owners import give_owners
from tests.graphql.test_emergencies import DECLARE
from tests.graphql.test_guard import USES
from tests.graphql.watching import ENTRY

pytestmark = [pytest.mark.peer, pytest.mark.timeout(900)]

BOTH = """query ($i: ID!) { case(id: $i) { id caseStatus protectionRequests { id status receivedOn }
    victims(first: 100) { totalCount nodes { id sex } } } }"""
BACK = "{ protectionRequests(first: 100) { id case { id caseStatus victims(first: 3) { totalCount } } } }"
REGIONAL = ("case:read", "victim:read", "protection:read")
SAME_AT_BOTH = """{ cases(first: 100) { totalCount nodes { id caseStatus victims(first: 100) { totalCount nodes { id sex } } } }
    victims(first: 100) { totalCount nodes { id sex case { id } } } }"""


@pytest.fixture(scope="module")
def all_of_it(cluster, filled, key_file, tmp_path_factory):
    """On a database whose rows are of several owners and regions, with a client of one region beside the others."""
    cluster.create_database("graphql_gateway", template=filled.name)
    url = cluster.url("hub_service", "graphql_gateway")
    asyncio.run(_prepare(url))
    with psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("ALTER DATABASE graphql_gateway SET log_statement = 'all'")
    with federation(cluster, "graphql_gateway", key_file, tmp_path_factory.mktemp("federation")) as found:
        yield found


async def _prepare(url):
    async with database.open_pool(url, size=1, name="fill") as pool:
        await give_owners(pool)
    engine = database.open_engine(url, size=1, name="fill")
    async with engine.begin() as bound:
        await bound.run_sync(entitle, now(), "one", "two")
        await bound.run_sync(_register_kalbar)
    await engine.dispose()


def _register_kalbar(connection):
    one = Client(
        client_id="kalbar",
        agency="POLRI",
        description="of a test",
        public_jwks={"keys": [public(PRIVATE)]},
        bearer_allowed=True,
        created_at=now(),
    )
    clients.register(connection, one)
    held = {"scopes": (*REGIONAL, CHILDREN), "purposes": ("protection",), "jurisdictions": ("61",)}
    grant(connection, now(), "kalbar", owner="POLRI", **held)


def statements_since(log, offset):
    """Statements of any connection that read a golden table since the log had that length."""
    written = log.read_bytes()[offset:].decode()
    starts = [*ENTRY.finditer(written)]
    ends = [*(start.start() for start in starts[1:]), len(written)]
    found = [written[start.end() : end] for start, end in zip(starts, ends, strict=True)]
    return [one for one in found if one.startswith(("execute ", "statement: ")) and "golden_case" in one]


def test_one_question_is_answered_by_the_hub_and_by_the_agency(all_of_it):
    case = all_of_it.cases[0]

    data = all_of_it.data(BOTH, {"i": case})

    hub = all_of_it.data(
        BOTH.replace("protectionRequests { id status receivedOn }", ""),
        {"i": case},
        at=f"{all_of_it.hub.url}/graphql",
    )
    asked = [{"id": "LPSK-0", "status": "RECEIVED", "receivedOn": "2026-01-01"}]
    assert data == {"case": {**hub["case"], "protectionRequests": asked}}


def test_a_list_of_cases_is_asked_for_in_one_statement_and_recorded_once(all_of_it):
    all_of_it.data(BACK)
    before, offset = len(all_of_it.records()), all_of_it.log.stat().st_size

    data = all_of_it.data(BACK)

    statements = statements_since(all_of_it.log, offset)
    recorded = all_of_it.records()[before:]
    wanted = [(one["id"], one["caseId"]) for one in requests_of(all_of_it.cases)]
    assert [(one["id"], one["case"]["id"]) for one in data["protectionRequests"]] == wanted
    assert all(one["case"]["caseStatus"] for one in data["protectionRequests"])
    assert len(statements) == 1
    assert [(one["outcome"], one["client_id"], one["purpose"]) for one in recorded] == [
        ("answered", "one", "protection")
    ]
    assert {"Query._entities", "Case.caseStatus", "Case.victims"} <= set(recorded[0]["coordinates"])


def test_every_use_is_refused_through_the_gateway_as_the_hub_refuses_it(all_of_it):
    """The walk of the SDL: each coordinate without its own scopes, at both, in a variable where it can stand in one."""
    uses = list({use.coordinate: use for use in USES if use.own}.values())

    def refusals(use):
        token = all_of_it.token((use.way - use.own) or {"statistics:read"})
        through = all_of_it.ask(use.query, use.variables, token=token)
        straight = all_of_it.ask(use.query, use.variables, token=token, at=f"{all_of_it.hub.url}/graphql")
        return use, through, straight

    with ThreadPoolExecutor(2) as pool:
        for use, through, straight in pool.map(refusals, uses):
            assert straight.status_code == 403, straight.text
            data, refused = through.json()["data"], told(through)
            if data is None:
                # Of a root that cannot be null the gateway tells the first error alone.
                assert refused
                assert refused <= told(straight), (use.query, through.text)
            else:
                assert refused == told(straight), (use.query, through.text)
                assert set(data.values()) == {None}


@pytest.mark.parametrize("client", ["one", "kalbar"])
@pytest.mark.parametrize("left_out", [(), (CHILDREN,)])
def test_rows_are_those_of_the_caller_and_no_others(all_of_it, client, left_out):
    scopes = {*REGIONAL, CHILDREN} - set(left_out)
    token = all_of_it.token(scopes, client=client)

    through = all_of_it.data(SAME_AT_BOTH, token=token)
    straight = all_of_it.data(SAME_AT_BOTH, token=token, at=f"{all_of_it.hub.url}/graphql")
    back = all_of_it.data(BACK, token=token)["protectionRequests"]

    visible = {node["id"] for node in straight["cases"]["nodes"]}
    region = "61" if client == "kalbar" else ""
    kept = [
        one
        for one in requests_of(all_of_it.cases)
        if one["region"].startswith(region) and not (one["isChild"] and left_out)
    ]
    assert through == straight
    # The id is the agency's own word, which the hub neither confirms nor denies: everything else of the case is null.
    assert [(one["id"], one["case"]["id"], one["case"]["victims"] is not None) for one in back] == [
        (one["id"], one["caseId"], one["caseId"] in visible) for one in kept
    ]
    if client == "kalbar":
        assert 0 < len(visible) < len(all_of_it.cases)
        assert any(one["case"]["victims"] is None for one in back)


def test_another_region_s_case_is_null_as_one_that_there_is_not(all_of_it):
    token = all_of_it.token(REGIONAL, client="kalbar")
    seen = {node["id"] for node in all_of_it.data(SAME_AT_BOTH, token=token)["cases"]["nodes"]}
    foreign = next(case for case in all_of_it.cases if case not in seen)

    answers = [
        all_of_it.data(BOTH, {"i": case}, token=token)
        for case in (foreign, "01900000-0000-7000-8000-000000000000")
    ]

    assert answers == [{"case": None}, {"case": None}]


@pytest.mark.parametrize(
    "query",
    [
        "{ cases(first: 3) { nodes { victims { totalCount } } } }",
        "{ cases(first: 3) { nodes { id caseStatus victims { nodes { id } } } } }",
        "{ cases(first: 3) { edges { node { victims { nodes { id } } perpetrators { totalCount } } } } }",
        "{ victims(first: 3) { nodes { fullName phone } } }",
        "{ a: cases(first: 1) { nodes { x: victims { totalCount } y: caseStatus } } b: victims { totalCount } }",
    ],
)
def test_lenient_is_the_same_through_the_gateway_and_lists_stay_lists(all_of_it, query):
    token = all_of_it.token({"case:read"})

    through = all_of_it.ask(query, token=token, Prefer="handling=lenient")
    straight = all_of_it.ask(query, token=token, Prefer="handling=lenient", at=f"{all_of_it.hub.url}/graphql")

    assert through.json()["data"] == straight.json()["data"]
    assert told(through) == told(straight)
    assert through.headers["Preference-Applied"] == straight.headers["Preference-Applied"]


def test_the_agency_s_own_scope_purpose_and_rows_are_its_own_to_refuse(all_of_it):
    case = {"i": all_of_it.cases[2]}
    unscoped = all_of_it.ask(BOTH, case, token=all_of_it.token(EVERY - {"protection:read"}))
    other = all_of_it.ask(BOTH, case, token=all_of_it.token(purpose="investigation"))
    adults = all_of_it.data(BOTH, case, token=all_of_it.token(EVERY - {CHILDREN}))
    everybody = all_of_it.data(BOTH, case)

    for response, code in ((unscoped, "FORBIDDEN"), (other, "PURPOSE_NOT_ALLOWED")):
        answer = response.json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
        assert answer["data"]["case"]["caseStatus"]
        assert answer["data"]["case"]["protectionRequests"] is None
    assert told(unscoped) == {("FORBIDDEN", "Case.protectionRequests", '[["protection:read"]]')}
    assert adults["case"]["protectionRequests"] == []
    assert [one["id"] for one in everybody["case"]["protectionRequests"]] == ["LPSK-2"]


def _bad_tokens(all_of_it):
    good = all_of_it.signed(life_s=60)
    head, body, signature = good.split(".")
    return {
        "none": None,
        "expired": all_of_it.signed(life_s=-11),
        "another audience": all_of_it.signed(audience="https://elsewhere.example"),
        "signature of another": f"{head}.{body}.{signature[:-6]}AAAAAA",
        "unsigned": f"{head}.{body}.",
        "an assertion of the client": client_assertion(PRIVATE, "one", all_of_it.hub.url, now()),
        "rubbish": "x",
    }


@pytest.mark.parametrize(
    "query", [BACK, "{ cases { totalCount } }", "{ __schema { queryType { name } } }", "{ __typename }"]
)
def test_who_is_not_known_is_turned_away_at_every_door(all_of_it, query):
    for name, token in _bad_tokens(all_of_it).items():
        for place in (all_of_it.gateway, f"{all_of_it.hub.url}/graphql", all_of_it.subgraph, all_of_it.proxy):
            over = all_of_it.certificate if place == all_of_it.proxy else None
            response = all_of_it.ask(query, at=place, token=token, over=over)

            assert (response.status_code, told(response)) == (401, {("UNAUTHENTICATED", None, "null")}), (
                name,
                place,
            )
            assert "data" not in response.json()
    assert all_of_it.ask("{ __typename }", token=all_of_it.signed(life_s=60)).status_code == 200


def test_a_token_that_was_withdrawn_is_refused_by_the_hub_through_the_gateway(all_of_it):
    token = all_of_it.hub.token("case:read", purpose="protection")
    before = all_of_it.data("{ cases { totalCount } }", token=token)
    form = {
        "token": token,
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": client_assertion(PRIVATE, "one", all_of_it.hub.url, now()),
    }
    withdrawn = httpx.post(f"{all_of_it.hub.url}/oauth/revoke", data=form, trust_env=False)
    after = all_of_it.ask("{ cases { totalCount } }", token=token)

    assert before["cases"]["totalCount"] > 0
    assert withdrawn.status_code == 200
    assert (told(after), after.json()["data"]) == ({("UNAUTHENTICATED", None, "null")}, {"cases": None})


def test_a_query_in_an_address_does_not_run(all_of_it):
    headers = {"Authorization": f"Bearer {all_of_it.token()}"}
    response = httpx.get(
        all_of_it.gateway, params={"query": "{ me { purpose } }"}, headers=headers, trust_env=False
    )

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_equal_questions_at_the_same_time_are_each_asked_and_each_recorded(all_of_it):
    token, before = all_of_it.token(), len(all_of_it.records())

    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: all_of_it.data(BACK, token=token), range(8))]

    assert answers == [answers[0]] * 8
    assert [one["outcome"] for one in all_of_it.records()[before:]] == ["answered"] * 8


def test_a_bound_token_is_taken_with_a_proof_that_names_the_gateway_for_all_parts_of_one_operation(all_of_it):
    token = all_of_it.signed(bound=True)
    before = len(all_of_it.records())
    query = "{ cases(first: 3) { nodes { id protectionRequests { id case { caseStatus } } } } }"

    data = all_of_it.data(query, token=token, scheme="DPoP", DPoP=all_of_it.proof(token, all_of_it.gateway))

    assert [node["protectionRequests"][0]["case"] is not None for node in data["cases"]["nodes"]] == [
        True
    ] * 3
    assert len(all_of_it.records()) - before == 2


def test_a_proof_is_good_for_one_operation_at_the_gateway(all_of_it):
    token = all_of_it.signed(bound=True)
    sent = {"token": token, "scheme": "DPoP", "DPoP": all_of_it.proof(token, all_of_it.gateway)}
    query = "{ cases(first: 1) { totalCount } }"

    first, second = all_of_it.ask(query, **sent), all_of_it.ask(query, **sent)

    assert first.json()["data"]["cases"]["totalCount"] > 0
    assert (told(second), second.json()["data"]) == ({("UNAUTHENTICATED", None, "null")}, {"cases": None})


def test_a_proof_without_the_hub_s_nonce_is_answered_with_one(all_of_it):
    token, query = all_of_it.signed(bound=True), "{ cases(first: 1) { totalCount } }"

    def ask(nonce):
        proof = all_of_it.proof(token, all_of_it.gateway, nonce)
        return all_of_it.ask(query, token=token, scheme="DPoP", DPoP=proof)

    without = ask(None)
    again = ask(without.headers["DPoP-Nonce"])

    assert told(without) == {("UNAUTHENTICATED", None, "null")}
    assert "errors" not in again.json()


@pytest.mark.parametrize("place", ["gateway", "subgraph"])
def test_what_leaks_is_worth_nothing_to_others(all_of_it, place):
    token = all_of_it.signed(bound=True)
    thief = ECKey.generate_key("P-256").as_dict(private=True)
    gateway, hub = all_of_it.gateway, f"{all_of_it.hub.url}/graphql"
    at = getattr(all_of_it, place)
    query = "{ cases(first: 1) { totalCount } }" if place == "gateway" else "{ protectionRequests { id } }"
    attempts = {
        "as bearer": {"scheme": "Bearer"},
        "without a proof": {"scheme": "DPoP"},
        "with a proof of another key": {"scheme": "DPoP", "DPoP": all_of_it.proof(token, gateway, key=thief)},
        "with a proof for the hub": {"scheme": "DPoP", "DPoP": all_of_it.proof(token, hub)},
        "with a proof of another token": {
            "scheme": "DPoP",
            "DPoP": all_of_it.proof(all_of_it.signed(bound=True), gateway),
        },
    }

    for name, how in attempts.items():
        response = all_of_it.ask(query, at=at, token=token, **how)

        assert told(response) == {("UNAUTHENTICATED", None, "null")}, name
        assert not any((response.json().get("data") or {}).values()), name


def test_token_and_proof_for_the_gateway_are_refused_to_who_is_not_the_gateway(all_of_it):
    token, query = all_of_it.signed(bound=True), "{ cases(first: 1) { totalCount } }"

    def sent(**how):
        proof = all_of_it.proof(token, all_of_it.gateway)
        return all_of_it.ask(query, token=token, scheme="DPoP", DPoP=proof, **how)

    straight = sent(at=f"{all_of_it.hub.url}/graphql")
    forged = sent(
        at=f"{all_of_it.hub.url}/graphql", **{"Client-Cert": ":AAAA:", "Hub-Proxy-Secret": "x" * 40}
    )
    stranger = sent(at=all_of_it.proxy, over=all_of_it.stranger)
    itself = sent(at=all_of_it.proxy, over=all_of_it.certificate)

    assert [one.status_code for one in (straight, forged, stranger, itself)] == [401, 401, 401, 200]


def test_a_token_that_is_bound_to_a_certificate_does_not_pass_the_gateway(all_of_it):
    token = all_of_it.signed(certificate=all_of_it.stranger.thumbprint)

    straight = all_of_it.ask(
        "{ cases { totalCount } }", token=token, at=all_of_it.proxy, over=all_of_it.stranger
    )
    through = all_of_it.ask("{ cases { totalCount } }", token=token)

    assert straight.status_code == 200
    assert (told(through), through.json()["data"]) == ({("UNAUTHENTICATED", None, "null")}, {"cases": None})


def test_a_decision_is_not_taken_through_the_gateway(all_of_it):
    token, before = all_of_it.token(), len(all_of_it.records())

    response = all_of_it.ask(DECLARE, {"c": all_of_it.cases[0]}, token=token)

    with psycopg.connect(conninfo(all_of_it.database)) as connection:
        declared = connection.execute("SELECT count(*) FROM emergency").fetchone()
    assert (told(response), response.json()["data"]) == (
        {("CONFLICT", None, "null")},
        {"declareEmergency": None},
    )
    assert declared == (0,)
    assert [one["outcome"] for one in all_of_it.records()[before:]] == ["refused"]
