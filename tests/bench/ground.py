"""What a benchmark stands on: a database server of its own with the launcher's settings, and the sandbox's police."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import psycopg
from psycopg import sql

from hub import database, embedded
from hub.embedded.cluster import SUPERUSER
from hub.identity.kms import KeyFile
from hub.sandbox.population import DEFAULT_SEED
from tests.bench import programs
from tests.bench.programs import ROOT

RESULTS = ROOT / "var" / "bench"
_READY_S = 900


@dataclass(frozen=True)
class Store:
    """A migrated database and how a hub is told of it."""

    name: str
    owner_url: str
    service_url: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Ground:
    """A folder that is gone afterwards, and a server in it."""

    folder: Path
    cluster: embedded.Cluster

    @property
    def postmaster(self) -> int:
        """Process id of the server; its backends are its children."""
        return int((self.cluster.layout.data / "postmaster.pid").read_text().splitlines()[0])

    def settings(self) -> dict[str, str]:
        """Settings of the server that decide how long a commit takes."""
        names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")
        with psycopg.connect(self.cluster.conninfo(SUPERUSER, "postgres")) as connection:
            found = connection.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", (list(names),)
            )
            return {**dict(found.fetchall()), "version": str(connection.info.server_version)}

    @contextmanager
    def store(self, name: str) -> Iterator[Store]:
        """An empty hub's database, dropped at the end of the block."""
        self.cluster.create_database(name)
        try:
            owner, service = self.cluster.url("hub_owner", name), self.cluster.url("hub_service", name)
            database.migrate(owner)
            key_file = self.folder / "root.key"
            if not key_file.exists():
                KeyFile.make(key_file)
            environment = {
                "HUB_VAR": str(self.folder),
                "HUB_DATABASE_URL": service,
                "HUB_DATABASE_OWNER_URL": owner,
                "HUB_KEY_FILE": str(key_file),
                "HUB_LOG_LEVEL": "warning",
            }
            yield Store(name, owner, service, environment)
        finally:
            self.cluster.drop_database(name)

    def settle(self, name: str) -> None:
        """The server's own work after a load is done: what it knows of the tables is new, and nothing waits to be written."""
        with psycopg.connect(self.cluster.conninfo(SUPERUSER, name), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def count(self, name: str, table: str) -> int:
        """Rows of a table."""
        with psycopg.connect(self.cluster.conninfo(SUPERUSER, name)) as connection:
            found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            row = found.fetchone()
        return row[0] if row else 0

    @contextmanager
    def police(self, size: int) -> Iterator[tuple[int, dict[str, str]]]:
        """The sandbox's police with that many random cases: its process id, and the settings that connect a hub to it."""
        folder = self.folder / "sandbox"
        folder.mkdir(exist_ok=True)
        log, found = folder / "polri.log", folder / "polri.json"
        command = [sys.executable, "-m", "hub.sandbox", "polri", "--directory", folder]
        command += ["--seed", str(DEFAULT_SEED), "--size", str(size)]
        with programs.running(command, log=log, given={}) as program:
            programs.until(found.exists, program, log, _READY_S)
            settings = orjson.loads(found.read_bytes())["settings"]
            yield (
                program.pid,
                {f"HUB_AGENCY__POLRI__{name.upper()}": str(value) for name, value in settings.items()},
            )


@contextmanager
def ground() -> Iterator[Ground]:
    """A server that nobody else uses; it and its folder are gone at the end of the block."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ground-", dir=RESULTS))
    folder.chmod(0o755)  # the server's user passes through to its own folder; the key has its own mode
    try:
        cluster = embedded.start(folder / "pg")
        try:
            yield Ground(folder, cluster)
        finally:
            cluster.stop(force=True)
            shutil.rmtree(cluster.layout.data)
    finally:
        shutil.rmtree(folder)
