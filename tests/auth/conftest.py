"""OAuth2 over HTTP on a real PostgreSQL."""

import httpx
import psycopg
import pytest
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from auth.client_certificate import ClientCertificates
from auth.keys import Keys
from auth.logins import Logins
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.tokens import Verifier
from schema.tables import access, grants, oauth, people
from tests.auth.parties import AUDIENCE, ISSUER, MTLS_HOST, PROXY_SECRET, Clock, Hub, PlaceSealer


@pytest.fixture(scope="session")
def service_url(cluster, template):
    """One database for all these tests, as the service's role; each test empties the tables of access."""
    cluster.create_database("auth", template=template)
    return cluster.url("hub_service", "auth")


@pytest.fixture
async def engine(service_url, cluster):
    with psycopg.connect(cluster.conninfo("hub_owner", "auth")) as owner:
        tables = [
            table.name
            for one in (access, grants, oauth, people)
            for table in vars(one).values()
            if isinstance(table, Table)
        ]
        owner.execute(f"TRUNCATE {', '.join(tables)}".encode())
    engine = create_async_engine(service_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def hub(engine, clock):
    keys = Keys(engine, PlaceSealer(), clock)
    revocations = Revocations(engine, clock)
    certificates = ClientCertificates(secret=PROXY_SECRET, host=MTLS_HOST)
    parts = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "keys": keys,
        "revocations": revocations,
        "clock": clock,
        "certificates": certificates,
        "bearer_demo": True,
    }
    logins = Logins(engine=engine, issuer=ISSUER, clock=clock)
    server = Server(engine=engine, logins=logins, **parts)
    verifier = Verifier(**parts)
    app = Starlette(routes=routes(server))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://internal") as http:
        yield Hub(engine, clock, server, verifier, keys, revocations, http, app)
