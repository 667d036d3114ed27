"""Registering clients and their keys; what a client may do now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from auth import clients, grant, grants, holdings, one_time, revocations
from auth.assertion import client_assertion
from auth.clients import ClientRefused
from auth.grants import Decision
from auth.jwks import KeyRefused, checked
from auth.permit import Permit, permit_of
from auth.scopes import PURPOSES, SCOPES, purposes, scopes
from schema.entities import entities
from schema.errors import DecisionError
from tests.auth.parties import APPROVER, ISSUER, PRIVATE, PROPOSER, owner_of, public
from tests.auth.parties import grant as allow


async def test_a_registered_client_is_loaded_as_it_was_registered(hub):
    registered = await hub.register()

    assert await hub.run(clients.load, "polri-lapor") == registered
    assert await hub.run(clients.load, "nobody") is None
    assert await hub.run(clients.load, "no\0body") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ""},
        {"client_id": "a b"},
        {"client_id": "a" * 65},
        {"redirect_uris": ("http://hub.example/back",)},
        {"redirect_uris": ("https://hub.example/back#fragment",)},
        {"redirect_uris": ("hub.example",)},
    ],
)
async def test_a_client_with_a_malformed_id_or_an_open_way_back_is_refused(hub, changes):
    with pytest.raises(ClientRefused):
        await hub.register(**changes)


async def test_a_client_id_is_taken_once(hub):
    await hub.register()

    with pytest.raises(ClientRefused, match="already"):
        await hub.register()


async def test_replaced_keys_close_the_old_ones(hub):
    await hub.register()
    await hub.run(clients.replace_keys, "polri-lapor", {"keys": [public(PRIVATE["stranger"])]})

    old = await hub.ask()
    hub.private = PRIVATE["stranger"]
    new = await hub.ask()

    assert [old.status_code, new.status_code] == [401, 200]


@pytest.mark.parametrize("change", [clients.suspend, clients.replace_keys])
async def test_a_client_that_is_not_there_cannot_be_changed(hub, change):
    value = hub.clock() if change is clients.suspend else {"keys": [public(PRIVATE["ed25519"])]}

    with pytest.raises(ClientRefused, match="no client"):
        await hub.run(change, "nobody", value)


def key_set(key, **changes):
    return {"keys": [key.as_dict(private=False) | changes]}


SHORT_RSA = {"kty": "RSA", "e": "AQAB", "n": "v" * 171}

KEY_FAULTS = {
    "no keys": {},
    "empty": {"keys": []},
    "not a list": {"keys": "x"},
    "not an object": {"keys": ["x"]},
    "too many": {"keys": [{"kty": "OKP"}] * 11},
    "no type": {"keys": [{}]},
    "type is a list": {"keys": [{"kty": ["RSA"]}]},
    "symmetric": {"keys": [OctKey.generate_key(256).as_dict()]},
    "private": {"keys": [PRIVATE["ed25519"]]},
    "private RSA": {"keys": [PRIVATE["ps256"]]},
    "short RSA": {"keys": [SHORT_RSA]},
    "broken RSA": {"keys": [{"kty": "RSA", "e": "AQAB", "n": "%%%"}]},
    "even RSA exponent": key_set(RSAKey.generate_key(2048), e="Ag"),
    "P-384": key_set(ECKey.generate_key("P-384")),
    "secp256k1": key_set(ECKey.generate_key("secp256k1")),
    "off the curve": key_set(ECKey.generate_key("P-256"), x="A" * 43),
    "X25519": key_set(OKPKey.generate_key("X25519")),
    "Ed448": key_set(OKPKey.generate_key("Ed448")),
    "short Ed25519": key_set(OKPKey.generate_key("Ed25519"), x="AAAA"),
    "no x": {"keys": [{"kty": "OKP", "crv": "Ed25519"}]},
    "x is a number": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": 1}]},
    "for encryption": key_set(OKPKey.generate_key("Ed25519"), use="enc"),
    "other algorithm": key_set(RSAKey.generate_key(2048), alg="RS256"),
    "kid is a number": key_set(OKPKey.generate_key("Ed25519"), kid=1),
    "kid with NUL": key_set(OKPKey.generate_key("Ed25519"), kid="\0"),
    "one kid twice": {"keys": [public(PRIVATE["ed25519"]), public(PRIVATE["ed25519"])]},
}


@pytest.mark.parametrize("fault", KEY_FAULTS)
def test_a_key_that_is_not_a_strong_public_key_is_refused(fault):
    with pytest.raises(KeyRefused):
        checked(KEY_FAULTS[fault])


def test_a_key_is_kept_with_its_public_parameters_and_a_kid():
    key = OKPKey.generate_key("Ed25519")
    given = key.as_dict(private=False) | {"x5u": "https://elsewhere.example", "alg": "EdDSA"}

    assert checked({"keys": [given]}) == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": given["x"],
                "kid": key.thumbprint(),
                "use": "sig",
                "alg": "Ed25519",
            }
        ]
    }


@pytest.mark.parametrize("key", [{}, {"kty": "oct", "k": "AAAA"}, public(PRIVATE["ed25519"])])
def test_an_assertion_is_not_made_with_a_key_that_cannot_sign(key, clock):
    with pytest.raises(DecisionError):
        client_assertion(key, "polri-lapor", ISSUER, clock())


@pytest.mark.parametrize("name", ["ed25519", "es256", "ps256"])
async def test_an_assertion_made_with_each_kind_of_key_is_accepted(hub, name):
    await hub.register()
    hub.private = PRIVATE[name]

    assert (await hub.ask()).status_code == 200


async def permit(hub, **changes) -> Permit:
    return await permit_for(hub, await hub.verifier.verify(f"Bearer {await hub.token(**changes)}"))


async def permit_for(hub, caller, now=None) -> Permit:
    moment = now or hub.clock()
    standing = await hub.run(holdings.standing, caller.client_id, caller.account_id, moment)
    return permit_of(caller, standing, moment)


async def test_a_permit_has_the_scopes_of_the_token_and_no_others(hub):
    await hub.register()

    assert (await permit(hub)).scopes == {"case:read"}


async def _revoked(hub, grant_id):
    await hub.run(grants.decide, APPROVER, grant_id, 1, Decision.REVOKED, "over", hub.clock())


async def _suspended(hub, grant_id):
    await hub.run(grants.decide, APPROVER, grant_id, 1, Decision.SUSPENDED, "doubtful", hub.clock())


async def _client_suspended(hub, _):
    await hub.run(clients.suspend, "polri-lapor", hub.clock())


async def _ended(hub, _):
    hub.clock.forward(days=90)


async def _renewed_with_less(hub, grant_id):
    before = (await hub.run(grant.latest, grant_id, hub.clock())).proposal
    proposal = replace(before, scopes=frozenset({"victim:read"}))
    await hub.run(grants.renew, PROPOSER, grant_id, proposal, hub.clock())
    for officer, decision in ((APPROVER, Decision.APPROVED), (owner_of("POLRI"), Decision.OWNER_APPROVED)):
        await hub.run(grants.decide, officer, grant_id, 2, decision, "less", hub.clock())


@pytest.mark.parametrize(
    "change",
    [_revoked, _suspended, _client_suspended, _ended, _renewed_with_less],
    ids=lambda one: one.__name__,
)
async def test_what_is_withdrawn_is_closed_at_the_next_request(hub, change):
    await hub.register(holds={})
    grant_id = await hub.run(allow, hub.clock(), "polri-lapor")
    caller = replace(
        await hub.verifier.verify(f"Bearer {await hub.token()}"), expires_at=hub.clock() + timedelta(days=365)
    )
    before = await permit_for(hub, caller)

    await change(hub, grant_id)

    assert (before.scopes, (await permit_for(hub, caller)).scopes) == ({"case:read"}, set())


async def test_a_permit_ends_with_its_token_and_is_nothing_for_a_stranger(hub):
    await hub.register()
    caller = await hub.verifier.verify(f"Bearer {await hub.token()}")

    ended = await permit_for(hub, caller, caller.expires_at + timedelta(seconds=10))
    stranger = await permit_for(hub, replace(caller, client_id="nobody"))

    assert (ended.scopes, stranger.scopes) == (frozenset(), frozenset())


async def test_a_grant_serves_its_purposes_and_no_others(hub):
    await hub.register(holds={"scopes": ("case:read",), "purposes": ("protection",)})
    await hub.run(allow, hub.clock(), "polri-lapor", scopes=("victim:read",), purposes=("investigation",))

    protecting = await permit(hub, purpose="protection", scope=None)
    refused = await hub.ask(purpose="protection", scope="victim:read")

    assert protecting.scopes == {"case:read"}
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("required", "allowed"),
    [
        ([], False),
        ([[]], True),
        ([["case:read"]], True),
        ([["victim:read"]], False),
        ([["case:read", "victim:read"]], False),
        ([["victim:read"], ["case:read"]], True),
    ],
)
async def test_alternatives_are_or_outside_and_and_inside(hub, required, allowed):
    await hub.register()

    assert (await permit(hub)).allows(required) is allowed


async def test_a_sweep_leaves_what_may_still_matter(hub):
    await hub.register()
    token = await hub.token()
    caller = await hub.verifier.verify(f"Bearer {token}")
    await hub.run(
        revocations.revoke, jti=caller.token_id, client_id="x", expires_at=caller.expires_at, now=hub.clock()
    )

    early = (await hub.run(one_time.sweep, hub.clock()), await hub.run(revocations.sweep, hub.clock()))
    hub.clock.forward(hours=2)
    late = (await hub.run(one_time.sweep, hub.clock()), await hub.run(revocations.sweep, hub.clock()))

    assert (early, late) == ((0, 0), (1, 1))


def test_words_are_declared_once_and_follow_the_grammar():
    assert (len(scopes()), len(purposes())) == (len(SCOPES), len(PURPOSES)) == (23, 8)
    assert all(scope.word.replace(".", "").replace("-", "").replace(":", "").isalpha() for scope in SCOPES)
    assert [scope.word for scope in SCOPES if scope.humans_only] == ["scope:manage", "scope:approve"]


def test_every_scope_that_the_schema_asks_for_is_declared():
    asked = {
        scope.replace("{role}", role)
        for entity in entities().values()
        for scope in (entity.scope, *(field.scope for field in entity.fields))
        for role in ("victim", "perpetrator")
    }

    assert asked <= scopes().keys()
