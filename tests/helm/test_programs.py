"""The two programs that the chart brings along do what they say, run as the pods run them."""

import base64
import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hub.identity.kms import KeyFile
from schema.errors import SettingError
from tests.helm.chart import MINIMAL

ISSUER = "https://hub.example.go.id"


def run(container, *arguments):
    """Runs a container's command with this interpreter in place of the image's."""
    python, *command = container["command"]
    assert python == "python"
    return subprocess.run(
        [sys.executable, *command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def root_key(chart):
    (container,) = chart.render(MINIMAL).pod("api")["initContainers"]
    return container


@pytest.fixture
def secret(tmp_path) -> Path:
    """A root key as the kubelet mounts it."""
    path = tmp_path / "root-key"
    path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    path.chmod(0o440)
    return path


def test_the_mounted_key_as_it_is_would_be_refused(secret):
    """The reason for the copy: without it no pod would start. Should this fail, the init container can go."""
    with pytest.raises(SettingError, match="open to others"):
        KeyFile.read(secret)


async def test_the_copy_of_the_root_key_is_the_hubs_alone(root_key, secret, tmp_path):
    copy = tmp_path / "root.key"

    first = run(root_key, secret, copy)
    again = run(root_key, secret, copy)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert copy.stat().st_mode & 0o777 == 0o400
    assert copy.read_text() == secret.read_text()
    assert first.stdout + first.stderr == ""
    sealed = await KeyFile.read(copy).wrap("id", bytes(32))
    assert await KeyFile.read(copy).unwrap("id", sealed) == bytes(32)


def test_a_missing_secret_ends_the_init_container(root_key, tmp_path):
    done = run(root_key, tmp_path / "nothing", tmp_path / "root.key")

    assert done.returncode == 1
    assert not (tmp_path / "root.key").exists()


@pytest.fixture
def ready(chart):
    return chart.render(MINIMAL).container("test")


@contextlib.contextmanager
def site(folder: Path, *, ready: bool, issuer: str):
    """A web server that answers as a hub that is or is not ready and calls itself so."""
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "oauth-authorization-server").write_text(json.dumps({"issuer": issuer}))
    if ready:
        (folder / "readyz").write_text("")

    class Files(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_):
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield ("127.0.0.1", server.server_port)
        finally:
            server.shutdown()
            thread.join()


def test_the_test_pod_asks_the_service_under_the_issuers_name(ready):
    assert ready["args"] == ["tppo-hub", "80", ISSUER]


def test_a_hub_that_is_ready_passes(ready, tmp_path):
    with site(tmp_path, ready=True, issuer=ISSUER) as place:
        done = run(ready, *place, ISSUER)

    assert (done.returncode, done.stdout) == (0, f"readyz: ready\nissuer: {ISSUER}\n")


def test_a_hub_that_is_not_ready_does_not_pass(ready, tmp_path):
    with site(tmp_path, ready=False, issuer=ISSUER) as place:
        done = run(ready, *place, ISSUER)

    assert (done.returncode, done.stderr) == (1, "/readyz answers 404\n")


def test_a_hub_of_another_name_does_not_pass(ready, tmp_path):
    with site(tmp_path, ready=True, issuer="https://other.example.go.id") as place:
        done = run(ready, *place, ISSUER)

    assert (done.returncode, done.stderr) == (
        1,
        f"the hub calls itself https://other.example.go.id, and settings.issuer is {ISSUER}\n",
    )


def test_a_hub_that_does_not_answer_does_not_pass(ready):
    done = run(ready, "127.0.0.1", 1, ISSUER)

    assert (done.returncode, done.stderr) == (1, "127.0.0.1:1 does not answer: Connection refused\n")
