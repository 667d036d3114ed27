"""A hub of OAuth2 with a resource behind a real socket, for clients by other hands."""

import asyncio
import contextlib
import shutil
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import clients
from auth.keys import Keys
from auth.logins import Logins
from auth.revocations import Revocations
from auth.routes import routes
from auth.server import Server
from auth.tokens import Verifier
from schema.errors import NotAuthenticated
from tests.auth.issuers.foreign import serving
from tests.auth.parties import PRIVATE, PlaceSealer, enrol, grant, make_client
from tests.auth.people import CLIENT, PERSON, log_in

FOLDER = Path(__file__).parents[1] / "peers" / "oauth"
HELD = {"scopes": ["case:read", "victim:read"], "purposes": ["investigation"]}


def now() -> datetime:
    return datetime.now(UTC)


async def run(*command, stdin=None):
    """Exit code, output and errors of a program."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER, stdin=pipe, stdout=pipe, stderr=pipe)
    out, errors = await process.communicate(stdin)
    return process.returncode, out.decode(), errors.decode()


async def require_node() -> None:
    """The programs of node are installed as locked; skips where that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for the third-party OAuth2 clients; install them")
    if all((FOLDER / "node_modules" / name).is_dir() for name in ("oauth4webapi", "openid-client", "jose")):
        return
    code, _, errors = await run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    if code:
        pytest.skip(f"npm ci in {FOLDER} failed: {errors[-300:]}")


def resource(verifier: Verifier) -> Route:
    """What a resource of the hub does with a request, and nothing more."""

    async def handle(http: Request) -> Response:
        sent = "authorization" in http.headers
        try:
            caller = await verifier.verify_request(http)
        except NotAuthenticated as error:
            return JSONResponse({"told": str(error)}, 401, verifier.headers(error, token_sent=sent))
        said = {
            "client_id": caller.client_id,
            "account_id": caller.account_id,
            "scopes": sorted(caller.scopes),
        }
        return JSONResponse(said, headers=verifier.nonce_header())

    return Route("/graphql", handle, methods=["GET", "POST"])


@dataclass(frozen=True)
class Door:
    """What a client needs to know.

    Attributes:
        issuer: URL.
        parties: the same for programs, as JSON has it.
    """

    issuer: str
    parties: dict[str, Any]


@contextlib.asynccontextmanager
async def open_hub(
    engine, key: str = "es256", *, private: dict[str, Any] | None = None, redirect: str | None = None
):
    """A hub with a system, a gateway that introspects, a client that people use, and a person who has logged in.

    Args:
        engine: of the service's role.
        key: name of the key of all clients.
        private: another key in place of it.
        redirect: where people come back to; a path of the hub's own where None.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        keys, revocations = Keys(engine, PlaceSealer(), now), Revocations(engine, now)
        logins = Logins(engine=engine, issuer=issuer, clock=now)
        parts = {
            "issuer": issuer,
            "audience": f"{issuer}/graphql",
            "keys": keys,
            "revocations": revocations,
            "clock": now,
        }
        app = Starlette(
            routes=[*routes(Server(engine=engine, logins=logins, **parts)), resource(Verifier(**parts))]
        )
        redirect = redirect or f"{issuer}/back"

        def settle(connection):
            for client_id, holds, uris in (
                ("polri-lapor", {}, ()),
                ("gateway", {"scopes": ["token:introspect"]}, ()),
                (CLIENT, None, (redirect,)),
            ):
                full = {"client_id": client_id, "redirect_uris": uris, "bearer_allowed": False}
                clients.register(connection, make_client(now, **full))
                if holds is not None:
                    grant(connection, now(), client_id, **holds)
            enrol(connection, now(), PERSON, "POLRI", **HELD)
            return log_in(connection, now())

        async with engine.begin() as connection:
            cookie = await connection.run_sync(settle)
        private = private or PRIVATE[key]
        parties = {
            "issuer": issuer,
            "audience": f"{issuer}/graphql",
            "client": {"client_id": "polri-lapor", "private_jwk": private},
            "gateway": {"client_id": "gateway", "private_jwk": private},
            "desk": {"client_id": CLIENT, "private_jwk": private, "redirect_uri": redirect},
            "login": f"{logins.cookies.login}={cookie}",
        }
        async with serving(app, listener):
            yield Door(issuer, parties)
