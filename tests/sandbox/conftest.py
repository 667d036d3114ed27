"""Running agencies, started once a session with a small population."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.sandbox import run, truth
from hub.sandbox.run import Running
from hub.sandbox.truth import Truth
from hub.sandbox.wire import Agency

SEED, SIZE = 7, 40


@pytest.fixture(scope="session")
def sandbox_directory() -> Iterator[Path]:
    """A folder which the user that PostgreSQL runs as can enter, as pytest's own is not."""
    directory = Path(tempfile.mkdtemp(prefix="sandbox-"))
    directory.chmod(0o711)
    yield directory
    run.stop(directory)
    shutil.rmtree(directory)


def _running(directory: Path, agency: Agency) -> Running:
    (running,) = run.start(directory, seed=SEED, size=SIZE, agencies=[agency])
    return running


@pytest.fixture(scope="session")
def polri(sandbox_directory: Path) -> Running:
    return _running(sandbox_directory, "polri")


@pytest.fixture(scope="session")
def imigrasi(sandbox_directory: Path) -> Running:
    return _running(sandbox_directory, "imigrasi")


@pytest.fixture(scope="session")
def kemnaker(sandbox_directory: Path) -> Running:
    return _running(sandbox_directory, "kemnaker")


@pytest.fixture(scope="session")
def kemensos(sandbox_directory: Path) -> Running:
    return _running(sandbox_directory, "kemensos")


@pytest.fixture(scope="session")
def the_truth(polri: Running, sandbox_directory: Path) -> Truth:
    assert polri.pid
    return truth.load(sandbox_directory / truth.FILE_NAME)


@pytest.fixture
def order():
    """Posts an order to the control door of an agency."""

    def post(running: Running, verb: str, **orders: object) -> httpx.Response:
        return httpx.post(f"{running.control}/{verb}", json=orders, trust_env=False)

    return post
