"""A clock that tests move, keys of clients, and a hub of OAuth2 with a client that speaks HTTP to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import Connection
from starlette.applications import Starlette

from auth import accounts, clients, grants
from auth.accounts import Account
from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from auth.clients import Client
from auth.grant import CENTRAL, Officer, Proposal, State, latest
from auth.grants import Decision
from auth.keys import Keys
from auth.revocations import Revocations
from auth.server import Server
from auth.tokens import Verifier

ISSUER = "https://hub.example"
AUDIENCE = "https://hub.example/graphql"
MTLS_HOST = "https://mtls.hub.example"
PROXY_SECRET = "a secret of the proxy, in a test alone"  # noqa: S105 - of a test


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **delta) -> None:
        self.moment += timedelta(**delta)


class PlaceSealer:
    """Not a cipher: it shows whether seal and open are given the same place."""

    def seal(self, plain: bytes, place: str) -> bytes:
        return place.encode() + b"|" + bytes(byte ^ 0x55 for byte in plain)

    def open(self, sealed: bytes, place: str) -> bytes:
        sealed_for, _, body = sealed.partition(b"|")
        assert sealed_for.decode() == place
        return bytes(byte ^ 0x55 for byte in body)


PRIVATE = {
    "ed25519": OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True),
    "es256": ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True),
    "ps256": RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True),
    "stranger": OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True),
}


def public(private_jwk: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in private_jwk.items()
        if name in {"kty", "crv", "x", "y", "n", "e", "kid"}
    }


def make_client(clock, **changes) -> Client:
    full: dict[str, Any] = {
        "client_id": "polri-lapor",
        "agency": "POLRI",
        "description": "Police case system",
        "public_jwks": {"keys": [public(PRIVATE[name]) for name in ("ed25519", "es256", "ps256")]},
        "bearer_allowed": True,
        "created_at": clock(),
    }
    return Client(**(full | changes))


PROPOSER = Officer(account_id="https://sso.example#proposer", agency=CENTRAL)
APPROVER = Officer(account_id="https://sso.example#approver", agency=CENTRAL)


def owner_of(agency: str) -> Officer:
    """The officer who approves for an agency what it owns."""
    return Officer(account_id=f"https://sso.example#{agency.lower()}", agency=agency)


def grant(
    connection: Connection,
    now: datetime,
    grantee: str,
    *,
    scopes: Iterable[str] = ("case:read", "victim:read"),
    purposes: Iterable[str] = ("investigation", "protection"),
    jurisdictions: Iterable[str] = ("61", "6171"),
    owner: str = "POLRI",
    days: int = 90,
) -> UUID:
    """The id of a grant that is alive: proposed by one officer, approved by another and by the owner's."""
    proposal = Proposal(
        grantee=grantee,
        owner=owner,
        scopes=frozenset(scopes),
        purposes=tuple(purposes),
        legal_basis="UU PDP art. 20(2)(e)",
        agreement="PKS/1/2026",
        justification="of a test",
        jurisdictions=tuple(jurisdictions),
        valid_from=now,
        valid_to=now + timedelta(days=days),
    )
    made = grants.propose(connection, PROPOSER, proposal, now)
    for officer, decision in ((APPROVER, Decision.APPROVED), (owner_of(owner), Decision.OWNER_APPROVED)):
        if latest(connection, made.grant_id, now).state is State.PROPOSED:
            grants.decide(connection, officer, made.grant_id, 1, decision, "of a test", now)
    return made.grant_id


def enrol(
    connection: Connection, now: datetime, account_id: str, agency: str = CENTRAL, **what: Any
) -> Account:
    """An account, and one grant to it where scopes are named."""
    account = Account(account_id=account_id, agency=agency, title="Officer of a test", created_at=now)
    accounts.register(connection, account)
    if what:
        grant(connection, now, account_id, **what)
    return account


@dataclass
class Hub:
    """The server, what verifies its tokens, and a client over HTTP."""

    engine: Any
    clock: Clock
    server: Server
    verifier: Verifier
    keys: Keys
    revocations: Revocations
    http: httpx.AsyncClient
    app: Starlette | None = None
    private: dict[str, Any] = field(default_factory=lambda: PRIVATE["ed25519"])

    async def run(self, function, *arguments, **named):
        async with self.engine.begin() as connection:
            return await connection.run_sync(function, *arguments, **named)

    async def register(self, *, holds: Mapping[str, Any] | None = None, **changes) -> Client:
        """A client with a grant; `holds={}` without one."""
        client = await self.run(clients.register, make_client(self.clock, **changes))
        what = {} if holds is None else holds
        if what or holds is None:
            await self.run(grant, self.clock(), client.client_id, **what)
        return client

    def assertion(self, client_id: str = "polri-lapor") -> str:
        return client_assertion(self.private, client_id, ISSUER, self.clock())

    def form(self, **changes) -> dict[str, str]:
        full = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": self.assertion(changes.pop("client_id", "polri-lapor")),
            "scope": "case:read",
            "purpose": "investigation",
        }
        return {name: value for name, value in (full | changes).items() if value is not None}

    async def ask(self, **changes) -> httpx.Response:
        return await self.http.post("/oauth/token", data=self.form(**changes))

    async def token(self, **changes) -> str:
        response = await self.ask(**changes)
        assert response.status_code == 200, response.text
        return response.json()["access_token"]


def error(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]
