"""A hub on a filled database that tests ask over HTTP, as clients with the scopes that a test names."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
from joserfc.jwk import OKPKey
from sqlalchemy import Connection

from auth import accounts, clients
from auth.access_token import AccessToken, new_id, sign
from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from auth.clients import Client
from auth.dpop import ALGORITHMS
from auth.keys import Keys
from auth.scopes import PURPOSES, SCOPES, ScopeClass
from auth.scopes import scopes as scopes_by_word
from hub import app as hub_app
from hub import database
from hub.database import Pool
from hub.graphql.budgets import Budgets
from hub.graphql.waking import Waking
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from hub.ledger.writer import Ledger
from hub.limits import Limits
from schema.codes import code_list
from schema.reach import provinces
from tests.auth.parties import Clock, enrol, grant, public

ISSUER = "https://hub.example"
AGENCIES = ("POLRI", "IMIGRASI", "KEMNAKER", "KEMENSOS")
CHILDREN = "victim.child:read"
EVERY = frozenset(scope.word for scope in SCOPES if not scope.humans_only)
OFFICER = frozenset(scope.word for scope in SCOPES if scope.humans_only)
ACCOUNT = "https://sso.example#officer"
OWNERS = tuple(code_list("agency"))
NATION = tuple(sorted(provinces()))
GIVEN = tuple(one.word for one in PURPOSES if one.word not in {"statistics", "emergency"})
"""Purposes for which every scope may be granted."""
PRIVATE = OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True)
WITHOUT_BUDGET = Limits(budget=0, concurrency=0, person_matches=0, oauth_rate=0, oauth_failures=0)
GRAPHQL = "application/graphql-response+json"


def register(connection: Connection, clock: Clock, *names: str) -> None:
    """Clients of these names, each with every scope that a client may have."""
    for name in names:
        clients.register(
            connection,
            Client(
                client_id=name,
                agency="POLRI",
                description="of a test",
                public_jwks={"keys": [public(PRIVATE)]},
                bearer_allowed=True,
                created_at=clock(),
            ),
        )
    entitle(connection, clock(), *names)
    if accounts.load(connection, ACCOUNT) is None:
        everything = EVERY | OFFICER
        scopes = frozenset(
            word for word in everything if scopes_by_word()[word].scope_class is not ScopeClass.SYSTEM
        )
        enrol(connection, clock(), ACCOUNT, scopes=scopes, purposes=GIVEN, jurisdictions=NATION)


def entitle(connection: Connection, now: datetime, *names: str) -> None:
    """A grant of each owner to these clients, with everything everywhere."""
    for name in names:
        for owner in OWNERS:
            grant(connection, now, name, scopes=EVERY, purposes=GIVEN, jurisdictions=NATION, owner=owner)


@dataclass
class Hub:
    """The service, and a client that speaks HTTP to it."""

    http: httpx.AsyncClient
    pool: Pool
    keyring: Keyring
    clock: Clock
    service: Any
    engine: Any
    readers: Pool
    issuer: str = ISSUER
    tokens: dict[tuple[str, frozenset[str]], str] = field(default_factory=dict)

    async def token(self, scopes: Iterable[str] = EVERY, client: str = "one") -> str:
        """A token of exactly these scopes, asked for once; a token has at least one, so none is one that opens no row."""
        wanted = frozenset(scopes) or frozenset({"statistics:read"})
        if (client, wanted) not in self.tokens:
            self.tokens[client, wanted] = await self.new_token(wanted, client)
        return self.tokens[client, wanted]

    async def new_token(self, scopes: Iterable[str], client: str = "one", purpose: str = "protection") -> str:
        if not OFFICER.isdisjoint(scopes):
            return await self.person_token(scopes, ACCOUNT)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": client_assertion(PRIVATE, client, self.issuer, self.clock()),
            "scope": " ".join(sorted(scopes)),
            "purpose": purpose,
        }
        response = await self.http.post("/oauth/token", data=form)
        assert response.status_code == 200, response.text
        return response.json()["access_token"]

    async def person_token(
        self,
        scopes: Iterable[str],
        account_id: str,
        purpose: str = "protection",
        logged_in: datetime | None = None,
    ) -> str:
        """A token of a person who uses the client `one`, signed with the hub's own key."""
        keys = Keys(self.engine, self.keyring, self.clock)
        await keys.fresh()
        async with self.engine.connect() as connection:
            account = await connection.run_sync(accounts.load, account_id)
        assert account is not None
        token = AccessToken(
            token_id=new_id(),
            client_id="one",
            subject=account_id,
            audience=f"{self.issuer}/graphql",
            scopes=frozenset(scopes),
            purpose=purpose,
            agency=account.agency,
            jurisdiction=(),
            issued_at=self.clock(),
            expires_at=self.clock() + timedelta(seconds=300),
            authenticated_at=logged_in or self.clock(),
        )
        return sign(token, self.issuer, keys.signing())

    async def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        scopes: Iterable[str] = EVERY,
        client: str = "one",
        accept: str = GRAPHQL,
        token: str | None = None,
        prefer: str | None = None,
        **members: Any,
    ) -> httpx.Response:
        body = {"query": query, **({} if variables is None else {"variables": variables}), **members}
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        headers |= {} if prefer is None else {"Prefer": prefer}
        return await self.post(orjson.dumps(body), scopes=scopes, client=client, accept=accept, **headers)

    async def post(
        self,
        body: bytes,
        *,
        scopes: Iterable[str] = EVERY,
        client: str = "one",
        accept: str | None = GRAPHQL,
        **headers: str,
    ) -> httpx.Response:
        full = {"Content-Type": "application/json", "Accept": accept or "*/*"}
        full |= {name.replace("_", "-"): value for name, value in headers.items()}
        full.setdefault("Authorization", f"Bearer {await self.token(scopes, client)}")
        return await self.http.post("/graphql", content=body, headers=full)

    async def data(self, query: str, variables: Mapping[str, Any] | None = None, **how: Any) -> Any:
        """The data of an answer without errors."""
        response = await self.ask(query, variables, **how)
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        return answer["data"]

    async def refusal(
        self, query: str, variables: Mapping[str, Any] | None = None, **how: Any
    ) -> tuple[int, list[str]]:
        """Status and codes of an answer that has errors and no data."""
        response = await self.ask(query, variables, **how)
        answer = response.json()
        assert "data" not in answer, answer
        return response.status_code, [error["extensions"]["code"] for error in answer["errors"]]

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall()

    async def waiting_for_locks(self, number: int) -> None:
        """Returns once so many statements on this database wait for somebody else's lock."""
        waiting = """SELECT count(*) FROM pg_locks WHERE NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        for _ in range(1000):
            if (await self.rows(waiting))[0][0] >= number:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("nothing waits")


def challenged(**parameters: str) -> str:
    """The challenge of a hub that takes bearer tokens too, as the demo's does."""
    said = "".join(f', {name}="{value}"' for name, value in parameters.items())
    return f'DPoP realm="hub"{said}, algs="{" ".join(ALGORITHMS)}", Bearer realm="hub"{said}'


def forbidden(response: httpx.Response) -> dict[str, list[list[str]]]:
    """Coordinate -> scopes of a refusal, after all else about it was found right."""
    answer = response.json()
    assert response.status_code == 403, answer
    assert answer.keys() == {"errors"}
    found: dict[str, list[list[str]]] = {}
    for error in answer["errors"]:
        extensions = error["extensions"]
        assert error == {
            "message": f"{extensions['coordinate']} needs a scope that the token does not have",
            "extensions": {
                "code": "FORBIDDEN",
                "coordinate": extensions["coordinate"],
                "requiresScopes": extensions["requiresScopes"],
                "requestAt": f"{ISSUER}/oauth/token",
            },
        }
        found[extensions["coordinate"]] = extensions["requiresScopes"]
    told = sorted({scope for requires in found.values() for scope in requires[0]})
    assert response.headers["WWW-Authenticate"] == challenged(
        error="insufficient_scope", scope=" ".join(told)
    )
    return found


@contextlib.asynccontextmanager
async def running(
    url: str,
    key_file: Any,
    clock: Clock,
    *,
    pool_size: int = 8,
    pool: Pool | None = None,
    readers: Pool | None = None,
    limits: Limits = WITHOUT_BUDGET,
) -> AsyncIterator[Hub]:
    """The hub's whole application on that database; without a budget two equal questions have equal answers."""
    async with contextlib.AsyncExitStack() as stack:
        opened = pool or database.open_pool(url, size=pool_size, name="test")
        await stack.enter_async_context(opened)
        async with opened.connection() as connection:
            keyring = await Keyring.load(connection, KeyFile.read(key_file), AGENCIES, clock())
        engine = database.open_engine(url, size=4, name="test-oauth")
        readers = readers or database.open_pool(url, size=pool_size, name="test", role="hub_reader")
        await stack.enter_async_context(readers)
        recording = await stack.enter_async_context(database.open_pool(url, size=1, name="test-ledger"))
        ledger = await stack.enter_async_context(Ledger(recording))
        waking = await stack.enter_async_context(Waking(url))
        service = await stack.enter_async_context(
            hub_app.open_app(
                pool=opened,
                readers=readers,
                ledger=ledger,
                waking=waking,
                engine=engine,
                keyring=keyring,
                clock=clock,
                issuer=ISSUER,
                budgets=Budgets(limits, clock),
                bearer_demo=True,
            )
        )
        transport = httpx.ASGITransport(service, raise_app_exceptions=True)
        http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=ISSUER))
        yield Hub(http, opened, keyring, clock, service, engine, readers)
