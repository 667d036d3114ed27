"""The token endpoint: one good flow, and copies of it with a single fault each."""

import asyncio
import base64
import json
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import OctKey, import_key
from sqlalchemy import insert, text

from auth import jws
from schema.tables import grants
from tests.auth.parties import AUDIENCE, ISSUER, PRIVATE, error

GRANTED = text("""
    INSERT INTO access_grant VALUES ('00000000-0000-4000-8000-000000000001', 1, 'polri-lapor', 'POLRI', :scopes,
        :purposes, 'UU PDP art. 20(2)(e)', :agreement, 'of a test', ARRAY['61'], :now, :end, false, 'one', :now)""")
APPROVED = text("""
    INSERT INTO grant_decision (grant_id, version, proposed_by, kind, decided_by, decided_at, reason)
    VALUES ('00000000-0000-4000-8000-000000000001', 1, 'one', 'APPROVED', 'two', :now, 'of a test')""")
"""A grant as no officer can propose it."""
GOOD_HEADER = {"alg": "Ed25519", "typ": "JWT"}


def signed(claims, *, header=None, key="ed25519"):
    header = GOOD_HEADER if header is None else header
    registry = joserfc_jws.JWSRegistry(
        algorithms=list(joserfc_jws.JWSRegistry.algorithms), strict_check_header=False
    )
    payload = json.dumps(claims).replace("Infinity", "1e400")
    key = import_key(PRIVATE[key]) if isinstance(key, str) else key
    return joserfc_jws.serialize_compact(header, payload, key, registry=registry)


def good_claims(clock, **changes):
    now = int(clock().timestamp())
    full = {
        "iss": "polri-lapor",
        "sub": "polri-lapor",
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": "one",
    }
    return {name: value for name, value in (full | changes).items() if value is not None}


async def test_a_client_gets_a_token_that_says_what_it_asked_and_no_more(hub):
    await hub.register()

    response = await hub.ask()

    body = response.json()
    unverified = jws.extract(body.pop("access_token"))
    now = int(hub.clock().timestamp())
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert body == {"token_type": "Bearer", "expires_in": 300, "scope": "case:read"}
    assert unverified.header == {"typ": "at+jwt", "alg": "Ed25519", "kid": hub.keys.signing().kid}
    assert isinstance(unverified.claims.pop("jti"), str)
    assert isinstance(unverified.claims.pop("gsid"), str)
    assert unverified.claims == {
        "iss": ISSUER,
        "sub": "polri-lapor",
        "aud": AUDIENCE,
        "client_id": "polri-lapor",
        "iat": now,
        "exp": now + 300,
        "scope": "case:read",
        "purpose": "investigation",
        "agency": "POLRI",
        "jur": ["61", "6171"],
    }


@pytest.mark.parametrize(
    ("key", "alg"), [("ed25519", "Ed25519"), ("ed25519", "EdDSA"), ("es256", "ES256"), ("ps256", "PS256")]
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the test signs as an old client would
async def test_an_assertion_of_each_accepted_algorithm_is_accepted(hub, key, alg):
    await hub.register()
    assertion = signed(good_claims(hub.clock), header={"alg": alg}, key=key)

    response = await hub.ask(client_assertion=assertion)

    assert response.status_code == 200, response.text


async def test_without_scope_the_answer_names_all_that_the_client_may_have_by_itself(hub):
    await hub.register()

    response = await hub.ask(scope=None)

    assert response.json()["scope"] == "case:read victim:read"


async def test_purpose_may_be_left_out_only_by_a_client_that_has_exactly_one(hub):
    await hub.register(client_id="one", holds={"purposes": ["statistics"]})
    await hub.register(client_id="none", holds={})
    await hub.register()

    one = await hub.ask(client_id="one", purpose=None)
    none = await hub.ask(client_id="none", purpose=None)
    two = await hub.ask(purpose=None)

    assert jws.extract(one.json()["access_token"]).claims["purpose"] == "statistics"
    assert error(none) == (400, "invalid_request")
    assert error(two) == (400, "invalid_request")


FORM_FAULTS = {
    "no grant type": ({"grant_type": None}, 400, "unsupported_grant_type"),
    "password": ({"grant_type": "password", "username": "a", "password": "b"}, 400, "unsupported_grant_type"),
    "refresh token": ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
    "code": ({"grant_type": "authorization_code", "code": "x"}, 400, "unauthorized_client"),
    "no assertion": ({"client_assertion": None}, 401, "invalid_client"),
    "no assertion type": ({"client_assertion_type": None}, 401, "invalid_client"),
    "other assertion type": (
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        401,
        "invalid_client",
    ),
    "public client": ({"client_assertion": None, "client_assertion_type": None}, 401, "invalid_client"),
    "a secret too": ({"client_secret": "x"}, 400, "invalid_request"),
    "scope not granted": ({"scope": "case:read victim.identity:read"}, 400, "invalid_scope"),
    "unknown scope": ({"scope": "case:read nothing:read"}, 400, "invalid_scope"),
    "blank scope": ({"scope": " "}, 400, "invalid_scope"),
    "for humans": ({"scope": "scope:manage"}, 400, "invalid_scope"),
    "unknown purpose": ({"purpose": "curiosity"}, 400, "invalid_request"),
    "purpose not granted": ({"purpose": "statistics"}, 400, "invalid_scope"),
    "other resource": ({"resource": "https://elsewhere.example"}, 400, "invalid_target"),
}


@pytest.mark.parametrize("fault", FORM_FAULTS)
async def test_a_form_with_one_fault_is_refused(hub, fault):
    await hub.register()
    changes, status, word = FORM_FAULTS[fault]

    response = await hub.ask(**changes)

    assert error(response) == (status, word)
    assert response.headers["cache-control"] == "no-store"
    assert set(response.json()) <= {"error", "error_description"}


async def test_another_client_id_beside_the_assertion_is_refused(hub):
    await hub.register()
    form = hub.form() | {"client_id": "someone-else"}

    assert error(await hub.http.post("/oauth/token", data=form)) == (401, "invalid_client")


CLAIM_FAULTS = {
    "iss": {"iss": "someone-else"},
    "no iss": {"iss": None},
    "sub": {"sub": "someone-else"},
    "no sub": {"sub": None},
    "sub is a number": {"sub": 1},
    "sub with NUL": {"sub": "polri\0lapor"},
    "sub with half a character": {"sub": "\ud800"},
    "sub is huge": {"sub": "a" * 5_000},
    "no aud": {"aud": None},
    "aud in a list": {"aud": [ISSUER]},
    "aud is the endpoint": {"aud": f"{ISSUER}/oauth/token"},
    "aud with a slash": {"aud": f"{ISSUER}/"},
    "no exp": {"exp": None},
    "exp is text": {"exp": "9999999999"},
    "exp is true": {"exp": True},
    "exp is huge": {"exp": 10**400},
    "exp is infinite": {"exp": float("inf")},
    "exp is negative": {"exp": -1},
    "iat is text": {"iat": "now"},
    "nbf is a list": {"nbf": []},
    "no jti": {"jti": None},
    "jti is empty": {"jti": ""},
    "jti is a number": {"jti": 5},
    "jti is long": {"jti": "j" * 257},
}


@pytest.mark.parametrize("fault", CLAIM_FAULTS)
async def test_an_assertion_with_one_wrong_claim_is_refused(hub, fault):
    await hub.register()
    assertion = signed(good_claims(hub.clock, **CLAIM_FAULTS[fault]))

    response = await hub.ask(client_assertion=assertion)

    assert error(response) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("name", "seconds", "status"),
    [
        ("exp", 300, 200),
        ("exp", 310, 200),
        ("exp", 311, 401),
        ("exp", 3600, 401),
        ("exp", -9, 200),
        ("exp", -10, 401),
        ("iat", 10, 200),
        ("iat", 61, 401),
        ("nbf", 10, 200),
        ("nbf", 61, 401),
    ],
)
async def test_clocks_may_differ_by_ten_seconds(hub, name, seconds, status):
    await hub.register()
    moment = int(hub.clock().timestamp()) + seconds

    response = await hub.ask(client_assertion=signed(good_claims(hub.clock, **{name: moment})))

    assert response.status_code == status


def part(value: bytes | dict) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def rs256(claims):
    return signed(claims, header={"alg": "RS256"}, key="ps256")


def hs256_with_public_key(claims):
    key = OctKey.import_key(json.dumps(PRIVATE["ed25519"]["x"]))
    return signed(claims, header={"alg": "HS256"}, key=key)


def with_header(**changes):
    return lambda claims: signed(claims, header=GOOD_HEADER | changes)


def with_own_jwk(claims):
    public = {name: PRIVATE["stranger"][name] for name in ("kty", "crv", "x")}
    return signed(claims, header=GOOD_HEADER | {"jwk": public}, key="stranger")


def with_payload(raw: bytes):
    header = part(GOOD_HEADER)
    return lambda _: f"{header}.{part(raw)}.{part(b'0' * 64)}"


SIGNATURE_FAULTS = {
    "wrong key": lambda claims: signed(claims, key="stranger"),
    "RS256": rs256,
    "HS256": hs256_with_public_key,
    "none": lambda claims: f"{part({'alg': 'none'})}.{part(claims)}.",
    "none with a signature": lambda claims: f"{part({'alg': 'none'})}.{part(claims)}.{part(b'x')}",
    "own jwk": with_own_jwk,
    "unknown kid": with_header(kid="nobody"),
    "kid is a list": lambda claims: f"{part(GOOD_HEADER | {'kid': []})}.{part(claims)}.{part(b'0' * 64)}",
    "alg is a list": lambda claims: f"{part({'alg': ['Ed25519']})}.{part(claims)}.{part(b'0' * 64)}",
    "alg is null": lambda claims: f"{part({'alg': None})}.{part(claims)}.{part(b'0' * 64)}",
    "header is a list": lambda claims: f"{part(b'[]')}.{part(claims)}.{part(b'0' * 64)}",
    "header is long": with_header(x="y" * 3_000),
    "typ of an access token": with_header(typ="at+jwt"),
    "typ is a list": lambda claims: (
        f"{part(GOOD_HEADER | {'typ': ['JWT']})}.{part(claims)}.{part(b'0' * 64)}"
    ),
    "crit": lambda claims: (
        f"{part(GOOD_HEADER | {'crit': ['b64'], 'b64': False})}.{part(claims)}.{part(b'0')}"
    ),
    "algorithm of another key": lambda claims: (
        signed(claims, header={"alg": "ES256"}, key="es256")[:-8] + "AAAAAAAA"
    ),
    "cut signature": lambda claims: signed(claims)[:-4],
    "no signature": lambda claims: signed(claims).rpartition(".")[0] + ".",
    "another payload": lambda claims: ".".join(
        [part(GOOD_HEADER), part(claims | {"jti": "two"}), signed(claims).rpartition(".")[2]]
    ),
    "payload is a list": with_payload(b"[1]"),
    "payload is not JSON": with_payload(b"\xff\xfe"),
    "payload is NaN": with_payload(b'{"exp": NaN}'),
    "payload is deep": with_payload(b"[" * 5_000),
    "five parts": lambda _: "a.b.c.d.e",
    "foreign characters": lambda claims: signed(claims) + "!",
    "not ASCII": lambda claims: signed(claims) + "é",
    "garbage": lambda _: "garbage",
    "too long": lambda _: "a" * 20_000,
}


@pytest.mark.parametrize("fault", SIGNATURE_FAULTS)
async def test_an_assertion_with_one_wrong_part_is_refused_and_never_a_500(hub, fault):
    await hub.register()
    assertion = SIGNATURE_FAULTS[fault](good_claims(hub.clock))

    response = await hub.ask(client_assertion=assertion)

    assert error(response) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {"content-type": "application/json"}, 400),
        (b"grant_type=client_credentials", {}, 400),
        (b"\xff=\xfe", {"content-type": "application/x-www-form-urlencoded"}, 400),
        (b"a=%ff", {"content-type": "application/x-www-form-urlencoded"}, 400),
        (b"scope=a&scope=b", {"content-type": "application/x-www-form-urlencoded"}, 400),
        (
            b"&".join([b"a%d=1" % n for n in range(60)]),
            {"content-type": "application/x-www-form-urlencoded"},
            400,
        ),
        (b"a=" + b"1" * 70_000, {"content-type": "application/x-www-form-urlencoded"}, 413),
    ],
)
async def test_a_body_that_is_no_form_is_refused(hub, body, headers, status):
    response = await hub.http.post("/oauth/token", content=body, headers=headers)

    assert error(response) == (status, "invalid_request")


async def test_parameters_in_the_query_are_not_read(hub):
    await hub.register()

    response = await hub.http.post("/oauth/token", params=hub.form(), data={"a": "b"})

    assert error(response) == (400, "unsupported_grant_type")


async def test_two_ways_of_authentication_at_once_are_refused(hub):
    await hub.register()

    response = await hub.http.post("/oauth/token", data=hub.form(), auth=("polri-lapor", "x"))

    assert error(response) == (400, "invalid_request")


async def test_a_client_that_tries_basic_is_challenged_for_it(hub):
    form = {"grant_type": "client_credentials"}

    tried = await hub.http.post("/oauth/token", data=form, auth=("polri-lapor", "x"))
    not_tried = await hub.http.post("/oauth/token", data=form)

    assert error(tried) == error(not_tried) == (401, "invalid_client")
    assert tried.headers["www-authenticate"] == 'Basic realm="hub"'
    assert "www-authenticate" not in not_tried.headers


async def test_an_assertion_may_have_a_header_of_a_kilobyte_with_unknown_members(hub):
    await hub.register()
    assertion = signed(good_claims(hub.clock), header=GOOD_HEADER | {"x5t#S256": "x", "note": "y" * 1_000})

    response = await hub.ask(client_assertion=assertion)

    assert response.status_code == 200, response.text


async def test_a_client_without_the_bearer_mark_is_told_that_it_needs_a_bound_token(hub):
    await hub.register(bearer_allowed=False)

    response = await hub.ask()

    assert error(response) == (400, "invalid_request")
    assert "sender-constrained" in response.json()["error_description"]


async def test_what_only_persons_may_do_is_never_a_client_s_whatever_was_granted(hub):
    await hub.register(holds={})
    scopes = ["case:read", "scope:manage", "scope:approve"]
    values = {"scopes": scopes, "purposes": ["investigation"], "agreement": "PKS/1/2026", "now": hub.clock()}
    async with hub.engine.begin() as connection:
        await connection.execute(GRANTED, values | {"end": hub.clock() + timedelta(days=30)})
        await connection.execute(APPROVED, {"now": hub.clock()})

    officer = await hub.ask(scope="case:read scope:manage")
    everything = await hub.ask(scope=None)

    assert error(officer) == (400, "invalid_scope")
    assert everything.json()["scope"] == "case:read"


async def test_a_client_whose_emergency_nobody_has_reviewed_in_time_gets_nothing(hub):
    await hub.register()
    declared = hub.clock()
    row = {
        "emergency_id": uuid4(),
        "client_id": "polri-lapor",
        "agency": "POLRI",
        "case_id": uuid4(),
        "reason": "of a test",
        "sealed_words": b"sealed",
        "declared_at": declared,
        "expires_at": declared + timedelta(minutes=15),
    }
    async with hub.engine.begin() as connection:
        await connection.execute(insert(grants.emergency).values(row))

    hub.clock.forward(hours=71)
    in_time = await hub.ask()
    hub.clock.forward(hours=1)

    assert in_time.status_code == 200
    assert error(await hub.ask()) == (400, "unauthorized_client")


async def test_an_unknown_and_a_suspended_client_get_the_answer_of_a_wrong_key(hub):
    await hub.register()
    await hub.register(client_id="suspended", suspended_at=hub.clock())

    unknown = await hub.ask(client_id="nobody")
    suspended = await hub.ask(client_id="suspended")
    wrong_key = await hub.ask(client_assertion=signed(good_claims(hub.clock), key="stranger"))

    assert error(unknown) == (401, "invalid_client")
    assert unknown.json() == suspended.json() == wrong_key.json()


async def test_an_assertion_is_accepted_once(hub):
    await hub.register()
    form = hub.form()

    first = await hub.http.post("/oauth/token", data=form)
    second = await hub.http.post("/oauth/token", data=form)

    assert first.status_code == 200
    assert error(second) == (401, "invalid_client")


async def test_of_two_requests_at_the_same_moment_one_gets_the_token(hub):
    await hub.register()
    form = hub.form()

    answers = await asyncio.gather(*(hub.http.post("/oauth/token", data=form) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_refused_request_has_spent_its_assertion(hub):
    await hub.register()
    form = hub.form()

    refused = await hub.http.post("/oauth/token", data=form | {"scope": "document:read"})
    again = await hub.http.post("/oauth/token", data=form)

    assert error(refused) == (400, "invalid_scope")
    assert error(again) == (401, "invalid_client")


async def test_two_clients_may_choose_the_same_jti(hub):
    await hub.register()
    await hub.register(client_id="other")
    other = good_claims(hub.clock, iss="other", sub="other")

    first = await hub.ask(client_assertion=signed(good_claims(hub.clock)))
    second = await hub.ask(client_assertion=signed(other))

    assert [first.status_code, second.status_code] == [200, 200]


async def test_forwarded_headers_do_not_change_what_is_accepted(hub):
    await hub.register()
    forged = good_claims(hub.clock, aud="https://evil.example")
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}

    good = await hub.http.post("/oauth/token", data=hub.form(), headers=headers)
    bad = await hub.http.post("/oauth/token", data=hub.form(client_assertion=signed(forged)), headers=headers)

    assert good.status_code == 200
    assert error(bad) == (401, "invalid_client")


async def test_no_token_is_ever_logged(hub, caplog):
    caplog.set_level(logging.DEBUG)
    await hub.register()

    token = await hub.token()
    await hub.ask(client_assertion="eyJ.eyJ.eyJ")

    assert token.startswith("eyJ")
    assert "eyJ" not in caplog.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_the_token_endpoint_takes_post_only(hub, method):
    assert (await hub.http.request(method, "/oauth/token")).status_code == 405
