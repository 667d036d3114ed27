"""openid-client goes the whole way, and jose reads the tokens as a resource server of an agency would."""

import json

import pytest

from tests.auth import socket_hub
from tests.auth.people import PERSON

pytestmark = pytest.mark.peer


async def test_openid_client_goes_the_whole_way_and_jose_accepts_the_tokens(engine):
    await socket_hub.require_node()

    async with socket_hub.open_hub(engine) as door:
        code, out, errors = await socket_hub.run("node", "whole.mjs", stdin=json.dumps(door.parties).encode())

    assert code == 0, errors
    assert json.loads(out) == {
        "system": {"type": "dpop", "header": "at+jwt", "client_id": "polri-lapor", "sub": "polri-lapor"},
        "other_audience": "aud",
        "other_type": "typ",
        "resource": [200, "polri-lapor"],
        "in_the_url": ["client_id", "request_uri"],
        "person": {"sub": PERSON, "acr": "substantial", "scope": "case:read victim:read", "refresh": False},
        "withdrawn": 401,
    }
