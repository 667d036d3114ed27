"""A ledger of its own for each test, its sealer, and the role that owns it and may do harm."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from hub import database as hub_database
from hub.database import Pool, conninfo
from hub.identity.keyring import Keyring
from hub.ledger import stored
from hub.ledger.entry import Entry
from hub.ledger.sealer import Sealer
from hub.ledger.verify import Verified, verify
from hub.ledger.writer import Ledger

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Watch:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


async def until(is_so: Callable[[], bool]) -> None:
    """Returns once it is so.

    Raises:
        AssertionError: it has not become so in half a minute.
    """
    for _ in range(3000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


@pytest.fixture
def clock() -> Watch:
    return Watch()


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    def make(**changes: Any) -> Entry:
        whole: dict[str, Any] = {
            "request_id": "0f",
            "at": START,
            "kind": "query",
            "client_id": "polri-penyidik",
            "agency": "POLRI",
            "purpose": "investigation",
            "grants": ("01900000-0000-7000-8000-000000000001/1",),
            "outcome": "answered",
            "operation": "0" * 64,
            "coordinates": ("Query.cases", "Victim.status"),
            "subjects": ("abcdefghijklmnop",),
            "row_count": 1,
        }
        return Entry(**(whole | changes))

    return make


@pytest.fixture
async def ledger(pool: Pool) -> AsyncIterator[Ledger]:
    async with Ledger(pool, timeout_s=20) as opened:
        yield opened


@pytest.fixture
async def sealer_pool(database) -> AsyncIterator[Pool]:
    async with hub_database.open_pool(
        database.service_url, size=4, name="sealer", role="hub_sealer"
    ) as opened:
        yield opened


@pytest.fixture
def sealer(sealer_pool: Pool, keyring: Keyring, clock: Watch) -> Sealer:
    return Sealer(sealer_pool, keyring, clock)


@pytest.fixture
def owner(database) -> Iterator[psycopg.Connection[Any]]:
    """As the owner, in autocommit."""
    with psycopg.connect(conninfo(database.owner_url), autocommit=True) as connection:
        yield connection


@pytest.fixture
def thief(owner):
    """The owner, who has put the triggers to sleep."""
    for table in ("era", "record", "seal", "seal_key"):
        owner.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER")
    return owner


@pytest.fixture
def as_role(database):
    """A connection of the service that has taken on a role."""

    @contextmanager
    def connected(role: str) -> Iterator[psycopg.Connection[Any]]:
        options = "-c timezone=UTC" if role == "hub_service" else f"-c role={role}"
        with psycopg.connect(conninfo(database.service_url), autocommit=True, options=options) as connection:
            yield connection

    return connected


@pytest.fixture
def verified(database) -> Callable[..., Verified]:
    """What holds of the database."""

    def look(**more: Any) -> Verified:
        with stored.opened(database.service_url) as ledger:
            return verify(ledger.seal_keys(), ledger.seals(), ledger.records(), **more)

    return look


@pytest.fixture
def bodies(owner) -> Callable[[], list[bytes]]:
    """What the ledger has, in the order in which it came."""
    return lambda: [body for (body,) in owner.execute("SELECT body FROM audit.record ORDER BY id")]
