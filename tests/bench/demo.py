"""The demo: from nothing to `ready`, once more from what is there, and how much of it is the hub's own work."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson
from rich.console import Console

from hub import embedded
from tests.bench import machine, programs
from tests.bench.figures import Line, Outcome
from tests.bench.ground import RESULTS
from tests.bench.programs import ROOT

_OWN = ("pull", "link")
_MOST_S = 900


@dataclass(kw_only=True)
class Start:
    """One start, in seconds since its process began.

    Attributes:
        ready_s: when it said `ready`.
        ended_s: when the process was gone.
        steps: seconds up to the last line of each step since the line before.
    """

    ready_s: float = 0.0
    ended_s: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)

    @property
    def own_s(self) -> float:
        """Pull, link and view of the four agencies."""
        return sum(seconds for step, seconds in self.steps.items() if step.split()[0] in _OWN)


def run(console: Console, *, small: bool) -> Outcome:
    """The figures of a first and a second start; the demo has its own size, so `small` changes nothing."""
    del small
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir=RESULTS))
    folder.chmod(0o755)  # the server's user passes through to its own folder
    before, began = machine.busy_s() - machine.used_s(os.getpid()), time.monotonic()
    try:
        starts = [_start(console, folder, name) for name in ("first", "second")]
    finally:
        seconds = time.monotonic() - began
        others_s = machine.busy_s() - machine.used_s(os.getpid()) - before - _end_server(folder)
        shutil.rmtree(folder)
    strangers = max(0.0, others_s) / seconds
    lines: list[Line] = []
    for name, start in zip(("first start", "second start"), starts, strict=True):
        lines += [
            Line(f"{name}: ready after", f"{start.ready_s:.1f} s"),
            Line(f"{name}: of it pull, link and view", f"{start.own_s:.1f} s"),
        ]
    measured = {
        "starts": [{**asdict(start), "own_s": start.own_s} for start in starts],
        "strangers_cores": strangers,
    }
    return Outcome("demo", lines, measured, machine.contention(strangers))


def _start(console: Console, folder: Path, name: str) -> Start:
    settings = {"HUB_VAR": str(folder), "HUB_PORT": str(programs.free_port()), "HUB_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "hub", "demo", "--once"]
    began = last = time.monotonic()
    found = Start()
    program = subprocess.Popen(
        command, cwd=ROOT, env=programs.environment(settings), stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        for line in program.stdout:
            now = time.monotonic()
            if line.startswith("{"):
                step = str(orjson.loads(line)["step"])
                found.steps[step] = found.steps.get(step, 0.0) + now - last
                last = now
            elif line.startswith("ready:"):
                found.ready_s = now - began
            if now - began > _MOST_S:
                raise RuntimeError("the demo takes too long")
        code = program.wait()
    finally:
        programs.end(program)
    found.ended_s = time.monotonic() - began
    if code != 0 or not found.ready_s:
        raise RuntimeError(f"the {name} start of the demo has failed; what it said is above")
    console.print(f"  {name} start: ready after {found.ready_s:.1f} s")
    return found


def _end_server(folder: Path) -> float:
    """Ends the server that the demo leaves for its next start; gives the CPU seconds that it has used."""
    cluster = embedded.start(folder / "pg")
    postmaster = int((cluster.layout.data / "postmaster.pid").read_text().splitlines()[0])
    used_s = machine.used_s(postmaster)
    cluster.stop(force=True)
    shutil.rmtree(cluster.layout.data)
    return used_s
