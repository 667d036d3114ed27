"""Data stay where they are, whatever becomes of the folders around them, and are of one folder only."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from hub import embedded
from hub.embedded import account, layout
from hub.embedded.account import STATE, Account
from hub.embedded.layout import Layout
from schema.errors import StoreError
from tests.embedded.servers import Home, discard

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="run as root: only then the server has another user")


@pytest.fixture
def who() -> Account:
    return account.account()


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that others may go through and not list."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system's state folder of this test's own."""
    folder = tmp_path_factory.mktemp("system") / "state"
    for module in (account, layout):
        monkeypatch.setattr(module, "STATE", folder)
    return folder


def mark_as_cluster(data: Path, who: Account) -> None:
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    who.own(data)


@AS_ROOT
def test_a_folder_that_others_may_only_go_through_keeps_its_data(ground: Path, who: Account):
    assert Layout.of(ground / "pg", who) == Layout(ground / "pg", ground / "pg.state")
    assert not (ground / "pg.state" / "MOVED").exists()


@AS_ROOT
def test_two_folders_of_one_spelling_have_two_places(ground: Path, who: Account):
    closed = [ground / "a-b" / "c", ground / "a" / "b-c"]
    for folder in closed:
        folder.mkdir(parents=True, mode=0o700)

    places = [Layout.of(folder / "pg", who).data for folder in closed]

    assert [place.parent for place in places] == [STATE, STATE]
    assert places[0] != places[1]
    assert [Layout.of(folder / "pg", who).data for folder in closed] == places


@AS_ROOT
def test_data_that_were_moved_stay_when_the_folder_opens(ground: Path, who: Account, state: Path):
    ground.chmod(0o700)
    moved = Layout.of(ground / "pg", who).data
    mark_as_cluster(moved, who)

    ground.chmod(0o711)

    assert moved.parent == state
    assert Layout.of(ground / "pg", who).data == moved


@AS_ROOT
def test_data_in_a_folder_that_was_closed_are_refused_and_not_begun_anew(
    ground: Path, who: Account, state: Path
):
    mark_as_cluster(ground / "pg", who)
    ground.chmod(0o700)

    with pytest.raises(StoreError) as told:
        Layout.of(ground / "pg", who)

    assert str(told.value) == (
        f"the data are in {ground / 'pg'} and the server's user cannot enter {ground}:"
        " let others enter that folder and those above it (chmod o+x), or set HUB_VAR to another folder"
    )
    assert not state.exists()


@AS_ROOT
def test_the_systems_folder_is_open_whatever_the_umask(ground: Path, who: Account, state: Path):
    ground.chmod(0o700)
    before = os.umask(0o077)
    try:
        Layout.of(ground / "pg", who)
    finally:
        os.umask(before)

    assert stat.S_IMODE(state.stat().st_mode) == 0o755


@AS_ROOT
def test_data_of_another_user_are_refused(ground: Path, who: Account):
    (ground / "pg").mkdir()
    os.chown(ground / "pg", 65534, 65534)

    with pytest.raises(StoreError) as told:
        Layout.of(ground / "pg", who)

    assert str(told.value) == (
        f"{ground / 'pg'} is another user's: start as that user, or set HUB_VAR to another folder"
    )


def test_a_folder_that_cannot_be_made_is_told(ground: Path, who: Account):
    (ground / "file").write_text("")

    with pytest.raises(StoreError, match=r"pg\.state cannot be made: .*; set HUB_VAR to another folder"):
        Layout.of(ground / "file" / "pg", who)


def test_a_copy_of_the_folder_is_a_server_of_its_own(home: Home, open_folder: Path):
    original = home.start()
    original.stop(force=True)
    for name in ("pg", "pg.state"):
        subprocess.run(["cp", "-a", open_folder / name, open_folder / f"copy{name[2:]}"], check=True)
    original = home.start()

    copy = embedded.start(open_folder / "copy")

    assert (copy.started_here, copy.port == original.port) == (True, False)
    home.query("CREATE TABLE original_only (number int)")
    with psycopg.connect(copy.conninfo("postgres", "postgres")) as connection:
        assert connection.execute("SELECT to_regclass('original_only')").fetchone() == (None,)
    home.query("DROP TABLE original_only")
    discard(copy)


def test_a_server_whose_starter_was_killed_while_it_started_is_attached_to(home: Home, starter):
    pid = home.data / "postmaster.pid"
    home.start().stop(force=True)
    killed = starter(home.data)
    until = time.monotonic() + 60
    while not pid.exists():
        assert time.monotonic() < until
        time.sleep(0.001)
    killed.kill()

    found = home.start(start_timeout_s=30)

    assert found.port == int(pid.read_text().splitlines()[3])
    assert not home.start().started_here
    assert home.query("SELECT 1") == [(1,)]


def test_a_server_that_is_silent_for_a_while_is_attached_to_and_not_doubled(home: Home):
    running = home.start()
    pid = int((home.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGSTOP)
    waking = Timer(7, os.kill, (pid, signal.SIGCONT))
    waking.start()

    found = home.start(start_timeout_s=40)

    waking.join()
    assert (found.port, found.started_here) == (running.port, False)
    assert found.layout.read() == running.layout.read()


def test_a_database_that_two_make_at_once_is_made_once(home: Home):
    clusters = [home.start() for _ in range(4)]
    name = "made_at_once"

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.create_database(name), clusters))

    assert home.query("SELECT count(*) FROM pg_database WHERE datname = 'made_at_once'") == [(1,)]
    clusters[0].drop_database(name)
