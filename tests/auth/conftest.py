"""OAuth2 over HTTP on a real PostgreSQL."""

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from auth.keys import Keys
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.tokens import Verifier
from tests.auth.parties import AUDIENCE, ISSUER, Clock, Hub, PlaceSealer


@pytest.fixture(scope="session")
def service_url(cluster, template):
    """One database for all these tests, as the service's role; each test empties the tables of access."""
    cluster.create_database("auth", template=template)
    return cluster.url("hub_service", "auth")


@pytest.fixture
async def engine(service_url):
    engine = create_async_engine(service_url)
    async with engine.begin() as connection:
        for table in ("client", "signing_key", "one_time_id", "revoked_token"):
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- one of the four above
    yield engine
    await engine.dispose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def hub(engine, clock):
    keys = Keys(engine, PlaceSealer(), clock)
    revocations = Revocations(engine, clock)
    server = Server(
        engine=engine, issuer=ISSUER, audience=AUDIENCE, keys=keys, revocations=revocations, clock=clock
    )
    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, revocations=revocations, clock=clock)
    transport = httpx.ASGITransport(Starlette(routes=routes(server)))
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as http:
        yield Hub(engine, clock, server, verifier, keys, revocations, http)
