"""A client and a resource server by other hands, over a real socket: oauth4webapi, by the author of a certified client."""

import json

import pytest

from tests.auth import socket_hub
from tests.auth.people import CLIENT, PERSON

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("key", ["ed25519", "es256", "ps256"])
async def test_oauth4webapi_goes_every_way_that_fapi_2_has(engine, key):
    await socket_hub.require_node()

    async with socket_hub.open_hub(engine, key) as door:
        code, out, errors = await socket_hub.run("node", "flow.mjs", stdin=json.dumps(door.parties).encode())

    assert code == 0, errors
    assert json.loads(out) == {
        "token": {"type": "dpop", "expires_in": 300, "scope": "case:read"},
        "more_scope": "400 invalid_scope",
        "other_purpose": "400 invalid_scope",
        "without_a_proof": "400 invalid_request",
        "resource": {"client_id": "polri-lapor", "account_id": None, "scopes": ["case:read"]},
        "claims": {
            "client_id": "polri-lapor",
            "purpose": "investigation",
            "jur": ["61", "6171"],
            "bound": ["jkt"],
        },
        "other_key": "401 invalid_token",
        "downgrade": "401 invalid_token",
        "introspected": {"active": [True, False], "type": "DPoP", "bound": ["jkt"]},
        "revoked": "401 invalid_token",
        "person": {"client_id": CLIENT, "account_id": PERSON, "scopes": ["case:read", "victim:read"]},
        "redirect": 303,
        "second_request_uri": 400,
        "second_code": "400 invalid_grant",
        "after_second_code": "401 invalid_token",
        "denied": "undefined access_denied",
        "denied_iss": True,
        "more_than_held": "undefined invalid_scope",
        "plain_pkce": "400 invalid_request",
        "asked_for_a_nonce": [400, 401, 400],
    }
