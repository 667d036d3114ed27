"""A foreign issuer on a real socket, which signs whatever a test asks for and counts who asks it."""

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import issuers
from auth.grant import CENTRAL, Officer
from auth.issuers import Proposal, Use

FIRST = Officer(account_id="https://sso.example#first", agency=CENTRAL)
SECOND = Officer(account_id="https://sso.example#second", agency=CENTRAL)
KEYS = {
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "stranger": ECKey.generate_key("P-256", {"kid": "ec"}),
    "next": ECKey.generate_key("P-256", {"kid": "next"}),
    "HS256": OctKey.import_key("k" * 32),
}
PUBLISHED = ("ES256", "Ed25519", "PS256")


def listen(host: str = "127.0.0.1") -> socket.socket:
    return socket.create_server((host, 0))


@contextlib.asynccontextmanager
async def serving(app, listener, **config):
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None, **config))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by this flag only
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def proposal(issuer: str, **changes: Any) -> Proposal:
    full: dict[str, Any] = {
        "issuer": issuer,
        "name": "SSO Polri",
        "agency": "POLRI",
        "use": Use.SYSTEMS,
        "audience": "https://hub.example",
        "algorithms": ("ES256", "Ed25519", "PS256"),
        "ceiling": frozenset({"case:read", "victim:read"}),
        "scope_map": {"perkara.baca": "case:read", "korban.baca": "victim:read"},
    }
    return Proposal(**(full | changes))


def trust(connection, now, issuer: str, **changes: Any) -> issuers.TrustedIssuer:
    """A standing row, made by two officers."""
    made = issuers.propose(connection, FIRST, proposal(issuer, **changes), now)
    return issuers.approve(connection, SECOND, made.trust_id, now)


@dataclass
class ForeignIssuer:
    """Discovery, keys, and tokens with a single fault each."""

    url: str
    said: dict[str, Any] = field(default_factory=dict)
    published: tuple[str, ...] = PUBLISHED
    asked: list[str] = field(default_factory=list)
    answer: Response | None = None
    """Instead of the keys."""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
            ]
        )

    async def _metadata(self, _: Request) -> Response:
        self.asked.append("metadata")
        return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"} | self.said)

    async def _jwks(self, _: Request) -> Response:
        self.asked.append("keys")
        keys = [KEYS[name].as_dict(private=False) | {"use": "sig"} for name in self.published]
        return self.answer or JSONResponse({"keys": keys})

    def token(self, clock, *, header: dict[str, Any] | None = None, key: str = "ES256", **changes) -> str:
        """An access token that is right but for the changes; None leaves a claim out."""
        now = int(clock().timestamp())
        head = {"typ": "at+jwt", "alg": "ES256", "kid": KEYS[key].kid or "ec"} | (header or {})
        full = {
            "iss": self.url,
            "sub": "sistem-lapor",
            "aud": "https://hub.example",
            "client_id": "lapor",
            "iat": now,
            "exp": now + 300,
            "jti": "satu",
            "scope": "perkara.baca lain.baca",
        }
        claims = {name: value for name, value in (full | changes).items() if value is not None}
        head = {name: value for name, value in head.items() if value is not None}
        return sign(head, claims, key)


def sign(header: dict[str, Any], claims: dict[str, Any], key: str) -> str:

    registry = jws.JWSRegistry(algorithms=list(jws.JWSRegistry.algorithms), strict_check_header=False)
    return jws.serialize_compact(header, json.dumps(claims), KEYS[key], registry=registry)
