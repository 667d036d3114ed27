"""A foreign access token becomes one of ours: one good flow, and copies of it with a single fault each."""

import asyncio
import base64
import json

import pytest
from joserfc import jws as joserfc_jws

from auth import issuers, jws
from auth.jwt_bearer import GRANT_TYPE
from auth.server import Server
from tests.auth.issuers.foreign import FIRST, KEYS, proposal, sign, trust
from tests.auth.parties import AUDIENCE, ISSUER, error
from tests.auth.proofs import proof

GRANTED = {"scopes": ("case:read", "victim:read", "person:match"), "purposes": ("investigation",)}


@pytest.fixture
async def trusted(hub, foreign):
    """A client of POLRI with a grant, and its agency's issuer."""
    await hub.register(holds=GRANTED)
    return await hub.run(trust, hub.clock(), foreign.url)


async def exchange(hub, presented, **changes):
    return await hub.ask(**({"grant_type": GRANT_TYPE, "assertion": presented} | changes))


@pytest.mark.usefixtures("trusted")
async def test_a_client_gets_a_token_of_ours_for_one_of_its_agency_s_issuer(hub, foreign):
    response = await exchange(hub, foreign.token(hub.clock))

    body = response.json()
    claims = jws.extract(body.pop("access_token")).claims
    assert response.status_code == 200, response.text
    assert body == {"token_type": "Bearer", "expires_in": 300, "scope": "case:read"}
    assert {
        name: claims[name] for name in ("iss", "aud", "sub", "client_id", "scope", "purpose", "agency", "jur")
    } == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "polri-lapor",
        "client_id": "polri-lapor",
        "scope": "case:read",
        "purpose": "investigation",
        "agency": "POLRI",
        "jur": ["61", "6171"],
    }


@pytest.mark.usefixtures("trusted")
async def test_without_scope_the_answer_has_what_both_the_foreign_token_and_the_grants_have(hub, foreign):
    assertion = foreign.token(hub.clock, scope="perkara.baca korban.baca tidak.dikenal")

    response = await exchange(hub, assertion, scope=None)

    assert response.json()["scope"] == "case:read victim:read"


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("perkara.baca", "victim:read"),
        ("perkara.baca", "case:read victim:read"),
        ("perkara.baca korban.baca", "person:match"),
        ("case:read", "case:read"),
        ("", None),
        (None, None),
        (5, None),
        ("scope:approve", "scope:approve"),
    ],
)
async def test_a_scope_beyond_the_foreign_token_or_the_ceiling_is_refused(hub, foreign, words, asked):
    response = await exchange(hub, foreign.token(hub.clock, scope=words), scope=asked)

    assert error(response) == (400, "invalid_scope")


async def test_an_issuer_gives_nothing_that_the_client_has_no_live_grant_for(hub, foreign):
    await hub.register(holds={"scopes": ("case:read",), "purposes": ("investigation",)})
    await hub.run(trust, hub.clock(), foreign.url)

    more = await exchange(
        hub, foreign.token(hub.clock, scope="perkara.baca korban.baca"), scope="victim:read"
    )
    hub.clock.forward(days=91)
    ended = await exchange(hub, foreign.token(hub.clock, jti="dua"))

    assert error(more) == (400, "invalid_scope")
    assert error(ended) == (400, "invalid_scope")


@pytest.mark.usefixtures("trusted")
async def test_a_word_of_the_map_that_is_above_the_ceiling_of_a_newer_row_opens_nothing(hub, foreign):
    narrower = {"ceiling": frozenset({"victim:read"}), "scope_map": {"korban.baca": "victim:read"}}
    await hub.run(trust, hub.clock(), foreign.url, **narrower)

    assert error(await exchange(hub, foreign.token(hub.clock))) == (400, "invalid_scope")


@pytest.mark.usefixtures("trusted")
async def test_an_assertion_is_used_once_with_and_without_an_id(hub, foreign):
    for changes in ({}, {"jti": None}):
        assertion = foreign.token(hub.clock, **changes)
        first = await exchange(hub, assertion)
        again = await exchange(hub, assertion)

        assert first.status_code == 200
        assert error(again) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
async def test_of_two_exchanges_of_one_assertion_at_one_moment_one_succeeds(hub, foreign):
    assertion = foreign.token(hub.clock)

    answers = await asyncio.gather(*(exchange(hub, assertion) for _ in range(2)))

    assert sorted(one.status_code for one in answers) == [200, 400]


@pytest.mark.usefixtures("trusted")
async def test_a_second_spelling_of_the_signature_is_the_same_assertion(hub, foreign):
    assertion = foreign.token(hub.clock, jti=None)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signed, _, signature = assertion.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    await exchange(hub, assertion)

    again = await exchange(hub, f"{signed}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}")

    assert again.json()["error_description"].startswith("The assertion was used before")


CLAIM_FAULTS = {
    "another issuer": {"iss": "https://sso.polri.example"},
    "no issuer": {"iss": None},
    "issuer in a list": {"iss": ["https://sso.polri.example"]},
    "another audience": {"aud": "https://elsewhere.example"},
    "audiences without ours": {"aud": ["https://elsewhere.example"]},
    "no audience": {"aud": None},
    "audience is an object": {"aud": {"https://hub.example": True}},
    "no client": {"client_id": None},
    "azp in its place": {"client_id": None, "azp": "lapor"},
    "client is a number": {"client_id": 5},
    "no subject": {"sub": None},
    "subject with a newline": {"sub": "a\nb"},
    "no end": {"exp": None},
    "end is text": {"exp": "9999999999"},
    "end is infinite": {"exp": float("inf")},
    "no beginning": {"iat": None},
    "nbf is text": {"nbf": "now"},
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("fault", CLAIM_FAULTS)
async def test_an_assertion_with_one_wrong_claim_is_refused(hub, foreign, fault):
    response = await exchange(hub, foreign.token(hub.clock, **CLAIM_FAULTS[fault]))

    assert error(response) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("name", "seconds", "status"),
    [
        ("exp", -9, 200),
        ("exp", -10, 400),
        ("exp", 86_000, 200),
        ("exp", 86_401, 400),
        ("iat", 10, 200),
        ("iat", 11, 400),
        ("nbf", 10, 200),
        ("nbf", 11, 400),
        ("iat", -86_300, 400),
    ],
)
async def test_an_assertion_is_alive_within_ten_seconds_and_lives_a_day_at_most(
    hub, foreign, name, seconds, status
):
    moment = int(hub.clock().timestamp()) + seconds

    response = await exchange(hub, foreign.token(hub.clock, **{name: moment}))

    assert response.status_code == status


@pytest.mark.usefixtures("trusted")
async def test_audiences_may_be_several_where_ours_is_among_them(hub, foreign):
    assertion = foreign.token(hub.clock, aud=["https://elsewhere.example", "https://hub.example"])

    assert (await exchange(hub, assertion)).status_code == 200


def unsigned(header: dict, claims: dict) -> str:
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}."


HEADER_FAULTS = {
    "typ JWT": ({"typ": "JWT"}, "ES256"),
    "no typ": ({"typ": None}, "ES256"),
    "typ of an id_token elsewhere": ({"typ": "logout+jwt"}, "ES256"),
    "RS256": ({"alg": "RS256"}, "PS256"),
    "HS256": ({"alg": "HS256"}, "HS256"),
    "key of a stranger": ({}, "stranger"),
    "unknown key": ({"kid": "nobody"}, "ES256"),
    "crit": ({"crit": ["b64"], "b64": True}, "ES256"),
    "kid is a list": ({"kid": ["ec"]}, "ES256"),
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("fault", HEADER_FAULTS)
async def test_an_assertion_with_one_wrong_header_is_refused(hub, foreign, fault):
    header, key = HEADER_FAULTS[fault]
    if "crit" in header:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(joserfc_jws.JWSRegistry, "check_header", lambda *_: None)
            assertion = foreign.token(hub.clock, header=header, key=key)
    elif isinstance(header.get("kid"), list):
        assertion = unsigned({"alg": "ES256", "typ": "at+jwt"} | header, {"iss": foreign.url}) + "AAAA"
    else:
        assertion = foreign.token(hub.clock, header=header, key=key)

    assert error(await exchange(hub, assertion)) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("assertion", ["garbage", "a.b.c", "é", "e30.e30.AAAA", "a" * 20_000])
async def test_an_assertion_that_is_no_token_is_refused_and_never_a_500(hub, assertion):
    assert error(await exchange(hub, assertion)) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
async def test_an_unsigned_token_is_refused(hub, foreign):
    claims = jws.extract(foreign.token(hub.clock)).claims

    for alg in ("none", "None", ""):
        response = await exchange(hub, unsigned({"alg": alg, "typ": "at+jwt"}, claims) + "AAAA")
        assert error(response) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("alg", "key"), [("Ed25519", "Ed25519"), ("EdDSA", "Ed25519"), ("PS256", "PS256")])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the test signs as an old issuer would
async def test_an_assertion_of_each_algorithm_of_the_row_is_accepted(hub, foreign, alg, key):
    response = await exchange(hub, foreign.token(hub.clock, header={"alg": alg}, key=key))

    assert response.status_code == 200, response.text


async def test_rs256_typ_jwt_and_azp_are_accepted_only_where_the_row_says_so(hub, foreign):
    await hub.register(holds=GRANTED)
    await hub.run(trust, hub.clock(), foreign.url, algorithms=("RS256",), plain_jwt=True)
    as_keycloak = {
        "header": {"alg": "RS256", "typ": "JWT"},
        "key": "PS256",
        "client_id": None,
        "azp": "lapor",
    }

    accepted = await exchange(hub, foreign.token(hub.clock, **as_keycloak))
    other = await exchange(hub, foreign.token(hub.clock, jti="dua", header={"alg": "ES256"}))

    assert accepted.status_code == 200, accepted.text
    assert error(other) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
async def test_a_key_that_the_issuer_has_just_begun_to_use_is_fetched(hub, foreign):
    await exchange(hub, foreign.token(hub.clock))
    foreign.published = ("next",)
    hub.clock.forward(seconds=31)

    rotated = await exchange(hub, foreign.token(hub.clock, key="next", jti="dua"))
    old = await exchange(hub, foreign.token(hub.clock, jti="tiga"))

    assert rotated.status_code == 200, rotated.text
    assert error(old) == (400, "invalid_grant")


@pytest.mark.usefixtures("trusted")
async def test_an_issuer_that_does_not_answer_is_told_so(hub, foreign):
    foreign.said = {"issuer": "https://elsewhere.example"}

    response = await exchange(hub, foreign.token(hub.clock))

    assert error(response) == (400, "invalid_grant")
    assert "try again later" in response.json()["error_description"]


async def test_an_issuer_of_another_agency_and_one_that_nobody_approved_are_no_issuers(hub, foreign):
    await hub.register(holds=GRANTED)
    await hub.run(trust, hub.clock(), foreign.url, agency="KEMENSOS")
    another = await exchange(hub, foreign.token(hub.clock))
    await hub.run(issuers.propose, FIRST, proposal(foreign.url), hub.clock())
    proposed = await exchange(hub, foreign.token(hub.clock, jti="dua"))

    assert error(another) == (400, "invalid_grant")
    assert error(proposed) == (400, "invalid_grant")


async def test_a_withdrawn_issuer_is_refused_at_the_next_request(hub, foreign, trusted):
    before = await exchange(hub, foreign.token(hub.clock))
    await hub.run(issuers.withdraw, FIRST, trusted.trust_id, hub.clock())

    after = await exchange(hub, foreign.token(hub.clock, jti="dua"))

    assert before.status_code == 200
    assert error(after) == (400, "invalid_grant")


async def test_nobody_is_asked_for_an_assertion_of_an_unknown_issuer(hub, foreign):
    await hub.register(holds=GRANTED)

    response = await exchange(hub, foreign.token(hub.clock))

    assert error(response) == (400, "invalid_grant")
    assert foreign.asked == []


FORM_FAULTS = {
    "no assertion": ({"assertion": None}, 400, "invalid_request"),
    "no client": ({"client_assertion": None, "client_assertion_type": None}, 401, "invalid_client"),
    "unknown purpose": ({"purpose": "curiosity"}, 400, "invalid_request"),
    "purpose not granted": ({"purpose": "statistics"}, 400, "invalid_scope"),
    "another resource": ({"resource": "https://elsewhere.example"}, 400, "invalid_target"),
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("fault", FORM_FAULTS)
async def test_a_form_with_one_fault_is_refused(hub, foreign, fault):
    changes, status, word = FORM_FAULTS[fault]

    response = await exchange(hub, foreign.token(hub.clock), **changes)

    assert error(response) == (status, word)


@pytest.mark.usefixtures("trusted")
async def test_the_refusal_repeats_nothing_of_the_assertion(hub, foreign):
    assertion = foreign.token(hub.clock, sub="9900112233445566", aud="https://elsewhere.example")

    response = await exchange(hub, assertion)

    assert "9900112233445566" not in response.text
    assert "eyJ" not in response.text


@pytest.mark.usefixtures("trusted")
async def test_a_client_that_is_not_of_the_demo_gets_a_token_bound_to_its_key_or_none(hub, foreign):
    await hub.register(client_id="polri-terikat", bearer_allowed=False, holds=GRANTED)
    unbound = await exchange(hub, foreign.token(hub.clock), client_id="polri-terikat")
    form = hub.form(grant_type=GRANT_TYPE, assertion=foreign.token(hub.clock), client_id="polri-terikat")
    headers = {"dpop": proof(hub.clock(), hub.server.nonces.current())}
    bound = await hub.http.post("/oauth/token", data=form, headers=headers)

    assert error(unbound) == (400, "invalid_request")
    assert (bound.status_code, bound.json()["token_type"]) == (200, "DPoP")
    assert "jkt" in jws.extract(bound.json()["access_token"]).claims["cnf"]


def test_the_server_says_that_it_grants_it(hub):
    assert isinstance(hub.server, Server)
    assert GRANT_TYPE in hub.server.metadata["grant_types_supported"]


def test_the_keys_of_these_tests_sign():
    assert sign({"alg": "ES256"}, {}, "ES256").count(".") == 2
    assert {"stranger", "next"} <= KEYS.keys()
