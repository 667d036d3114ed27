"""A token that is bound to a key of its client: at the token endpoint, and where it is used."""

import json
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey, import_key

from auth import dpop, jws
from auth.challenge import NonceWanted, ProofInvalid
from auth.dpop_nonce import Nonces
from auth.keys import Keys
from auth.tokens import Verifier
from schema.errors import NotAuthenticated
from tests.auth.parties import AUDIENCE, ISSUER, PRIVATE, PlaceSealer, error
from tests.auth.proofs import proof, showing, signed, thumbprint_of, unpadded, without_kid


@pytest.fixture
async def bound(hub):
    """A hub whose client is no bearer client."""
    await hub.register(bearer_allowed=False)
    await hub.keys.fresh()
    return hub


async def ask(hub, *proofs, **changes):
    headers = [("dpop", one) for one in proofs]
    return await hub.http.post("/oauth/token", data=hub.form(**changes), headers=headers)


async def token_of(hub, key="es256"):
    response = await ask(hub, proof(hub.clock(), hub.server.nonces.current(), key=key))
    assert response.status_code == 200, response.text
    return response.json()["access_token"]


def at_resource(hub, token, **changes):
    full = {"nonce": hub.server.nonces.current(), "htu": AUDIENCE, "token": token}
    return proof(hub.clock(), **(full | changes))


@pytest.mark.parametrize("key", ["ed25519", "es256", "ps256"])
async def test_a_token_is_bound_to_the_key_of_the_proof_it_was_asked_with(bound, key):
    response = await ask(bound, proof(bound.clock(), bound.server.nonces.current(), key=key))

    body = response.json()
    claims = jws.extract(body["access_token"]).claims
    assert (body["token_type"], body["expires_in"]) == ("DPoP", 300)
    assert claims["cnf"] == {"jkt": thumbprint_of(PRIVATE[key])}
    caller = await bound.verifier.verify(
        f"DPoP {body['access_token']}", proofs=[at_resource(bound, body["access_token"], key=key)]
    )
    assert caller.client_id == "polri-lapor"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the test signs as an old client would
async def test_the_deprecated_name_of_ed25519_is_accepted(bound):
    sent = proof(bound.clock(), bound.server.nonces.current(), key="ed25519", header={"alg": "EdDSA"})

    assert (await ask(bound, sent)).status_code == 200


async def test_a_client_without_a_proof_is_told_that_it_needs_one(bound):
    response = await ask(bound)

    assert error(response) == (400, "invalid_request")
    assert "DPoP" in response.json()["error_description"]


async def test_a_bearer_client_of_the_demo_that_sends_a_proof_gets_a_bound_token(hub):
    await hub.register()
    await hub.keys.fresh()

    response = await ask(hub, proof(hub.clock(), hub.server.nonces.current()))

    kind = response.json()["token_type"]
    assert kind == "DPoP"


async def test_the_mark_of_a_bearer_client_is_worth_nothing_outside_the_demo(hub):
    await hub.register()
    hub.server.bearer_demo = False

    assert error(await hub.ask()) == (400, "invalid_request")


async def test_without_a_nonce_the_client_is_given_one_and_repeats_the_same_request(bound):
    form = bound.form()

    first = await bound.http.post("/oauth/token", data=form, headers={"dpop": proof(bound.clock())})
    given = first.headers["dpop-nonce"]
    second = await bound.http.post("/oauth/token", data=form, headers={"dpop": proof(bound.clock(), given)})

    assert error(first) == (400, "use_dpop_nonce")
    assert second.status_code == 200, second.text
    assert second.headers["dpop-nonce"] == given


PROOF_FAULTS = {
    "another method": {"htm": "GET"},
    "method in small letters": {"htm": "post"},
    "no method": {"htm": None},
    "another place": {"htu": f"{ISSUER}/oauth/par"},
    "another host": {"htu": "https://evil.example/oauth/token"},
    "plain http": {"htu": "http://hub.example/oauth/token"},
    "another port": {"htu": "https://hub.example:444/oauth/token"},
    "no place": {"htu": None},
    "place is a list": {"htu": [f"{ISSUER}/oauth/token"]},
    "place is no URL": {"htu": "https://[hub/oauth/token"},
    "a user in the place": {"htu": "https://hub.example@hub.example/oauth/token"},
    "no iat": {"drop": ("iat",)},
    "iat is text": {"iat": "now"},
    "iat is true": {"iat": True},
    "iat is infinite": {"iat": float("inf")},
    "no jti": {"drop": ("jti",)},
    "jti is empty": {"jti": ""},
    "jti is a number": {"jti": 7},
    "jti is long": {"jti": "j" * 257},
    "typ JWT": {"header": {"typ": "JWT"}},
    "no typ": {"header": {"typ": None}},
    "typ at+jwt": {"header": {"typ": "at+jwt"}},
    "no jwk": {"header": {"jwk": None}},
    "jwk is no key": {"header": {"jwk": {"kty": "paper"}}},
    "jwk is private": {"header": {"jwk": PRIVATE["es256"]}},
    "jwk is another key": {"header": {"jwk": without_kid(ECKey.generate_key("P-256").as_dict(private=True))}},
    "jwk of another kind": {"header": {"jwk": without_kid(PRIVATE["ed25519"])}},
    "jwk is off the curve": {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}},
    "jwk is symmetric": {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}},
    "crit": {"header": {"crit": ["kid"], "kid": "x"}},
}


@pytest.mark.parametrize("fault", PROOF_FAULTS)
async def test_a_proof_with_one_fault_is_refused_and_nothing_of_it_is_told(bound, fault):
    sent = proof(bound.clock(), bound.server.nonces.current(), **PROOF_FAULTS[fault])

    response = await ask(bound, sent)
    good = await ask(bound, proof(bound.clock(), bound.server.nonces.current()))

    assert error(response) == (400, "invalid_dpop_proof")
    assert "evil" not in response.text
    assert good.status_code == 200


def rs256(hub):
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": without_kid(PRIVATE["ps256"])}
    return signed(header, good_claims(hub), import_key(PRIVATE["ps256"]))


def hs256_with_the_public_key(hub):
    key = OctKey.import_key(PRIVATE["ed25519"]["x"])
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": without_kid(PRIVATE["ed25519"])}
    return signed(header, good_claims(hub), key)


def hs256_with_its_own_key(hub):
    key = OctKey.import_key("a secret that the proof itself brings")
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": key.as_dict()["k"]}}
    return signed(header, good_claims(hub), key)


def short_rsa(hub):
    key = RSAKey.generate_key(1024)
    header = {"typ": "dpop+jwt", "alg": "PS256", "jwk": key.as_dict(private=False)}
    return signed(header, good_claims(hub), key)


def good_claims(hub):
    return jws.extract(proof(hub.clock(), hub.server.nonces.current())).claims


def encoded(value):
    return unpadded(json.dumps(value).encode())


def unsigned(hub):
    head = jws.extract(proof(hub.clock(), hub.server.nonces.current())).header
    return ".".join([encoded(head | {"alg": "none"}), encoded(good_claims(hub)), ""])


def changed_payload(hub):
    head, _, signature = proof(hub.clock(), hub.server.nonces.current()).split(".")
    return ".".join([head, encoded(good_claims(hub)), signature])


SIGNATURE_FAULTS = {
    "RS256": rs256,
    "HS256 with the public key": hs256_with_the_public_key,
    "HS256 with a key of its own": hs256_with_its_own_key,
    "RSA of 1024 bits": short_rsa,
    "none": unsigned,
    "another payload": changed_payload,
    "cut": lambda hub: proof(hub.clock(), hub.server.nonces.current())[:-4],
    "garbage": lambda _: "garbage",
    "empty": lambda _: "",
    "long": lambda _: "a" * 20_000,
    "long header": lambda hub: proof(hub.clock(), hub.server.nonces.current(), header={"x": "y" * 3_000}),
    "deep payload": lambda hub: (
        proof(hub.clock()).partition(".")[0] + "." + unpadded(b"[" * 5_000) + "." + unpadded(b"0" * 64)
    ),
}


@pytest.mark.parametrize("fault", SIGNATURE_FAULTS)
@pytest.mark.filterwarnings("ignore:(JWS algorithm|Key size)")  # the test signs what nobody should
async def test_a_proof_with_a_wrong_signature_is_refused_and_never_a_500(bound, fault):
    response = await ask(bound, SIGNATURE_FAULTS[fault](bound))

    assert error(response) == (400, "invalid_dpop_proof")


async def test_two_proofs_at_once_are_refused(bound):
    one, two = (proof(bound.clock(), bound.server.nonces.current()) for _ in range(2))

    assert error(await ask(bound, one, two)) == (400, "invalid_dpop_proof")


async def test_a_proof_of_an_rsa_key_of_4096_bits_fits(bound):
    key = RSAKey.generate_key(4096).as_dict(private=True)

    response = await ask(bound, proof(bound.clock(), bound.server.nonces.current(), key=key))

    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("seconds", "status"), [(-60, 200), (-61, 400), (60, 200), (61, 400)])
async def test_clocks_of_proofs_may_differ_by_a_minute(bound, seconds, status):
    moment = bound.clock() + timedelta(seconds=seconds)

    assert (await ask(bound, proof(moment, bound.server.nonces.current()))).status_code == status


async def test_a_proof_is_accepted_once_at_whichever_replica(bound):
    sent = proof(bound.clock(), bound.server.nonces.current())

    first, second = await ask(bound, sent), await ask(bound, sent)

    assert first.status_code == 200
    assert error(second) == (400, "invalid_dpop_proof")


async def test_a_fault_of_the_proof_is_told_only_to_a_client_that_has_authenticated(bound):
    sent = proof(bound.clock(), bound.server.nonces.current(), htm="GET")

    assert error(await ask(bound, sent, client_assertion="eyJ.eyJ.eyJ")) == (401, "invalid_client")


@pytest.mark.parametrize(
    "written",
    [
        "HTTPS://HUB.example/oauth/token",
        "https://hub.example:443/oauth/token",
        "https://hub.example/oauth/./token",
        "https://hub.example/x/../oauth/token",
        "https://hub.example/oauth/%74oken",
        "https://hub.example/oauth/token?a=b#c",
    ],
)
async def test_the_place_may_be_spelled_in_any_way_that_means_the_same(bound, written):
    sent = proof(bound.clock(), bound.server.nonces.current(), htu=written)

    assert (await ask(bound, sent)).status_code == 200


async def test_forwarded_headers_move_no_place(bound):
    nonce = bound.server.nonces.current()
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}

    forged = proof(bound.clock(), nonce, htu="https://evil.example/oauth/token")
    good = proof(bound.clock(), nonce)
    answers = [
        await bound.http.post("/oauth/token", data=bound.form(), headers=headers | {"dpop": one})
        for one in (forged, good)
    ]

    assert [answer.status_code for answer in answers] == [400, 200]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "https://a.example/"),
        ("https://a.example/%7Eb", "https://a.example/~b"),
        ("https://a.example/%2f", "https://a.example/%2F"),
        ("https://[::1]:443/a", "https://[::1]/a"),
        ("https://a.example/a/b/..", "https://a.example/a/"),
    ],
)
def test_two_spellings_of_one_place_are_one(one, other):
    assert dpop.normalised(one) == dpop.normalised(other)


@pytest.mark.parametrize("text", ["", "/a", "ftp://a.example/", "https:///a", "https://a:x/", "urn:a"])
def test_what_is_no_place_on_the_web_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - its message is the text itself
        dpop.normalised(text)


RESOURCE_FAULTS = {
    "no proof": (lambda *_: [], ProofInvalid),
    "two proofs": (lambda hub, token: [at_resource(hub, token)] * 2, ProofInvalid),
    "another key": (lambda hub, token: [at_resource(hub, token, key="ps256")], NotAuthenticated),
    "another token": (lambda hub, token: [at_resource(hub, token + "x")], ProofInvalid),
    "no ath": (lambda hub, token: [at_resource(hub, token, drop=("ath",))], ProofInvalid),
    "another method": (lambda hub, token: [at_resource(hub, token, htm="GET")], ProofInvalid),
    "another place": (
        lambda hub, token: [at_resource(hub, token, htu=f"{ISSUER}/schema.graphql")],
        ProofInvalid,
    ),
    "no nonce": (lambda hub, token: [at_resource(hub, token, nonce=None)], NonceWanted),
    "a nonce of nobody": (lambda hub, token: [at_resource(hub, token, nonce="n" * 24)], NonceWanted),
    "garbage": (lambda *_: ["garbage"], ProofInvalid),
    "too old": (
        lambda hub, token: [at_resource(hub, token, iat=int(hub.clock().timestamp()) - 61)],
        ProofInvalid,
    ),
}


@pytest.mark.parametrize("fault", RESOURCE_FAULTS)
async def test_a_token_with_one_fault_of_its_proof_is_not_authenticated(bound, fault):
    token = await token_of(bound)
    make, kind = RESOURCE_FAULTS[fault]
    sent = make(bound, token)

    with pytest.raises(NotAuthenticated) as refused:
        await bound.verifier.verify(f"DPoP {token}", proofs=sent)
    caller = await bound.verifier.verify(f"DPoP {token}", proofs=[at_resource(bound, token)])

    assert type(refused.value) is kind
    assert caller.client_id == "polri-lapor"


async def test_a_bound_token_sent_as_bearer_is_refused_with_or_without_its_proof(bound):
    token = await token_of(bound)

    for proofs in ([], [at_resource(bound, token)]):
        with pytest.raises(NotAuthenticated, match="DPoP"):
            await bound.verifier.verify(f"Bearer {token}", proofs=proofs)


async def test_a_bearer_token_sent_as_dpop_is_refused(hub):
    await hub.register()
    token = await hub.token()

    with pytest.raises(NotAuthenticated, match="not bound"):
        await hub.verifier.verify(f"DPoP {token}", proofs=[at_resource(hub, token)])


async def test_outside_the_demo_a_bearer_token_is_no_token(hub):
    await hub.register()
    strict = Verifier(
        issuer=ISSUER, audience=AUDIENCE, keys=hub.keys, revocations=hub.revocations, clock=hub.clock
    )

    with pytest.raises(NotAuthenticated, match="bound to its client"):
        await strict.verify(f"Bearer {await hub.token()}")


async def test_a_proof_reads_once_in_one_process_and_writes_once_in_all(bound):
    token = await token_of(bound)
    other = Verifier(
        issuer=ISSUER, audience=AUDIENCE, keys=bound.keys, revocations=bound.revocations, clock=bound.clock
    )
    sent = [at_resource(bound, token)]

    await bound.verifier.verify(f"DPoP {token}", proofs=sent)
    with pytest.raises(ProofInvalid, match="before"):
        await bound.verifier.verify(f"DPoP {token}", proofs=sent)
    await bound.verifier.spend(showing(*sent))
    await other.verify(f"DPoP {token}", proofs=sent)
    with pytest.raises(ProofInvalid, match="before"):
        await other.spend(showing(*sent))


async def test_a_request_without_a_proof_has_nothing_to_spend(bound):
    await bound.verifier.spend(showing())


async def test_a_proof_seen_is_forgotten_once_its_age_refuses_it(bound):
    token = await token_of(bound)
    moment = bound.clock() + timedelta(seconds=60)
    sent = [proof(moment, bound.server.nonces.current(), htu=AUDIENCE, token=token)]
    await bound.verifier.verify(f"DPoP {token}", proofs=sent)

    bound.clock.forward(seconds=119)
    with pytest.raises(ProofInvalid, match="before"):
        await bound.verifier.verify(f"DPoP {token}", proofs=sent)
    bound.clock.forward(seconds=2)
    with pytest.raises(ProofInvalid, match="clock"):
        await bound.verifier.verify(f"DPoP {token}", proofs=sent)


async def test_a_nonce_of_any_replica_is_good_and_grows_old(bound):
    other = Keys(bound.engine, PlaceSealer(), bound.clock)
    await other.fresh()
    nonces = Nonces(other, bound.clock)
    given = nonces.current()

    here = [bound.server.nonces.accepts(given)]
    bound.clock.forward(seconds=150)
    here.append(bound.server.nonces.accepts(given))
    assert nonces.current() != given
    bound.clock.forward(seconds=300)
    here.append(bound.server.nonces.accepts(given))

    assert here == [True, True, False]


async def test_a_nonce_outlives_the_key_it_follows_from(bound):
    retire_at = bound.keys.signing().retire_at
    bound.clock.moment = retire_at - timedelta(seconds=10)
    await bound.keys.fresh()
    given = bound.server.nonces.current()

    bound.clock.forward(seconds=60)
    await bound.keys.fresh()

    assert bound.server.nonces.accepts(given)
    assert bound.server.nonces.current() != given


async def test_a_refusal_names_the_scheme_the_algorithms_and_the_next_nonce(bound):
    await bound.verifier._keys.fresh()  # noqa: SLF001 - as a first request does
    strict = Verifier(
        issuer=ISSUER, audience=AUDIENCE, keys=bound.keys, revocations=bound.revocations, clock=bound.clock
    )
    algs = 'algs="PS256 ES256 Ed25519 EdDSA"'
    nonce = bound.server.nonces.current()

    told = {
        "nothing sent": strict.headers(NotAuthenticated(), token_sent=False),
        "token": strict.headers(NotAuthenticated()),
        "proof": strict.headers(ProofInvalid()),
        "nonce": strict.headers(NonceWanted()),
        "scopes": strict.headers(scopes=["victim:read", "case:read"]),
        "bearer too": bound.verifier.headers(NotAuthenticated()),
    }

    assert {header["DPoP-Nonce"] for header in told.values()} == {nonce}
    assert {name: header["WWW-Authenticate"] for name, header in told.items()} == {
        "nothing sent": f'DPoP realm="hub", {algs}',
        "token": f'DPoP realm="hub", error="invalid_token", {algs}',
        "proof": f'DPoP realm="hub", error="invalid_dpop_proof", {algs}',
        "nonce": f'DPoP realm="hub", error="use_dpop_nonce", {algs}',
        "scopes": f'DPoP realm="hub", error="insufficient_scope", scope="case:read victim:read", {algs}',
        "bearer too": (
            f'DPoP realm="hub", error="invalid_token", {algs}, Bearer realm="hub", error="invalid_token"'
        ),
    }
