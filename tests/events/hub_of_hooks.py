"""A store with a client that has grants, an endpoint of it, and a sender whose clock a test moves."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from auth import clients
from auth.clients import Client
from hub import database as hub_database
from hub.events import hooks
from hub.events.hooks import Hook
from hub.events.sender import Sender
from hub.graphql.feed import Feed
from hub.graphql.permits import Permits
from hub.graphql.told import TYPES
from hub.ledger.writer import Ledger
from schema.reach import provinces
from tests.auth.parties import PRIVATE, grant, public
from tests.ingest.store import START, Store

SCOPES = frozenset({"case:read", "victim:read", "victim.child:read", "perpetrator:read"})
NOW = START + timedelta(days=30)
SOURCE = "http://127.0.0.1:8000"


@dataclass
class Clock:
    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **how: float) -> None:
        self.moment += timedelta(**how)


@dataclass
class Hooks:
    """What a test of endpoints has at hand."""

    store: Store
    engine: Any
    clock: Clock
    sender: Sender

    async def run(self, function: Any, *values: Any, **named: Any) -> Any:
        async with self.engine.begin() as connection:
            return await connection.run_sync(function, *values, **named)

    async def add(self, url: str, client_id: str = "system", **changes: Any) -> UUID:
        full: dict[str, Any] = {
            "client_id": client_id,
            "url": url,
            "purpose": "protection",
            "scopes": SCOPES,
            "types": TYPES,
        }
        return await self.run(hooks.add, Hook(**(full | changes)), loopback=True, now=self.clock())

    async def send(self) -> None:
        """Until nothing is due at this moment."""
        while await self.sender.step():
            continue

    async def waiting(self, state: str = "WAITING") -> list[int]:
        found = "SELECT position FROM webhook_delivery WHERE state = %s ORDER BY 1"
        return [row[0] for row in await self.store.rows(found, state)]


def register(connection: Any, clock: Clock, client_id: str = "system", **held: Any) -> None:
    clients.register(
        connection,
        Client(
            client_id=client_id,
            agency="POLRI",
            description="of a test",
            public_jwks={"keys": [public(PRIVATE["ed25519"])]},
            created_at=clock(),
        ),
    )
    full: dict[str, Any] = {
        "scopes": SCOPES, "purposes": ("protection",), "owner": "POLRI", "jurisdictions": tuple(sorted(provinces())),
    }  # fmt: skip
    grant(connection, clock(), client_id, **(full | held))


@contextlib.asynccontextmanager
async def hooked(url: str, store: Store) -> AsyncIterator[Hooks]:
    clock = Clock()
    engine = hub_database.open_engine(url, size=2, name="test")
    async with (
        hub_database.open_pool(url, size=4, name="test-hooks") as pool,
        hub_database.open_pool(url, size=4, name="test-readers", role="hub_reader") as readers,
        hub_database.open_pool(url, size=1, name="test-ledger") as recording,
        Ledger(recording, timeout_s=30) as ledger,
    ):
        sender = Sender(
            pool=pool,
            feed=Feed(readers, Permits(clock), store.keyring),
            ledger=ledger,
            keyring=store.keyring,
            clock=clock,
            source=SOURCE,
            loopback=True,
        )
        yield Hooks(store, engine, clock, sender)
    await engine.dispose()
