"""Agencies are started, attached to and stopped."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import orjson
import pytest

from hub.sandbox import run


@pytest.fixture
def directory(tmp_path: Path):
    yield tmp_path
    run.stop(tmp_path)


def test_starting_twice_attaches_and_another_size_starts_anew(directory: Path):
    told: list[tuple[str, str]] = []

    (first,) = run.start(
        directory, seed=1, size=2, agencies=["polri"], progress=lambda *word: told.append(word)
    )
    (second,) = run.start(
        directory, seed=1, size=2, agencies=["polri"], progress=lambda *word: told.append(word)
    )
    (third,) = run.start(directory, seed=1, size=3, agencies=["polri"])

    assert told == [("polri", "starting"), ("polri", "ready"), ("polri", "attached")]
    assert (first.attached, second.attached, third.attached) == (False, True, False)
    assert first.pid == second.pid != third.pid
    assert [each.pid for each in run.running(directory)] == [third.pid]


def test_the_settings_file_is_the_owners_alone_and_goes_with_the_process(directory: Path):
    (polri,) = run.start(directory, seed=1, size=0, agencies=["polri"])
    path = directory / "polri.json"

    content = orjson.loads(path.read_bytes())

    assert content == {
        "agency": "polri", "settings": dict(polri.settings), "control": polri.control, "pid": polri.pid,
    }  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run.stop(directory) == ["polri"]
    assert not path.exists()
    assert run.stop(directory) == []


def test_a_settings_file_left_by_a_killed_process_is_not_attached_to(directory: Path):
    (first,) = run.start(directory, seed=1, size=0, agencies=["polri"])
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)

    (second,) = run.start(directory, seed=1, size=0, agencies=["polri"])

    assert (second.attached, second.pid != first.pid) == (False, True)


@pytest.mark.parametrize("detach", [True, False])
def test_an_agency_outlives_its_parent_only_when_detached(directory: Path, detach: bool):
    program = (
        "import sys; from pathlib import Path; from hub.sandbox import run;"
        f"run.start(Path(sys.argv[1]), seed=1, size=0, agencies=['polri'], detach={detach})"
    )
    subprocess.run([sys.executable, "-c", program, str(directory)], check=True, timeout=60)

    if not detach:
        deadline = time.monotonic() + 10
        while run.running(directory) and time.monotonic() < deadline:
            time.sleep(0.1)

    assert [each.agency for each in run.running(directory)] == (["polri"] if detach else [])


def test_an_agency_that_cannot_start_says_where_its_log_is(tmp_path: Path):
    (tmp_path / "kemensos").write_text("in the way")

    with pytest.raises(run.SandboxNotStarted, match=r"kemensos\.log"):
        run.start(tmp_path, seed=1, size=0, agencies=["kemensos"])


def test_the_control_door_is_on_loopback_only(directory: Path):
    (polri,) = run.start(directory, seed=1, size=0, agencies=["polri"])

    state = httpx.get(f"{polri.control}/state", trust_env=False).json()

    assert polri.control.startswith("http://127.0.0.1:")
    assert (state["agency"], state["seed"], state["size"], state["pid"]) == ("polri", 1, 0, polri.pid)
