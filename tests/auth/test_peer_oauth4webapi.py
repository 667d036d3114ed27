"""A client by other hands, over a real socket."""

import asyncio
import contextlib
import json
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from auth import clients
from auth.keys import Keys
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from tests.auth.parties import PRIVATE, PlaceSealer, make_client

FOLDER = Path(__file__).parents[1] / "peers" / "oauth"
pytestmark = pytest.mark.peer


def now():
    return datetime.now(UTC)


async def run(*command, stdin=None):
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER, stdin=pipe, stdout=pipe, stderr=pipe)
    out, errors = await process.communicate(stdin)
    return process.returncode, out.decode(), errors.decode()


@pytest.fixture
async def node():
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for the third-party OAuth2 client")
    if not (FOLDER / "node_modules" / "oauth4webapi").is_dir():
        code, _, errors = await run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if code:
            pytest.skip(f"npm ci in {FOLDER} failed: {errors[-300:]}")
    return "node"


@contextlib.asynccontextmanager
async def serving(app, listener):
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by this flag only
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("key", ["ed25519", "es256", "ps256"])
async def test_oauth4webapi_gets_validates_introspects_and_revokes_a_token(engine, node, key):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        audience = f"{issuer}/graphql"
        server = Server(
            engine=engine,
            issuer=issuer,
            audience=audience,
            keys=Keys(engine, PlaceSealer(), now),
            revocations=Revocations(engine, now),
            clock=now,
        )
        async with engine.begin() as connection:
            await connection.run_sync(clients.register, make_client(now))
            gateway = make_client(now, client_id="gateway", scopes=frozenset({"token:introspect"}))
            await connection.run_sync(clients.register, gateway)
        parties = {
            "issuer": issuer,
            "audience": audience,
            "client": {"client_id": "polri-lapor", "private_jwk": PRIVATE[key]},
            "gateway": {"client_id": "gateway", "private_jwk": PRIVATE[key]},
        }

        async with serving(Starlette(routes=routes(server)), listener):
            code, out, errors = await run(node, "flow.mjs", stdin=json.dumps(parties).encode())

    assert code == 0, errors
    assert json.loads(out) == {
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "case:read",
        "claims": {"client_id": "polri-lapor", "purpose": "investigation", "jur": ["61", "6171"]},
        "active": [True, False],
        "more_scope": "400 invalid_scope",
        "other_purpose": "400 invalid_scope",
    }
