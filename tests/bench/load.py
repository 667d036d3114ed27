"""One round of requests by wrk: bounded, on loopback, from a list of bodies."""

import shutil
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench import machine

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is asked.

    Attributes:
        name: of the contender.
        url: on loopback.
        pid: of its process.
        bodies: file, one body a line.
        token: file with a bearer token, if it asks for one.
    """

    name: str
    url: str
    pid: int
    bodies: Path
    token: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Round:
    """What a round has measured; CPU in milliseconds for each request."""

    contender: str
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    error_count: int
    answer_bytes: int
    server_ms: float
    database_ms: float
    strangers_cores: float
    load_before: float


def bodies(folder: Path, name: str, document: str, variables: Sequence[Mapping[str, str]]) -> Path:
    """A file with one request a line.

    Args:
        folder: for the file.
        name: of the question.
        document: the same in each request.
        variables: of each.
    """
    path = folder / f"{name}.bodies"
    lines = [orjson.dumps({"query": document, "variables": each}) for each in variables]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def require_wrk() -> None:
    """Raises RuntimeError where wrk is missing."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk makes the load and is not here; run: sudo apt-get install wrk")


def measure(target: Target, postmaster: int, seconds: int) -> Round:
    """Asks as fast as it is answered, over a fixed number of connections.

    Args:
        target: of the requests.
        postmaster: process id of the database server.
        seconds: to ask for.

    Raises:
        RuntimeError: nothing was answered.
    """
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "-s",
        _SCRIPT,
        target.url,
        "--",
        target.bodies,
    ]
    load_before, watch = machine.load(), machine.Watch(postmaster)
    server_s, database_s = machine.used_s(target.pid), machine.used_s(postmaster)
    ran = subprocess.run(
        [*command, *([target.token] if target.token else [])],
        stdout=subprocess.PIPE,
        timeout=seconds + 30,
        check=True,
    )
    server_s, database_s = machine.used_s(target.pid) - server_s, machine.used_s(postmaster) - database_s
    strangers = watch.strangers_cores()
    said = orjson.loads(next(line for line in ran.stdout.splitlines() if line.startswith(b"{")))
    count = said["requests"]
    if not count:
        raise RuntimeError(f"{target.name} has answered nothing")
    return Round(
        contender=target.name,
        per_s=count / said["seconds"],
        p50_ms=said["p50_ms"],
        p95_ms=said["p95_ms"],
        p99_ms=said["p99_ms"],
        error_count=said["errors"],
        answer_bytes=said["bytes"] // count,
        server_ms=1000 * server_s / count,
        database_ms=1000 * database_s / count,
        strangers_cores=strangers,
        load_before=load_before,
    )


def interleaved(
    targets: Sequence[Target], postmaster: int, rounds: int, seconds: int, *, before: Callable[[], None]
) -> dict[str, list[Round]]:
    """The rounds of each target, after one that warms it up; each round begins with another target.

    Args:
        targets: to ask in turn.
        postmaster: process id of the database server.
        rounds: of each target.
        seconds: of each round.
        before: run before each round, outside what is measured.
    """
    found: dict[str, list[Round]] = {target.name: [] for target in targets}
    for number in range(-1, rounds):
        first = max(number, 0) % len(targets)
        for target in [*targets[first:], *targets[:first]]:
            before()
            measured = measure(target, postmaster, seconds)
            if number >= 0:
                found[target.name].append(measured)
    return found


def medians(found: Sequence[Round]) -> dict[str, Any]:
    """The median of each number of a round."""
    names = [name for name, value in asdict(found[0]).items() if isinstance(value, float | int)]
    return {name: statistics.median(getattr(one, name) for one in found) for name in names}


def said(found: Sequence[Round]) -> str:
    """The medians in one line."""
    mid = medians(found)
    errors = sum(one.error_count for one in found)
    return (
        f"{mid['per_s']:,.0f}/s, p50 {mid['p50_ms']:.1f} p95 {mid['p95_ms']:.1f} p99 {mid['p99_ms']:.1f} ms,"
        f" CPU {mid['server_ms']:.2f} + {mid['database_ms']:.2f} ms, {mid['answer_bytes'] / 1000:.1f} kB,"
        f" {errors} errors"
    )


def strangers(found: Mapping[str, Sequence[Round]]) -> float:
    """Cores that others used in a round, at the median."""
    return statistics.median(one.strangers_cores for rounds in found.values() for one in rounds)
