"""A hub that serves on a loopback port, with one case in it, the demo's clients, its people and their login."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub import app as hub_app
from hub import database, embedded
from hub.cli import token as token_verb
from hub.clock import now
from hub.demo import clients, people
from hub.graphql.waking import Waking
from hub.identity.keyring import Keyring
from hub.identity.kms import KeyFile
from hub.ingest import batch
from hub.ingest.batch import Mapped
from hub.ledger.writer import Ledger
from hub.linkage.batch import link_batch
from hub.sandbox.sso import Sso
from schema.record import Record, RecordKind, Role
from tests.auth.issuers.foreign import serving as serving_sso

HOSTILE_NAME = "Siti <img src=x onerror=alert(1)>"
HOSTILE_ALIAS = "https://elsewhere.example/portrait.png"
_CASE = Record(
    agency="POLRI",
    object="laporan",
    key="LP-1",
    kind=RecordKind.CASE,
    source_time=datetime(2026, 2, 1, 3, 0, tzinfo=UTC),
    mapping_version="1",
    police_report="B/1/II/2026/POLRES SAMBAS",
    facts={
        "Case": {
            "police_report": "B/1/II/2026/POLRES SAMBAS",
            "reported_on": "2026-02-01",
            "origin_region": "61.01",
            "modus": "TRANSLATOR_MANDARIN",
            "destination_country": "MYS",
        }
    },
)
_VICTIM = Record(
    agency="POLRI",
    object="korban",
    key="orang-1",
    kind=RecordKind.PERSON,
    source_time=datetime(2026, 2, 1, 3, 0, tzinfo=UTC),
    mapping_version="1",
    role=Role.VICTIM,
    case=("laporan", "LP-1"),
    identity={
        "full_name": HOSTILE_NAME,
        "aliases": [HOSTILE_ALIAS],
        "nik": "9901014101900001",
        "birth_date": "1990-01-01",
    },
    facts={"Person": {"sex": "FEMALE"}, "Victim": {}},
)


@dataclass(frozen=True)
class Serving:
    """A hub that answers: under which URL, who may ask it for tokens, where people log in, and in which database."""

    url: str
    clients: Path
    login: str
    database: str

    def token(self, client_id: str) -> str:
        """A token as `python -m hub token CLIENT` prints it."""
        return token_verb.fetch(self.clients, client_id, self.url, scope=None, purpose=None)

    def revoke(self, client_id: str, token: str) -> None:
        """The token opens nothing from here on."""
        known = {one["client_id"]: one["private_jwk"] for one in json.loads(self.clients.read_text())}
        form = {
            "token": token,
            "client_id": client_id,
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": client_assertion(known[client_id], client_id, self.url, now()),
        }
        assert httpx.post(f"{self.url}/oauth/revoke", data=form).status_code == 200


@pytest.fixture(scope="session")
def serving(
    cluster: embedded.Cluster, template: str, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    cluster.create_database("explorer", template=template)
    url = cluster.url("hub_service", "explorer")
    yield from opened(url, key_file, tmp_path_factory.mktemp("explorer") / "clients.json")


def opened(url: str, key_file: Path, folder: Path) -> Iterator[Serving]:
    """A hub on that database, which is empty yet.

    Args:
        url: of the database, as the service's role.
        key_file: root key.
        folder: of the file of the demo's clients.
    """
    with socket.create_server(("127.0.0.1", 0)) as bound, socket.create_server(("127.0.0.1", 0)) as beside:
        at, login = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in (bound, beside))
        found = Serving(at, folder, login, url)
        server = asyncio.run(_prepared(url, key_file, found))
        thread = threading.Thread(target=asyncio.run, args=(_serve(server, key_file, found, bound, beside),))
        thread.start()
        # Ready before any test is: two threads that build syntax trees at once upset CPython 3.11 (gh-106905).
        while thread.is_alive() and not server.started:
            time.sleep(0.05)
        assert server.started
        yield found
        server.should_exit = True
        thread.join(timeout=30)
        assert not thread.is_alive()


async def _prepared(url: str, key_file: Path, found: Serving) -> uvicorn.Server:
    """The data and the clients are there; the server has no application yet."""
    async with database.open_pool(url, size=2, name="fill") as pool, pool.connection() as connection:
        keyring = await Keyring.load(connection, KeyFile.read(key_file), ("POLRI",), now())
        await connection.execute(
            "INSERT INTO checkpoint (agency, cursor, cursor_version) VALUES ('POLRI', '{}', 0)"
        )
        mapped = Mapped(
            agency="POLRI",
            next_cursor={},
            is_last=True,
            source_uri="test:",
            records=(_CASE, _VICTIM),
            violations=(),
            drifts=(),
        )
        await batch.write(connection, keyring, mapped, seen_version=0, run_id=uuid4(), number=0, now=now())
        while await link_batch(connection, keyring, now()):
            continue
    engine = database.open_engine(url, size=1, name="fill")
    await clients.register(engine, found.clients, now)
    await people.register(engine, found.clients.with_name("people.json"), now, found.login)
    await engine.dispose()
    return uvicorn.Server(uvicorn.Config("to be made in its thread", log_config=None, lifespan="off"))


async def _serve(
    server: uvicorn.Server, key_file: Path, found: Serving, bound: socket.socket, beside: socket.socket
) -> None:
    url = found.database
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serving_sso(Sso(found.login).app(), beside))
        pool = await stack.enter_async_context(database.open_pool(url, size=4, name="explorer"))
        async with pool.connection() as connection:
            keyring = await Keyring.load(connection, KeyFile.read(key_file), ("POLRI",), now())
        engine = database.open_engine(url, size=4, name="explorer-oauth")
        readers = database.open_pool(url, size=4, name="explorer-readers", role="hub_reader")
        recording = database.open_pool(url, size=1, name="explorer-ledger")
        await stack.enter_async_context(readers)
        ledger = await stack.enter_async_context(Ledger(await stack.enter_async_context(recording)))
        waking = await stack.enter_async_context(Waking(url))
        service = await stack.enter_async_context(
            hub_app.open_app(
                pool=pool,
                readers=readers,
                ledger=ledger,
                waking=waking,
                engine=engine,
                keyring=keyring,
                clock=now,
                issuer=found.url,
                bearer_demo=True,
            )
        )
        server.config.app = service
        await server.serve(sockets=[bound])
