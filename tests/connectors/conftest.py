"""Running agencies, started once a session with a small population."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.sandbox import run, truth
from hub.sandbox.population import Population
from hub.sandbox.truth import Truth
from hub.sandbox.wire import Agency
from tests.connectors.reading import Sandbox

SEED, SIZE = 7, 40


@pytest.fixture(scope="session")
def sandbox_directory() -> Iterator[Path]:
    """A folder which the user that PostgreSQL runs as can enter, as pytest's own is not."""
    directory = Path(tempfile.mkdtemp(prefix="sandbox-"))
    directory.chmod(0o711)
    yield directory
    run.stop(directory)
    shutil.rmtree(directory)


@pytest.fixture
def sandbox(sandbox_directory: Path) -> Iterator[Callable[[Agency], Sandbox]]:
    """Starts an agency or attaches to it; trouble that a test has left over is called off."""
    used: list[Sandbox] = []

    def start(agency: Agency) -> Sandbox:
        (running,) = run.start(sandbox_directory, seed=SEED, size=SIZE, agencies=[agency])
        used.append(Sandbox(running))
        return used[-1]

    yield start
    for each in used:
        each.order("fail", count=0)
        each.order("stall", seconds=0, count=0)
        if each.running.agency in {"polri", "imigrasi"}:
            each.order("rubbish", count=0)


@pytest.fixture
def the_truth(sandbox_directory: Path) -> Truth:
    path = sandbox_directory / truth.FILE_NAME
    if not path.exists():
        truth.write(Population(SEED, SIZE), sandbox_directory)
    return truth.load(path)
