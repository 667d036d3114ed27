"""A token that is bound to a certificate, which only a proxy that proves itself can hand over."""

import hashlib

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from auth import jws
from auth.client_certificate import ClientCertificates
from schema.errors import NotAuthenticated, SettingError
from tests.auth.parties import MTLS_HOST, PROXY_SECRET, error
from tests.auth.proofs import certificate, connection, proof, showing, unpadded

CERTIFICATE = certificate()
THUMBPRINT = unpadded(hashlib.sha256(CERTIFICATE).digest())


async def ask(hub, headers):
    return await hub.http.post("/oauth/token", data=hub.form(), headers=headers)


def at_resource(token, headers):
    full = {"authorization": f"Bearer {token}"} | headers
    raw = [(name.encode(), value.encode()) for name, value in full.items()]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": raw}
    return Request(scope | {"server": ("internal", 80), "scheme": "http"})


async def test_a_token_is_bound_to_the_certificate_of_its_connection(hub):
    await hub.register(bearer_allowed=False)

    body = (await ask(hub, connection(CERTIFICATE))).json()

    token = body["access_token"]
    kind = body["token_type"]
    assert kind == "Bearer"
    assert jws.extract(token).claims["cnf"] == {"x5t#S256": THUMBPRINT}
    caller = await hub.verifier.verify_request(at_resource(token, connection(CERTIFICATE)))
    assert caller.client_id == "polri-lapor"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"client-cert": connection(CERTIFICATE)["client-cert"]},
        connection(CERTIFICATE, "a secret that somebody has guessed"),
        {"hub-proxy-secret": PROXY_SECRET},
        {"client-cert": "MIIB", "hub-proxy-secret": PROXY_SECRET},
        {"client-cert": "::", "hub-proxy-secret": PROXY_SECRET},
        {"client-cert": ":not base64!:", "hub-proxy-secret": PROXY_SECRET},
        {"client-cert": f":{'A' * 20_000}:", "hub-proxy-secret": PROXY_SECRET},
    ],
    ids=["nothing", "no secret", "wrong secret", "no certificate", "no field", "empty", "no base64", "huge"],
)
async def test_a_header_that_the_proxy_did_not_send_is_as_if_it_were_not_there(hub, headers):
    await hub.register(bearer_allowed=False)
    token = (await ask(hub, connection(CERTIFICATE))).json()["access_token"]

    asked = await ask(hub, headers)

    assert error(asked) == (400, "invalid_request")
    with pytest.raises(NotAuthenticated, match="certificate"):
        await hub.verifier.verify_request(at_resource(token, headers))


async def test_a_token_over_a_connection_with_another_certificate_is_refused(hub):
    await hub.register(bearer_allowed=False)
    token = (await ask(hub, connection(CERTIFICATE))).json()["access_token"]

    with pytest.raises(NotAuthenticated, match="certificate"):
        await hub.verifier.verify_request(at_resource(token, connection(certificate())))


def test_two_certificates_or_two_secrets_are_none():
    reader = ClientCertificates(secret=PROXY_SECRET, host=MTLS_HOST)
    sent = [(name.encode(), value.encode()) for name, value in connection(CERTIFICATE).items()]

    read = [reader.thumbprint(Headers(raw=headers)) for headers in (sent, [*sent, sent[0]], [*sent, sent[1]])]

    assert read == [THUMBPRINT, None, None]


async def test_a_proof_binds_the_token_also_where_there_is_a_certificate(hub):
    await hub.register(bearer_allowed=False)
    await hub.keys.fresh()
    headers = connection(CERTIFICATE) | {"dpop": proof(hub.clock(), hub.server.nonces.current())}

    kind = (await ask(hub, headers)).json()["token_type"]

    assert kind == "DPoP"


async def test_without_the_setting_no_certificate_is_ever_believed(hub):
    await hub.register(bearer_allowed=False)
    hub.server.certificates = None

    assert error(await ask(hub, connection(CERTIFICATE))) == (400, "invalid_request")


def test_the_names_of_both_headers_are_settings():
    names = {"certificate_header": "X-Cert", "secret_header": "X-Secret"}
    reader = ClientCertificates(secret=PROXY_SECRET, host=MTLS_HOST, **names)
    sent = connection(CERTIFICATE)

    read = reader.thumbprint(Headers({"x-cert": sent["client-cert"], "x-secret": PROXY_SECRET}))

    assert (read, reader.thumbprint(Headers(sent))) == (THUMBPRINT, None)


def test_a_short_secret_does_not_start():
    with pytest.raises(SettingError, match="HUB_MTLS_PROXY_SECRET"):
        ClientCertificates(secret="short", host=MTLS_HOST)  # noqa: S106 - a short one


async def test_it_opens_a_connection_for_subscriptions_over_that_certificate_alone(hub):
    await hub.register(bearer_allowed=False)
    token = (await ask(hub, connection(CERTIFICATE))).json()["access_token"]

    caller = await hub.verifier.verify_connection(
        showing(**connection(CERTIFICATE)), f"Bearer {token}", ["no proof"]
    )

    assert caller.client_id == "polri-lapor"
    for headers in ({}, connection(certificate("another"))):
        with pytest.raises(NotAuthenticated, match="bound to a certificate"):
            await hub.verifier.verify_connection(showing(**headers), f"Bearer {token}", [])
