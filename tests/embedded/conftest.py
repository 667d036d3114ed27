"""Folders that the server's user can reach, and starters that are processes of their own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.servers import Home, Starter, discard


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def home(open_folder: Path) -> Iterator[Home]:
    found = Home(open_folder / "pg")
    found.start()
    yield found
    discard(found.start())


@pytest.fixture
def starter() -> Iterator[Callable[..., Starter]]:
    begun: list[Starter] = []

    def begin(*arguments: object) -> Starter:
        begun.append(Starter(*map(str, arguments)))
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()
