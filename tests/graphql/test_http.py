"""GraphQL over HTTP: who may ask at all, in which form, and in which form the answer comes."""

import base64
import json
from datetime import timedelta

import httpx
import orjson
import pytest

from auth import clients, grant, grants, revocations
from auth.grants import Decision
from tests.auth.parties import APPROVER, PROPOSER
from tests.graphql.hub import GRAPHQL, ISSUER, challenged

shared = pytest.mark.asyncio(loop_scope="session")
BODY = orjson.dumps({"query": "{ __typename }"})
UNAUTHENTICATED = {
    "errors": [
        {
            "message": "A valid access token is needed; ask /oauth/token for one.",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
}


async def _codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@shared
@pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", BODY),
        ("application/json", b"\xff\xfe not JSON"),
        ("application/json", b"x" * (256 * 1024 + 1)),
        ("application/x-www-form-urlencoded", b"query=%7B__typename%7D"),
        ("text/plain", b"{ __typename }"),
        ("application/json", b""),
    ],
)
async def test_without_a_token_nothing_is_read_whatever_was_sent(hub, content_type, body, accept):
    response = await hub.http.post(
        "/graphql", content=body, headers={"Content-Type": content_type, "Accept": accept}
    )

    assert response.status_code == 401
    assert response.json() == UNAUTHENTICATED
    assert response.headers["WWW-Authenticate"] == challenged()
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"


@shared
async def test_no_byte_of_a_body_is_read_before_the_token_is_known(hub):
    async def never():
        raise AssertionError("the body was asked for")
        yield b""

    response = await hub.http.post("/graphql", content=never(), headers={"Content-Type": "application/json"})

    assert response.status_code == 401


@shared
async def test_introspection_and_the_sdl_need_a_token(hub):
    asked = await hub.http.post(
        "/graphql", json={"query": "{ __schema { types { name } } _service { sdl } }"}
    )
    fetched = await hub.http.get("/schema.graphql")

    assert (asked.status_code, fetched.status_code) == (401, 401)
    assert fetched.json() == UNAUTHENTICATED
    assert fetched.headers["WWW-Authenticate"] == challenged()


@shared
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Basic b25lOnR3bw==",
        "bearer\tx",
        "Token x",
        "Bearer " + "a" * 20_000,
    ],
)
async def test_a_header_that_is_no_token_of_ours_is_refused(hub, header):
    response = await hub.post(BODY, Authorization=header)

    assert response.status_code == 401
    assert await _codes(response) == ["UNAUTHENTICATED"]
    assert response.headers["WWW-Authenticate"] == challenged(error="invalid_token")


@shared
async def test_a_token_in_the_address_or_in_the_body_is_no_token(hub):
    token = await hub.token()
    body = {"query": "{ __typename }", "access_token": token}

    in_address = await hub.http.post(f"/graphql?access_token={token}", json={"query": "{ __typename }"})
    in_body = await hub.http.post("/graphql", json=body)
    in_cookie = await hub.http.post("/graphql", json=body, headers={"Cookie": f"access_token={token}"})

    assert [one.status_code for one in (in_address, in_body, in_cookie)] == [401, 401, 401]
    assert token not in in_address.text + in_body.text + in_cookie.text


async def test_a_token_that_has_expired_is_refused(own_hub):
    token = await own_hub.new_token({"case:read"})
    answers = []
    for seconds in (0, 309, 2):
        own_hub.clock.forward(seconds=seconds)
        answers.append((await own_hub.post(BODY, Authorization=f"Bearer {token}")).status_code)

    assert answers == [200, 200, 401]


async def test_a_token_that_was_withdrawn_is_refused_within_a_second(own_hub):
    token = await own_hub.new_token({"case:read"})
    me = "{ me { clientId } }"
    assert (
        await own_hub.post(orjson.dumps({"query": me}), Authorization=f"Bearer {token}")
    ).status_code == 200
    claims = orjson.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

    async with own_hub.engine.begin() as connection:
        await connection.run_sync(
            lambda bound: revocations.revoke(
                bound,
                jti=claims["jti"],
                client_id="one",
                expires_at=own_hub.clock() + timedelta(minutes=5),
                now=own_hub.clock(),
            )
        )
    own_hub.clock.forward(seconds=1)
    response = await own_hub.post(BODY, Authorization=f"Bearer {token}")

    assert response.status_code == 401
    assert "withdrawn" in response.json()["errors"][0]["message"]


async def test_a_client_that_is_suspended_reads_nothing_from_the_next_request_on(own_hub):
    token = await own_hub.new_token({"case:read"})
    query = orjson.dumps({"query": "{ cases { totalCount } }"})
    assert (await own_hub.post(query, Authorization=f"Bearer {token}")).status_code == 200

    async with own_hub.engine.begin() as connection:
        await connection.run_sync(clients.suspend, "one", own_hub.clock())
    at_once = await own_hub.post(query, Authorization=f"Bearer {token}")
    own_hub.clock.forward(seconds=1)
    later = await own_hub.post(query, Authorization=f"Bearer {token}")

    assert (at_once.status_code, await _codes(at_once)) == (403, ["FORBIDDEN"])
    assert (later.status_code, await _codes(later)) == (401, ["UNAUTHENTICATED"])


async def test_a_grant_that_was_revoked_is_closed_at_the_next_request(own_hub):
    token = await own_hub.new_token({"case:read", "victim:read"})
    query = orjson.dumps({"query": "{ victims { totalCount } cases { totalCount } }"})

    before = await own_hub.post(query, Authorization=f"Bearer {token}")
    async with own_hub.engine.begin() as connection:
        now = own_hub.clock()
        for one in await connection.run_sync(grant.listed, PROPOSER, now):
            if one.proposal.grantee == "one":
                await connection.run_sync(
                    grants.decide, APPROVER, one.grant_id, 1, Decision.REVOKED, "over", now
                )
    after = await own_hub.post(query, Authorization=f"Bearer {token}")

    assert (before.status_code, after.status_code) == (200, 403)


@shared
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"query=%7B__typename%7D"),
        ("text/plain", BODY),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n{a}\r\n--x--',
        ),
        ("application/graphql", b"{ __typename }"),
        ("application/json; charset=iso-8859-1", BODY),
        ("application/json, text/plain", BODY),
        ("", BODY),
    ],
)
async def test_only_json_is_taken_since_the_rest_could_come_from_a_foreign_page(hub, content_type, body):
    response = await hub.post(body, Content_Type=content_type)

    assert response.status_code == 415
    assert await _codes(response) == ["BAD_USER_INPUT"]


@shared
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'Application/JSON; charset="utf-8"',
    ],
)
async def test_json_is_taken_in_every_spelling(hub, content_type):
    response = await hub.post(BODY, Content_Type=content_type)

    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query"}


@shared
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"{ __typename }"',
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "extensions": []}',
        b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "\xff"}',
        b'{"id": "abc"}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
async def test_a_body_that_is_no_request_is_400_in_both_media_types(hub, body, accept):
    response = await hub.post(body, accept=accept)

    assert response.status_code == 400
    assert response.json().keys() == {"errors"}
    assert await _codes(response) == ["BAD_USER_INPUT"]


@shared
@pytest.mark.parametrize(("size", "status"), [(256 * 1024, 200), (256 * 1024 + 1, 413)])
async def test_a_body_has_at_most_256_kib(hub, size, status):
    body = BODY + b" " * (size - len(BODY))

    response = await hub.post(body)

    assert (len(body), response.status_code) == (size, status)


@shared
async def test_a_body_that_is_too_large_is_refused_before_all_of_it_is_read(hub):
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 10_000_000:
            sent += 65_536
            yield b" " * 65_536

    response = await hub.http.post(
        "/graphql",
        content=endless(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {await hub.token()}"},
    )

    assert response.status_code == 413
    assert await _codes(response) == ["BAD_USER_INPUT"]


@shared
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, application/json", GRAPHQL),
        (f"application/json, {GRAPHQL}", "application/json"),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
        (f"application/json;q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, application/json", "application/json"),
        ("application/json;q=0, */*", GRAPHQL),
        (f"*/*, {GRAPHQL};q=0", "application/json"),
        (f"*/*;q=0.1, {GRAPHQL};q=0.2", GRAPHQL),
        (f"text/html, {GRAPHQL}; charset=utf-8", GRAPHQL),
        ("APPLICATION/JSON", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
async def test_the_answer_has_the_media_type_that_is_accepted_most(hub, accept, expected):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {await hub.token()}"}
    request = hub.http.build_request("POST", "/graphql", content=BODY, headers=headers)
    del request.headers["Accept"]
    if accept is not None:
        request.headers["Accept"] = accept

    response = await hub.http.send(request)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == f"{expected}; charset=utf-8"


@shared
@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/json;q=0", "x", "application/json;q=nan"]
)
async def test_an_answer_that_nobody_accepts_is_406(hub, accept):
    response = await hub.post(BODY, accept=accept)

    assert response.status_code == 406
    assert await _codes(response) == ["BAD_USER_INPUT"]


@shared
@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": "{"}, "BAD_USER_INPUT"),
        ({"query": ""}, "BAD_USER_INPUT"),
        ({"query": "{ nope }"}, "BAD_USER_INPUT"),
        ({"query": "{ cases { nope } }"}, "BAD_USER_INPUT"),
        ({"query": "mutation { a }"}, "BAD_USER_INPUT"),
        ({"query": "subscription { a }"}, "BAD_USER_INPUT"),
        ({"query": "type A { a: Int }"}, "BAD_USER_INPUT"),
        ({"query": "query ($n: Int!) { cases(first: $n) { totalCount } }"}, "BAD_USER_INPUT"),
        ({"query": "query ($n: Int!) { cases(first: $n) { totalCount } }", "variables": {"n": "7"}}, "BAD_USER_INPUT"),
        ({"query": "query ($n: Int = 1, $d: Direction = ASC) { cases(first: $n, orderBy: {field: MODUS, direction: $d}) { totalCount } }", "variables": {"d": None}}, "BAD_USER_INPUT"),
        ({"query": 'query ($i: ID = "x") { case(id: $i) { id } }', "variables": {"i": None}}, "BAD_USER_INPUT"),
        ({"query": "query ($b: Boolean = true) { cases @skip(if: $b) { totalCount } }", "variables": {"b": None}}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename } query A { __typename }", "operationName": "A"}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename }", "operationName": "B"}, "BAD_USER_INPUT"),
        ({"query": "{ cases(first: 101) { totalCount } }"}, "BAD_USER_INPUT"),
        ({"query": "{ cases { nodes @stream { id } } }"}, "BAD_USER_INPUT"),
        ({"query": "{ cases { totalCount } ... @defer { __typename } }"}, "BAD_USER_INPUT"),
        ({"query": "{ a " * 13 + "}" * 13}, "QUERY_TOO_COSTLY"),
    ],
)  # fmt: skip
async def test_an_operation_that_cannot_be_answered_is_400_or_in_the_older_type_200(hub, request_, code):
    responses = [
        await hub.post(orjson.dumps(request_), accept=accept) for accept in (GRAPHQL, "application/json")
    ]

    assert [response.status_code for response in responses] == [400, 200]
    assert responses[0].json() == responses[1].json()
    assert responses[0].json().keys() == {"errors"}
    assert set(await _codes(responses[0])) == {code}


@shared
async def test_an_error_says_where_and_suggests_nothing(hub):
    response = await hub.ask("{ cases { nodes { fullNam } } }")

    assert response.json() == {
        "errors": [
            {
                "message": "Cannot query field 'fullNam' on type 'Case'.",
                "extensions": {"code": "BAD_USER_INPUT"},
                "locations": [{"line": 1, "column": 19}],
            }
        ]
    }


@shared
async def test_at_most_ten_errors_are_told(hub):
    fields = " ".join(f"nope{number}" for number in range(60))

    response = await hub.ask(f"{{ {fields} }}")

    assert len(response.json()["errors"]) <= 11


@shared
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_only_post_asks_a_query(hub, method):
    headers = {"Authorization": f"Bearer {await hub.token()}"}

    response = await hub.http.request(method, "/graphql?query=%7B__typename%7D", headers=headers)

    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    if method != "HEAD":
        assert response.json() == {
            "errors": [{"message": "send queries by POST", "extensions": {"code": "BAD_USER_INPUT"}}]
        }


@shared
async def test_a_field_that_fails_and_may_be_null_leaves_the_rest_standing(hub):
    query = '{ cases { totalCount } personMatch(nik: "1") { known } me { clientId } }'

    for accept in (GRAPHQL, "application/json"):
        response = await hub.ask(query, accept=accept)

        assert response.status_code == 200
        assert response.json()["data"] == {
            "cases": {"totalCount": 45},
            "personMatch": None,
            "me": {"clientId": "one"},
        }
        assert response.json()["errors"] == [
            {
                "message": "nik: 16 digits in the form of a NIK are needed",
                "extensions": {"code": "BAD_USER_INPUT"},
                "path": ["personMatch"],
            }
        ]


@shared
async def test_a_field_that_fails_and_may_not_be_null_leaves_no_data(hub):
    response = await hub.ask('{ cases { totalCount } lists: codeLists(names: ["KENANGA"]) { name } }')

    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] is None
    assert answer["errors"] == [
        {
            "message": "codeLists(names:): one of them is no list; without names, all are given",
            "extensions": {"code": "BAD_USER_INPUT"},
            "path": ["lists"],
        }
    ]


@shared
@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ cases(where: {reportedOn: {eq: "Siti Kenanga"}}) { totalCount } }', None),
        ('{ cases(where: {modus: {eq: "Siti Kenanga"}}) { totalCount } }', None),
        ('{ cases(first: "Siti \\"Kenanga\\"") { totalCount } }', None),
        ('{ cases(where: "Siti Kenanga" "x") }', None),
        ('{ cases(where: """Siti\nKenanga""" "Siti Kenanga") }', None),
        ("query ($m: Modus) { cases(where: {modus: {eq: $m}}) { totalCount } }", {"m": "Siti Kenanga"}),
        ("query ($d: Date) { cases(where: {reportedOn: {eq: $d}}) { totalCount } }", {"d": "Siti 'Kenanga'"}),
        ("query ($d: Date) { cases(where: {reportedOn: {eq: $d}}) { totalCount } }", {"d": 6171010101800001}),
        ("query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": {"x": "Siti Kenanga", "y": 6171010101800001}}),
        ("query ($w: CaseFilter) { cases(where: $w) { totalCount } }", {"w": {"modus": {"in": ["Kenanga"] * 2000}}}),
        ('{ codeLists(names: ["Siti Kenanga"]) { name } }', None),
        ('{ personMatch(nik: "Siti Kenanga") { known } }', None),
        ('{ cases(after: "Siti Kenanga") { totalCount } }', None),
        ("query ($n: Int!) { cases(first: $n) { totalCount } }", {"n": "Siti \u00e9 \U0001f642 Kenanga"}),
        ("query ($n: Int!) { cases(first: $n) { totalCount } }", {"n": "Kenanga" * 100}),
    ],
)  # fmt: skip
async def test_no_error_repeats_a_value_that_was_sent(hub, query, variables):
    response = await hub.ask(query, variables)

    assert response.json()["errors"]
    assert "enanga" not in response.text
    assert "61710101" not in response.text


@shared
async def test_the_sdl_is_served_to_whoever_has_a_token(hub):
    headers = {"Authorization": f"Bearer {await hub.token(())}"}

    response = await hub.http.get("/schema.graphql", headers=headers)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/graphql; charset=utf-8"
    assert "type Query {" in response.text


@shared
async def test_where_to_ask_for_scopes_is_the_token_endpoint(hub):
    response = await hub.ask("{ cases { totalCount } }", scopes=())

    assert {error["extensions"]["requestAt"] for error in response.json()["errors"]} == {
        f"{ISSUER}/oauth/token"
    }
    assert (
        json.loads((await hub.http.get("/.well-known/oauth-authorization-server")).text)["token_endpoint"]
        == f"{ISSUER}/oauth/token"
    )
