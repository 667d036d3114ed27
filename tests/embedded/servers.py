"""Servers of these tests: a cluster that is started again when a test ended it, starters that are processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from hub import embedded

ROOT = Path(__file__).resolve().parents[2]


def discard(cluster: embedded.Cluster) -> None:
    """Ends a server whoever started it, and takes its data away."""
    cluster.stop(force=True)
    shutil.rmtree(cluster.layout.data)


@dataclass(frozen=True)
class Home:
    """The data folder of a cluster that all tests share; whoever wants its server has it, started again or attached to."""

    data: Path

    def start(self, **changes: Any) -> embedded.Cluster:
        return embedded.start(self.data, **changes)

    def query(self, statement: str) -> list[tuple]:
        cluster = self.start()
        with psycopg.connect(cluster.conninfo("postgres", "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


class Starter:
    """A process that has started a server or attached to it."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.starter", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def told(self) -> dict[str, Any]:
        """What it says of its server, as soon as it has one."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        return json.loads(line)

    def kill(self) -> None:
        """Ends it, and what it is running at the moment, without a chance to tidy up."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._close()

    def end(self) -> int:
        """Lets it go, and waits until it has gone."""
        self._close()
        return self.process.returncode

    def _close(self) -> None:
        if self.process.stdin and not self.process.stdin.closed:
            self.process.communicate(timeout=60)
