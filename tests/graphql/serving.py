"""`python -m hub serve` as its users start it: a process of its own, a real socket, and its standard output kept."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from auth.assertion import CLIENT_ASSERTION_TYPE, client_assertion
from hub.clock import now
from tests.graphql.hub import PRIVATE
from tests.house import ROOT


@dataclass(frozen=True)
class Served:
    """A hub that answers on a loopback port."""

    url: str
    output: Path

    def token(self, *scopes: str, purpose: str = "investigation", client: str = "one") -> str:
        """A token of these scopes, for a minute's use."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": client_assertion(PRIVATE, client, self.url, now()),
            "scope": " ".join(scopes),
            "purpose": purpose,
        }
        response = httpx.post(f"{self.url}/oauth/token", data=form, trust_env=False)
        assert response.status_code == 200, response.text
        return response.json()["access_token"]

    @property
    def log(self) -> str:
        """What the process has written so far, errors included."""
        return self.output.read_text(encoding="utf-8")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def serve(database_url: str, key_file: Path, folder: Path, **settings: str) -> Iterator[Served]:
    """The hub, until the block ends; SIGTERM ends it, after the requests under way."""
    port = int(settings.get("HUB_PORT", free_port()))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        "HUB_DATABASE_URL": database_url,
        "HUB_KEY_FILE": str(key_file),
        "HUB_PORT": str(port),
        "HUB_VAR": str(folder / "var"),
        "HUB_LOG_LEVEL": "debug",
        "HUB_DEMO_BEARER": "true",
        **settings,
    }
    output = folder / "serve.log"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "serve"], cwd=ROOT, env=environment, stdout=sink, stderr=sink
        )
        try:
            served = Served(f"http://127.0.0.1:{port}", output)
            _wait(served, process)
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=60)
    assert code in {0, -signal.SIGTERM}, output.read_text(encoding="utf-8")


def _wait(served: Served, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, served.log
        try:
            if httpx.get(f"{served.url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(served.log)
