"""What an issuer says of itself: checked against its row, and asked for no more often than it must be."""

import logging

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from auth.egress import Egress
from auth.issuer_metadata import IssuerMetadata, IssuerUnavailable, Metadata
from auth.issuers import Use
from tests.auth.issuers.foreign import trust


@pytest.fixture
async def row(hub, foreign):
    return await hub.run(trust, hub.clock(), foreign.url)


@pytest.fixture
def known(hub):
    return IssuerMetadata(Egress(), hub.clock)


async def test_an_issuer_is_asked_once_and_again_after_ten_minutes(hub, foreign, row, known):
    first = await known.get(row)
    hub.clock.forward(minutes=9)
    second = await known.get(row)
    hub.clock.forward(minutes=1)
    third = await known.get(row)

    assert second is first
    assert third is not first
    assert known.at_hand(row) is third
    assert foreign.asked == ["metadata", "keys"] * 2


async def test_an_unknown_key_makes_the_issuer_asked_again_at_most_every_half_minute(
    hub, foreign, row, known
):
    before = await known.get(row, "ec")
    foreign.published = ("next",)
    at_once = await known.get(row, "next")
    hub.clock.forward(seconds=30)
    later = await known.get(row, "next")
    for _ in range(3):
        await known.get(row, "nobody")

    assert (before.knows("next"), at_once is before, later.knows("next"), later.knows("ec")) == (
        False,
        True,
        True,
        False,
    )
    assert foreign.asked == ["metadata", "keys"] * 2


async def test_an_issuer_that_fails_is_left_alone_for_half_a_minute(hub, foreign, row, known):
    foreign.answer = Response(b"out of order", 500)
    for _ in range(3):
        with pytest.raises(IssuerUnavailable):
            await known.get(row)
    asked = list(foreign.asked)
    foreign.answer = None
    hub.clock.forward(seconds=30)

    found = await known.get(row)

    assert asked == ["metadata", "keys"]
    assert found.knows("ec")


async def test_keys_that_are_too_old_are_not_used_where_the_issuer_does_not_answer(hub, foreign, row, known):
    await known.get(row)
    hub.clock.forward(minutes=10)
    foreign.answer = Response(b"out of order", 500)

    with pytest.raises(IssuerUnavailable):
        await known.get(row)

    assert known.at_hand(row) is None


FAULTS = {
    "another issuer": ({"issuer": "https://sso.polri.example"}, "another issuer"),
    "an issuer with a slash more": ({"issuer": "SELF/"}, "another issuer"),
    "no keys": ({"jwks_uri": None}, "lack jwks_uri"),
    "keys by http elsewhere": ({"jwks_uri": "http://sso.polri.example/jwks"}, "lack jwks_uri"),
    "keys in a file": ({"jwks_uri": "file:///etc/passwd"}, "lack jwks_uri"),
    "keys of the cloud's metadata": ({"jwks_uri": "http://169.254.169.254/"}, "lack jwks_uri"),
    "keys behind https on an inner address": ({"jwks_uri": "https://169.254.169.254/"}, "may not be asked"),
    "a token endpoint that is no address": ({"token_endpoint": 5}, "lack token_endpoint"),
    "a login page by http elsewhere": (
        {"authorization_endpoint": "http://sso.polri.example/"},
        "lack authorization_endpoint",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_metadata_with_one_fault_are_refused(foreign, row, known, fault):
    said, problem = FAULTS[fault]
    foreign.said = {
        name: value.replace("SELF", foreign.url) if isinstance(value, str) else value
        for name, value in said.items()
    }

    with pytest.raises(IssuerUnavailable, match=problem):
        await known.get(row)


@pytest.mark.parametrize(
    "answer",
    [
        RedirectResponse("http://169.254.169.254/"),
        Response(b"[]"),
        JSONResponse({"keys": "none"}),
        JSONResponse({}),
        Response(b"", 404),
        Response(b"x" * 300_000),
    ],
    ids=["redirect", "list", "text", "nothing", "absent", "large"],
)
async def test_keys_in_another_form_are_refused(foreign, row, known, answer):
    foreign.answer = answer

    with pytest.raises(IssuerUnavailable):
        await known.get(row)


async def test_an_issuer_on_the_network_leads_to_no_address_on_this_machine(hub):
    async def lookup(_host, _port):
        return ["127.0.0.1"]

    row = await hub.run(trust, hub.clock(), "https://sso.polri.example", use=Use.SYSTEMS)

    with pytest.raises(IssuerUnavailable, match="may not be asked"):
        await IssuerMetadata(Egress(lookup=lookup), hub.clock).get(row)


def metadata(*keys) -> Metadata:
    return Metadata(
        keys=keys, authorization_endpoint=None, token_endpoint=None, signs_with=(), names_itself=False
    )


EC, OKP = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")
RSA = RSAKey.generate_key(2048)
UNFIT = {
    "symmetric": ("HS256", OctKey.import_key("k" * 32).as_dict(private=True)),
    "symmetric, for an asymmetric algorithm": ("ES256", OctKey.import_key("k" * 32).as_dict(private=True)),
    "private": ("ES256", EC.as_dict(private=True)),
    "of another curve": ("ES256", ECKey.generate_key("P-384").as_dict(private=False)),
    "of another curve of Edwards": ("Ed25519", OKPKey.generate_key("Ed448").as_dict(private=False)),
    "for encryption": ("ES256", EC.as_dict(private=False) | {"use": "enc"}),
    "for another algorithm": ("PS256", RSA.as_dict(private=False) | {"alg": "RS256"}),
    "of another type": ("ES256", RSA.as_dict(private=False)),
    "short": ("PS256", {"kty": "RSA", "n": RSA.as_dict()["n"][:171], "e": "AQAB"}),
    "broken": ("ES256", {"kty": "EC", "crv": "P-256", "x": "!", "y": 5}),
    "no text as algorithm": ("ES256", EC.as_dict(private=False) | {"alg": ["ES256"]}),
    "named by an algorithm that is none": ("none", EC.as_dict(private=False)),
}


@pytest.mark.parametrize("fault", UNFIT)
def test_a_key_that_is_unfit_fits_nothing(fault):
    algorithm, jwk = UNFIT[fault]

    assert metadata(jwk).fitting({"alg": algorithm}) == []


@pytest.mark.parametrize(
    ("algorithm", "key"), [("ES256", EC), ("Ed25519", OKP), ("EdDSA", OKP), ("PS256", RSA), ("RS256", RSA)]
)
def test_a_key_fits_its_algorithm_by_name_or_without(algorithm, key):
    found = metadata(key.as_dict(private=False) | {"kid": "a"})

    assert len(found.fitting({"alg": algorithm})) == 1
    assert len(found.fitting({"alg": algorithm, "kid": "a"})) == 1
    assert found.fitting({"alg": algorithm, "kid": "b"}) == []
    assert found.fitting({"alg": [algorithm]}) == []


async def test_nothing_that_an_issuer_says_is_logged_or_shown(row, known, caplog):
    caplog.set_level(logging.INFO)

    found = await known.get(row)

    assert "crv" not in repr(found)
    assert [one for one in caplog.messages if "crv" in one] == []
