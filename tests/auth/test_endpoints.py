"""Introspection, revocation, keys and metadata over HTTP."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from sqlalchemy import insert

from auth import accounts, clients, jws, metadata, places
from auth.scopes import SCOPES
from schema.errors import NotAuthenticated, SettingError
from schema.tables import grants
from tests.auth.parties import AUDIENCE, ISSUER, MTLS_HOST, PRIVATE, error, grant
from tests.auth.people import CLIENT, PERSON, Browser, pushed, redeem, settle
from tests.auth.proofs import certificate, connection, proof, thumbprint_of, unpadded

INTROSPECTS = {"scopes": ["token:introspect"]}


async def post(hub, path, *, client_id="polri-lapor", **changes):
    form = hub.form(client_id=client_id, grant_type=None, scope=None, purpose=None, **changes)
    return await hub.http.post(path, data=form)


async def test_a_resource_server_sees_what_a_token_says(hub):
    await hub.register()
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    token = await hub.token()

    response = await post(hub, "/oauth/introspect", client_id="gateway", token=token)

    body = response.json()
    now = int(hub.clock().timestamp())
    assert response.headers["cache-control"] == "no-store"
    assert isinstance(body.pop("jti"), str)
    assert isinstance(body.pop("gsid"), str)
    assert body == {
        "active": True,
        "token_type": "Bearer",
        "iss": ISSUER,
        "sub": "polri-lapor",
        "aud": AUDIENCE,
        "client_id": "polri-lapor",
        "scope": "case:read",
        "iat": now,
        "exp": now + 300,
        "purpose": "investigation",
        "jur": ["61", "6171"],
        "agency": "POLRI",
    }


async def test_of_a_person_s_token_a_resource_server_also_sees_the_login_and_the_binding(hub):
    await settle(hub)
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    browser = Browser(hub)
    await browser.log_in()
    token = (await redeem(hub, await browser.allow(await pushed(hub)))).json()["access_token"]

    body = (await post(hub, "/oauth/introspect", client_id="gateway", token=token)).json()

    names = ("token_type", "sub", "client_id", "agency", "acr", "auth_time", "cnf", "purpose", "jur")
    assert {name: body[name] for name in names} == {
        "token_type": "DPoP",
        "sub": PERSON,
        "client_id": CLIENT,
        "agency": "POLRI",
        "acr": "substantial",
        "auth_time": int(hub.clock().timestamp()),
        "cnf": {"jkt": thumbprint_of(PRIVATE["es256"])},
        "purpose": "investigation",
        "jur": ["61", "6171"],
    }


async def test_a_token_of_a_suspended_person_is_inactive_and_refused_within_a_second(hub):
    await settle(hub)
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    browser = Browser(hub)
    await browser.log_in()
    token = (await redeem(hub, await browser.allow(await pushed(hub)))).json()["access_token"]

    async def use():
        sent = proof(hub.clock(), hub.server.nonces.current(), htu=AUDIENCE, token=token)
        return await hub.verifier.verify(f"DPoP {token}", proofs=[sent])

    await use()
    await hub.run(accounts.suspend, PERSON, hub.clock())
    hub.clock.forward(seconds=1)

    assert (await post(hub, "/oauth/introspect", client_id="gateway", token=token)).json() == {
        "active": False
    }
    with pytest.raises(NotAuthenticated, match="withdrawn"):
        await use()


async def test_of_a_token_bound_to_a_certificate_a_resource_server_sees_its_thumbprint(hub):
    await hub.register(bearer_allowed=False)
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    der = certificate()
    answer = await hub.http.post("/oauth/token", data=hub.form(), headers=connection(der))

    token = answer.json()["access_token"]
    body = (await post(hub, "/oauth/introspect", client_id="gateway", token=token)).json()

    thumbprint = unpadded(hashlib.sha256(der).digest())
    assert (body["token_type"], body["cnf"]) == ("Bearer", {"x5t#S256": thumbprint})


async def test_an_emergency_is_named_in_its_token_and_told(hub):
    await hub.register()
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    case_id = uuid4()
    row = {
        "emergency_id": uuid4(),
        "client_id": "polri-lapor",
        "agency": "POLRI",
        "case_id": case_id,
        "reason": "of a test",
        "sealed_words": b"sealed",
        "declared_at": hub.clock(),
        "expires_at": hub.clock() + timedelta(seconds=200),
    }
    async with hub.engine.begin() as connection:
        await connection.execute(insert(grants.emergency).values(row))

    answer = (await hub.ask(purpose="emergency")).json()
    caller = await hub.verifier.verify(f"Bearer {answer['access_token']}")
    token = answer["access_token"]
    body = (await post(hub, "/oauth/introspect", client_id="gateway", token=token)).json()

    assert answer["expires_in"] == 200
    assert caller.case_id == case_id
    assert body["bg"] == str(case_id)


async def test_two_tokens_on_the_same_grants_name_the_same_set_and_on_others_another(hub):
    await hub.register()
    names = [jws.extract(await hub.token()).claims["gsid"] for _ in range(2)]

    await hub.run(grant, hub.clock(), "polri-lapor", scopes=["case:read"], owner="IMIGRASI")
    names.append(jws.extract(await hub.token()).claims["gsid"])

    assert len(set(names)) == 2
    assert names[0] == names[1]


@pytest.mark.parametrize("case", ["garbage", "expired", "revoked", "suspended"])
async def test_a_token_that_is_not_alive_is_inactive_and_nothing_more_is_said(hub, case):
    await hub.register()
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    token = await hub.token()
    if case == "garbage":
        token = "garbage"  # noqa: S105 - not one
    if case == "expired":
        hub.clock.forward(seconds=310)
    if case == "revoked":
        await post(hub, "/oauth/revoke", token=token)
    if case == "suspended":
        await hub.run(clients.suspend, "polri-lapor", hub.clock())

    response = await post(hub, "/oauth/introspect", client_id="gateway", token=token)

    assert (response.status_code, response.json()) == (200, {"active": False})


@pytest.mark.parametrize(
    ("path", "changes", "expected"),
    [
        ("/oauth/introspect", {"client_assertion": None}, (401, "invalid_client")),
        ("/oauth/introspect", {"client_assertion": "x"}, (401, "invalid_client")),
        ("/oauth/introspect", {}, (403, "unauthorized_client")),
        ("/oauth/introspect", {"client_id": "gateway", "token": None}, (400, "invalid_request")),
        ("/oauth/revoke", {"client_assertion": None}, (401, "invalid_client")),
        ("/oauth/revoke", {"client_id": "gateway"}, (400, "invalid_grant")),
        ("/oauth/revoke", {"token": None}, (400, "invalid_request")),
    ],
)
async def test_a_request_about_a_token_with_one_fault_is_refused(hub, path, changes, expected):
    await hub.register()
    await hub.register(client_id="gateway", holds=INTROSPECTS)
    token = await hub.token()

    response = await post(hub, path, **({"token": token} | changes))

    assert error(response) == expected
    await hub.verifier.verify(f"Bearer {token}")


async def test_a_revoked_token_is_dead_at_once_in_this_process(hub):
    await hub.register()
    token = await hub.token()
    await hub.verifier.verify(f"Bearer {token}")

    hints = ["access_token", "nonsense"]
    answers = [await post(hub, "/oauth/revoke", token=token, token_type_hint=hint) for hint in hints]

    assert [answer.status_code for answer in answers] == [200, 200]
    with pytest.raises(NotAuthenticated, match="withdrawn"):
        await hub.verifier.verify(f"Bearer {token}")


async def test_revoking_what_is_no_token_is_done_already(hub):
    await hub.register()

    response = await post(hub, "/oauth/revoke", token="garbage")  # noqa: S106 - not one

    assert response.status_code == 200


async def test_the_published_keys_have_no_private_part_and_may_be_cached_five_minutes(hub):
    response = await hub.http.get("/oauth/jwks")

    signing = hub.keys.signing()
    assert response.headers["cache-control"] == "public, max-age=300"
    assert response.json() == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": signing.key.as_dict(private=False)["x"],
                "kid": signing.kid,
                "use": "sig",
                "alg": "Ed25519",
            }
        ]
    }


async def test_the_metadata_name_every_endpoint_under_the_configured_issuer(hub):
    response = await hub.http.get("/.well-known/oauth-authorization-server", headers={"host": "evil.example"})

    body = response.json()
    AuthorizationServerMetadata(body).validate()
    assert body == {
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/oauth/token",
        "introspection_endpoint": f"{ISSUER}/oauth/introspect",
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "jwks_uri": f"{ISSUER}/oauth/jwks",
        "scopes_supported": [scope.word for scope in SCOPES],
        "response_types_supported": ["code"],
        "grant_types_supported": [
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "authorization_code",
        ],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["PS256", "ES256", "Ed25519", "EdDSA"],
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": ["PS256", "ES256", "Ed25519", "EdDSA"],
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": ["PS256", "ES256", "Ed25519", "EdDSA"],
        "dpop_signing_alg_values_supported": ["PS256", "ES256", "Ed25519", "EdDSA"],
        "tls_client_certificate_bound_access_tokens": True,
        "mtls_endpoint_aliases": {
            "token_endpoint": f"{MTLS_HOST}/oauth/token",
            "introspection_endpoint": f"{MTLS_HOST}/oauth/introspect",
            "revocation_endpoint": f"{MTLS_HOST}/oauth/revoke",
            "pushed_authorization_request_endpoint": f"{MTLS_HOST}/oauth/par",
        },
        "authorization_endpoint": f"{ISSUER}/oauth/authorize",
        "pushed_authorization_request_endpoint": f"{ISSUER}/oauth/par",
        "require_pushed_authorization_requests": True,
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


@pytest.mark.parametrize(
    "issuer", ["http://hub.example", "ftp://hub.example", "https://hub.example?x=1", "hub.example", ""]
)
def test_an_issuer_that_no_client_could_trust_does_not_start(issuer):
    with pytest.raises(SettingError, match="HUB_ISSUER"):
        metadata.document(issuer)


def test_a_loopback_issuer_may_be_plain_http_and_a_path_goes_behind_the_well_known_part():
    assert metadata.document("http://127.0.0.1:8000")["jwks_uri"] == "http://127.0.0.1:8000/oauth/jwks"
    assert places.well_known_path("https://a.example/hub") == "/.well-known/oauth-authorization-server/hub"
