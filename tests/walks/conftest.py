"""The command line as an operator runs it: a folder of its own, real processes, the sandbox's agencies."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from hub import embedded
from hub.sandbox import run

ROOT = Path(__file__).resolve().parents[2]
SEED, SIZE = 11, 30


@dataclass
class Station:
    """A hub's folder, and its command line."""

    var: Path
    environment: dict[str, str] = field(default_factory=dict)

    def settings(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        return {**kept, "HUB_VAR": str(self.var), **self.environment, **more}

    def hub(self, *arguments: str, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=ROOT,
            env=self.settings(**more),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "hub", *arguments],
            cwd=ROOT,
            env=self.settings(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def cluster(self) -> embedded.Cluster:
        return embedded.start(self.var / "pg")

    def rows(self, statement: str, *, database: str = "hub") -> list[tuple]:
        with psycopg.connect(self.cluster().conninfo("hub_owner", database)) as connection:
            return connection.execute(statement.encode()).fetchall()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def make_station() -> Iterator:
    """A new folder that the user that PostgreSQL runs as can enter, with a root key."""
    made: list[Station] = []

    def make() -> Station:
        var = Path(tempfile.mkdtemp(prefix="station-"))
        var.chmod(0o711)
        made.append(Station(var))
        return made[-1]

    yield make
    for station in made:
        run.stop(station.var / "sandbox")
        if (station.var / "pg.state").exists():
            embedded.start(station.var / "pg").stop(force=True)
        shutil.rmtree(station.var)


@pytest.fixture(scope="session")
def station(make_station) -> Station:
    """A hub with a key and a migrated database, and four agencies that it is told of."""
    made = make_station()
    assert made.hub("key").returncode == 0
    assert made.hub("migrate").returncode == 0
    for agency in run.start(made.var / "sandbox", seed=SEED, size=SIZE):
        for name, value in agency.settings.items():
            made.environment[f"HUB_AGENCY__{agency.agency.upper()}__{name.upper()}"] = str(value)
    return made
