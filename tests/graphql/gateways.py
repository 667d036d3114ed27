"""The hub, an agency's subgraph and a gateway as processes of their own: composed, started and ended by tests."""

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hub.sandbox.subgraph import SCHEMA
from tests.graphql.sdl import KEPT
from tests.house import ROOT

PEERS = ROOT / "tests" / "peers"
COMPOSITION = PEERS / "federation"
GATEWAY = PEERS / "gateway"
SECRET = "a secret of the proxy before the hub, in a test"  # noqa: S105 - of a test


def need(folder: Path) -> None:
    """The third-party programs of a folder can be run; else the test is skipped, and says why."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are needed for third-party federation tools")
    if not (folder / "node_modules" / ".package-lock.json").is_file():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if installed.returncode:
            pytest.skip(f"npm ci in {folder} failed: {installed.stderr[-300:]}")


def composed(subgraphs: Sequence[tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    """What two libraries make of subgraphs: for each library its errors and its supergraph.

    Args:
        subgraphs: each name, URL, SDL, and, if it is to have names of its own, what stands before them.
    """
    need(COMPOSITION)
    asked = json.dumps([dict(zip(("name", "url", "sdl", "prefix"), one, strict=False)) for one in subgraphs])
    done = subprocess.run(
        ["node", "compose.mjs"], cwd=COMPOSITION, input=asked, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextlib.contextmanager
def program(
    command: Sequence[str], cwd: Path, output: Path, is_ready: Callable[[], bool], **environment: str
) -> Iterator[None]:
    """A process that is ready, until the block ends; what it writes is kept."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    with output.open("wb") as sink:
        process = subprocess.Popen(command, cwd=cwd, env=clean | environment, stdout=sink, stderr=sink)
        try:
            for _ in range(600):
                assert process.poll() is None, output.read_text(encoding="utf-8")
                with contextlib.suppress(httpx.TransportError):
                    if is_ready():
                        break
                time.sleep(0.1)
            else:
                raise AssertionError(output.read_text(encoding="utf-8"))
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            if process.poll() is None:
                process.kill()
                process.wait()


def answers(url: str) -> Callable[[], bool]:
    """True once something answers there."""
    return lambda: httpx.get(url, trust_env=False, timeout=5).status_code < 500


@dataclass(frozen=True)
class Certificate:
    """A certificate of a loopback address with its key, in files."""

    path: Path
    key: Path
    thumbprint: str

    @classmethod
    def make(cls, folder: Path, name: str) -> "Certificate":
        private = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
            )
            .sign(private, hashes.SHA256())
        )
        path, key = folder / f"{name}.crt", folder / f"{name}.key"
        path.write_bytes(made.public_bytes(Encoding.PEM))
        key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        thumbprint = base64.urlsafe_b64encode(made.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
        return cls(path, key, thumbprint)


@contextlib.contextmanager
def subgraph(
    folder: Path, port: int, rows: Sequence[Mapping[str, Any]], *, hub: str, gateway: str
) -> Iterator[str]:
    """The sample subgraph; its URL."""
    (folder / "requests.json").write_text(json.dumps(rows))
    command = [
        sys.executable,
        "-m",
        "hub",
        "subgraph",
        "--port",
        str(port),
        "--hub",
        hub,
        "--gateway",
        gateway,
    ]
    url = f"http://127.0.0.1:{port}/graphql"
    with program(
        [*command, "--rows", str(folder / "requests.json")], ROOT, folder / "subgraph.log", answers(url)
    ):
        yield url


@contextlib.contextmanager
def proxy(folder: Path, hub: str, certificate: Certificate) -> Iterator[str]:
    """The proxy that asks for clients' certificates; its URL."""
    need(GATEWAY)
    output = folder / "proxy.log"
    asked = {
        "hub": hub,
        "secret": SECRET,
        "cert": certificate.path.read_text(),
        "key": certificate.key.read_text(),
    }
    with program(
        ["node", "proxy.mjs", json.dumps(asked)], GATEWAY, output, lambda: output.read_text().endswith("\n")
    ):
        yield f"https://127.0.0.1:{output.read_text().strip()}"


@contextlib.contextmanager
def gateway(folder: Path, port: int, supergraph: str, *, issuer: str, **environment: str) -> Iterator[str]:
    """The gateway, of its own configuration; the URL of its endpoint."""
    need(GATEWAY)
    (folder / "supergraph.graphql").write_text(supergraph)
    command = [
        "node",
        "node_modules/@graphql-hive/gateway/dist/bin.js",
        "supergraph",
        "-c",
        "gateway.config.mjs",
    ]
    with program(
        [*command, "-h", "127.0.0.1", "-p", str(port)],
        GATEWAY,
        folder / "gateway.log",
        answers(f"http://127.0.0.1:{port}/healthcheck"),
        HUB_ISSUER=issuer,
        SUPERGRAPH=str(folder / "supergraph.graphql"),
        NODE_ENV="production",
        **environment,
    ):
        yield f"http://127.0.0.1:{port}/graphql"


def supergraph(hub_url: str, subgraph_url: str) -> str:
    """The hub and the sample subgraph, composed."""
    made = composed(
        [("hub", hub_url, KEPT.read_text(encoding="utf-8")), ("lpsk", subgraph_url, SCHEMA.as_str())]
    )
    assert [one["errors"] for one in made.values()] == [[], []]
    return made["guild"]["supergraph"]
