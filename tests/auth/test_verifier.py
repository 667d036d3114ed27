"""From the Authorization header to the caller."""

import base64
import json
from datetime import timedelta

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import OctKey, OKPKey
from sqlalchemy import text

from auth import access_token, clients, jws, keys, revocations
from auth.tokens import Caller, Verifier
from schema.errors import NotAuthenticated
from tests.auth.parties import AUDIENCE, ISSUER, PlaceSealer


async def test_a_token_becomes_the_caller_that_it_was_issued_to(hub):
    await hub.register()

    caller = await hub.verifier.verify(f"Bearer {await hub.token(scope='case:read victim:read')}")

    assert caller == Caller(
        client_id="polri-lapor",
        agency="POLRI",
        scopes=frozenset({"case:read", "victim:read"}),
        purpose="investigation",
        jurisdiction=("61", "6171"),
        token_id=caller.token_id,
        expires_at=hub.clock() + timedelta(seconds=300),
        grant_set=caller.grant_set,
    )


async def test_a_client_of_no_agency_has_none_in_its_token(hub):
    await hub.register(agency=None)

    assert (await hub.verifier.verify(f"Bearer {await hub.token()}")).agency is None


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "DPoP abc",
        "Bearer a.b.c",
        "Bearer \xff.\xff.\xff",
        "x" * 99,
    ],
)
async def test_a_header_without_a_token_is_not_authenticated(hub, header):
    with pytest.raises(NotAuthenticated):
        await hub.verifier.verify(header)


async def test_a_token_is_accepted_until_ten_seconds_after_its_end(hub):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    await hub.verifier.verify(header)

    hub.clock.forward(seconds=309)
    await hub.verifier.verify(header)
    hub.clock.forward(seconds=1)

    with pytest.raises(NotAuthenticated, match="expired"):
        await hub.verifier.verify(header)


def resign(token, key, *, header=None, drop=(), **claims):
    """A copy of the token with some of it changed, properly signed by that key."""
    unverified = jws.extract(token)
    changed = {name: value for name, value in (unverified.claims | claims).items() if name not in drop}
    kept = {name: value for name, value in (unverified.header | (header or {})).items() if value is not None}
    registry = joserfc_jws.JWSRegistry(algorithms=[kept["alg"]], strict_check_header=False)
    return joserfc_jws.serialize_compact(kept, json.dumps(changed), key, registry=registry)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def own(hub):
    return hub.keys.signing().key


def confused(hub, token):
    x = own(hub).as_dict(private=False)["x"]
    return resign(token, OctKey.import_key(x + "0" * 16), header={"alg": "HS256"})


def with_own_jwk(_, token):
    stranger = OKPKey.generate_key("Ed25519")
    return resign(token, stranger, header={"jwk": stranger.as_dict(private=False), "kid": None})


def unsigned(_, token):
    _, payload, _ = token.split(".")
    return f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{payload}."


def other_payload(_, token):
    head, _, signature = token.split(".")
    return f"{head}.{part(jws.extract(token).claims | {'scope': 'victim.identity:read'})}.{signature}"


TOKEN_FAULTS = {
    "none": unsigned,
    "HS256 with the public key": confused,
    "a stranger's key": lambda _, token: resign(token, OKPKey.generate_key("Ed25519")),
    "its own jwk": with_own_jwk,
    "no kid": lambda hub, token: resign(token, own(hub), header={"kid": None}),
    "unknown kid": lambda hub, token: resign(token, own(hub), header={"kid": "nobody"}),
    "EdDSA": lambda hub, token: resign(token, own(hub), header={"alg": "EdDSA"}),
    "typ JWT": lambda hub, token: resign(token, own(hub), header={"typ": "JWT"}),
    "no typ": lambda hub, token: resign(token, own(hub), header={"typ": None}),
    "typ dpop+jwt": lambda hub, token: resign(token, own(hub), header={"typ": "dpop+jwt"}),
    "another payload": other_payload,
    "cut signature": lambda _, token: token[:-4],
    "no signature": lambda _, token: token.rpartition(".")[0] + ".",
    "foreign characters": lambda _, token: token + "!",
    "a space": lambda _, token: token + " x",
    "iss": lambda hub, token: resign(token, own(hub), iss="https://evil.example"),
    "aud": lambda hub, token: resign(token, own(hub), aud=ISSUER),
    "aud in a list": lambda hub, token: resign(token, own(hub), aud=[AUDIENCE]),
    "no exp": lambda hub, token: resign(token, own(hub), drop=("exp",)),
    "exp is past": lambda hub, token: resign(token, own(hub), exp=1),
    "exp is huge": lambda hub, token: resign(token, own(hub), exp=10**400),
    "exp is text": lambda hub, token: resign(token, own(hub), exp="9999999999"),
    "iat is ahead": lambda hub, token: resign(token, own(hub), iat=int(hub.clock().timestamp()) + 11),
    "no iat": lambda hub, token: resign(token, own(hub), drop=("iat",)),
    "no jti": lambda hub, token: resign(token, own(hub), drop=("jti",)),
    "no client_id": lambda hub, token: resign(token, own(hub), drop=("client_id",)),
    "client_id is a list": lambda hub, token: resign(token, own(hub), client_id=["polri-lapor"]),
    "no sub": lambda hub, token: resign(token, own(hub), drop=("sub",)),
    "no scope": lambda hub, token: resign(token, own(hub), drop=("scope",)),
    "no purpose": lambda hub, token: resign(token, own(hub), drop=("purpose",)),
    "no jur": lambda hub, token: resign(token, own(hub), drop=("jur",)),
    "agency is a number": lambda hub, token: resign(token, own(hub), agency=1),
    "bound to a key": lambda hub, token: resign(token, own(hub), cnf={"jkt": "x"}),
    "garbage": lambda *_: "garbage",
    "too long": lambda *_: "a" * 20_000,
}


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
@pytest.mark.filterwarnings("ignore:(EdDSA|JWS algorithm)")  # the test signs what nobody should
async def test_a_token_with_one_fault_is_not_authenticated_and_nothing_of_it_is_told(hub, fault):
    await hub.register()
    token = await hub.token()
    await hub.verifier.verify(f"Bearer {token}")

    with pytest.raises(NotAuthenticated) as refused:
        await hub.verifier.verify(f"Bearer {TOKEN_FAULTS[fault](hub, token)}")

    assert "eyJ" not in str(refused.value)


async def test_a_properly_signed_copy_is_accepted_so_the_faults_above_are_the_faults(hub):
    await hub.register()

    copy = resign(await hub.token(), own(hub), header={"typ": "application/at+jwt"}, extra=1)

    assert (await hub.verifier.verify(f"bearer {copy}")).client_id == "polri-lapor"


async def test_a_withdrawn_token_is_refused_by_another_process_within_a_second(hub):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    caller = await hub.verifier.verify(header)

    await hub.run(
        revocations.revoke,
        jti=caller.token_id,
        client_id=caller.client_id,
        expires_at=caller.expires_at,
        now=hub.clock(),
    )
    hub.clock.forward(seconds=1)

    with pytest.raises(NotAuthenticated, match="withdrawn"):
        await hub.verifier.verify(header)


async def test_tokens_of_a_suspended_client_are_refused_within_a_second(hub):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    await hub.verifier.verify(header)

    await hub.run(clients.suspend, "polri-lapor", hub.clock())
    hub.clock.forward(seconds=1)

    with pytest.raises(NotAuthenticated, match="withdrawn"):
        await hub.verifier.verify(header)


async def test_the_cache_is_bounded_and_remembers_no_failure(hub):
    await hub.register()
    small = Verifier(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=hub.keys,
        revocations=hub.revocations,
        clock=hub.clock,
        bearer_demo=True,
        cache_size=2,
    )
    tokens = [await hub.token() for _ in range(4)]

    callers = [await small.verify(f"Bearer {token}") for token in tokens + tokens]
    with pytest.raises(NotAuthenticated):
        await small.verify("Bearer a.b.c")

    assert len({caller.token_id for caller in callers}) == 4
    assert len(small._cache) == 2  # noqa: SLF001 - its size is what is tested


async def test_a_second_look_at_a_token_checks_no_signature(hub, monkeypatch):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    first = await hub.verifier.verify(header)
    monkeypatch.setattr(access_token, "read", None)

    assert await hub.verifier.verify(header) is first


async def test_a_key_that_is_gone_closes_its_tokens_within_a_minute(hub):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    await hub.verifier.verify(header)
    async with hub.engine.begin() as connection:
        await connection.execute(text("DELETE FROM signing_key"))

    hub.clock.forward(seconds=60)

    with pytest.raises(NotAuthenticated):
        await hub.verifier.verify(header)


async def test_a_token_verifies_after_its_key_has_retired_and_new_ones_have_the_next_key(hub):
    await hub.keys.fresh()
    first = hub.keys.signing()
    hub.clock.moment = first.retire_at - timedelta(seconds=100)
    await hub.register()
    old = await hub.token()

    hub.clock.forward(seconds=100)
    new = await hub.token()

    kids = [jws.extract(token).header["kid"] for token in (old, new)]
    assert kids == [first.kid, hub.keys.signing().kid]
    assert kids[0] != kids[1]
    for token in (old, new):
        await hub.verifier.verify(f"Bearer {token}")


async def test_the_next_key_is_published_a_day_ahead_and_a_dead_one_no_longer(hub):
    def kids():
        return [key["kid"] for key in hub.keys.document()["keys"]]

    await hub.keys.fresh()
    first = hub.keys.signing()
    at_first = kids()
    hub.clock.moment = first.retire_at - timedelta(days=1)
    await hub.keys.fresh()
    a_day_before = kids()
    hub.clock.moment = first.drop_at
    await hub.keys.fresh()
    at_the_end = kids()

    assert at_first == [first.kid]
    assert a_day_before == [first.kid, *at_the_end]
    assert len(at_the_end) == 1


async def test_two_replicas_have_the_same_keys(hub):
    other = keys.Keys(hub.engine, PlaceSealer(), hub.clock)

    await hub.keys.fresh()
    await other.fresh()

    assert list(hub.keys.known) == list(other.known)


async def test_the_private_part_is_in_the_database_only_sealed_to_its_place(hub):
    await hub.keys.fresh()
    private = own(hub).as_dict(private=True)["d"]

    async with hub.engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM signing_key"))).mappings().one()

    assert private not in str(dict(row))
    assert row["sealed_private"].startswith(f"signing_key.sealed_private:{row['kid']}|".encode())
    assert private not in repr(hub.keys.signing())


async def test_a_clock_that_is_set_back_keeps_no_old_knowledge(hub):
    await hub.register()
    header = f"Bearer {await hub.token()}"
    await hub.verifier.verify(header)
    await hub.run(clients.suspend, "polri-lapor", hub.clock())

    hub.clock.forward(seconds=-5)

    with pytest.raises(NotAuthenticated, match="withdrawn"):
        await hub.verifier.verify(header)
