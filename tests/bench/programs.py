"""Programs that a benchmark runs beside itself: each is ended by its own process id when its block ends."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
_END_S = 20


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of a hub, and with these values."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("HUB_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **given}


@contextmanager
def running(
    command: Sequence[str | Path], *, log: Path, given: Mapping[str, str], folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs while the block does.

    Args:
        command: program and arguments.
        log: file for all that it prints.
        given: environment beside this process's own.
        folder: to run it in.
    """
    with log.open("ab") as output:
        program = subprocess.Popen(
            command, cwd=folder, env=environment(given), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield program
    finally:
        end(program)


def end(program: subprocess.Popen[bytes]) -> None:
    """The program does not run any more."""
    if program.poll() is not None:
        return
    program.terminate()
    try:
        program.wait(_END_S)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def until(ready: Callable[[], bool], program: subprocess.Popen[bytes], log: Path, most_s: float) -> None:
    """Returns once the program is ready.

    Args:
        ready: asked again and again.
        program: that is starting.
        log: of the program, named where it is not ready.
        most_s: seconds to wait.

    Raises:
        RuntimeError: it ended, or took too long.
    """
    deadline = time.monotonic() + most_s
    while not ready():
        if program.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{Path(program.args[0]).name} is not ready: {log.read_text()[-2000:]}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """True if something answers there, whatever it says."""
    try:
        httpx.get(url, timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def free_port() -> int:
    """A loopback port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
