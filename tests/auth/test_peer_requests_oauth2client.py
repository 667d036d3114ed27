"""requests_oauth2client, a Python client by other hands, goes the whole way with DPoP, PAR and private_key_jwt."""

import asyncio
import re
from html import unescape

import httpx
import pytest

from tests.auth import socket_hub
from tests.auth.parties import PRIVATE
from tests.auth.people import PERSON

oauth2client = pytest.importorskip(
    "requests_oauth2client",
    reason="requests_oauth2client is needed; `make test` installs it",
    exc_type=ImportError,
)
pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def allowed(url: str, login: str) -> str:
    """Where a browser is sent when the person who has logged in allows what the page at that address asks."""
    name, value = login.split("=")
    with httpx.Client(cookies={name: value}) as browser:
        page = browser.get(url)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
        form = {key: unescape(text) for key, text in hidden.items()} | {"decision": "allow"}
        return browser.post(page.url.copy_with(query=None), data=form).headers["location"]


def client_of(party, door, **more):
    authentication = oauth2client.PrivateKeyJwt(
        client_id=party["client_id"], private_jwk=party["private_jwk"], alg="ES256", aud=door.issuer
    )
    return oauth2client.OAuth2Client.from_discovery_endpoint(
        f"{door.issuer}/.well-known/oauth-authorization-server",
        issuer=door.issuer,
        auth=authentication,
        dpop_bound_access_tokens=True,
        testing=True,
        **more,
    )


def whole_way(door):
    seen = {}
    system = client_of(door.parties["client"], door)
    token = system.client_credentials(scope="case:read", purpose="investigation")
    api = oauth2client.ApiClient(door.issuer, auth=token)
    seen["system"] = (token.token_type, token.scope, api.post("/graphql").json()["client_id"])

    desk = door.parties["desk"]
    ofdesk = client_of(desk, door, redirect_uri=desk["redirect_uri"])
    asked = ofdesk.authorization_request(scope="case:read", purpose="investigation", nonce=None, dpop=True)
    pushed = ofdesk.pushed_authorization_request(asked)
    answer = asked.validate_callback(allowed(str(pushed.uri), door.parties["login"]))
    of_person = ofdesk.authorization_code(answer, validate=False)
    api = oauth2client.ApiClient(door.issuer, auth=of_person)
    seen["person"] = (of_person.token_type, api.post("/graphql").json()["account_id"])

    gateway = client_of(door.parties["gateway"], door)
    seen["active"] = [gateway.introspect_token(of_person.access_token)["active"]]
    ofdesk.revoke_access_token(of_person)
    seen["active"].append(gateway.introspect_token(of_person.access_token)["active"])
    return seen


async def test_requests_oauth2client_goes_the_whole_way(engine):
    async with socket_hub.open_hub(engine, private=PRIVATE["es256"]) as door:
        seen = await asyncio.to_thread(whole_way, door)

    assert seen == {
        "system": ("DPoP", "case:read", "polri-lapor"),
        "person": ("DPoP", PERSON),
        "active": [True, False],
    }
