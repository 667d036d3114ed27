"""A foreign issuer that answers."""

import pytest

from tests.auth.issuers.foreign import ForeignIssuer, listen, serving


@pytest.fixture
async def foreign():
    with listen() as listener:
        issuer = ForeignIssuer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        async with serving(issuer.app(), listener):
            yield issuer
