"""Starts the processes of the agencies and of the login, attaches to those already running, stops them."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import orjson

from hub.sandbox import truth
from hub.sandbox.population import DEFAULT_SEED, DEFAULT_SIZE, Population
from hub.sandbox.wire import AGENCIES, Agency

_ROOT = Path(__file__).resolve().parents[2]
_POLL_S = 0.05
_STATE_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 20.0
SSO = "sso"
"""Name of the login's process beside those of the agencies."""
SSO_PORT = "sso.port"
"""File that remembers its port."""


class SandboxNotStarted(Exception):
    """An agency's process ended or took too long before it was ready; its log says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """An agency that answers.

    Attributes:
        agency: its word; `sso` for the login.
        settings: what a client needs to connect.
        control: address of its control door.
        pid: its process.
        attached: whether it was running before.
    """

    agency: str
    settings: Mapping[str, Any]
    control: str
    pid: int
    attached: bool


def start(
    directory: Path,
    *,
    seed: int = DEFAULT_SEED,
    size: int = DEFAULT_SIZE,
    agencies: Sequence[Agency] = AGENCIES,
    detach: bool = False,
    progress: Callable[[Agency, str], None] | None = None,
    timeout_s: float = 120.0,
) -> list[Running]:
    """Every agency asked for runs and answers, with this seed and size; truth.json is written.

    Args:
        directory: the sandbox's directory; made when missing.
        seed: of the population.
        size: number of random cases.
        agencies: which ones.
        detach: whether they outlive the calling process.
        progress: told (agency, "attached" | "starting" | "ready").
        timeout_s: how long one may take to answer.

    Returns:
        The agencies in the order asked for.

    Raises:
        SandboxNotStarted: one of them ended or took too long.
    """
    tell = progress or _tell_nobody
    directory = directory.resolve()
    truth.write(Population(seed, size), directory)
    wanted = {"seed": seed, "size": size, "made_by": truth.made_by()}
    present: dict[Agency, Running] = {}
    started: dict[Agency, int] = {}
    for agency in agencies:
        running = _attach(directory, agency, wanted)
        if running is not None:
            present[agency] = running
            tell(agency, "attached")
            continue
        _stop_one(directory, agency)
        started[agency] = _spawn(directory, agency, seed=seed, size=size, detach=detach)
        tell(agency, "starting")
    deadline = time.monotonic() + timeout_s
    try:
        for agency, pid in started.items():
            present[agency] = _await_ready(directory, agency, pid, deadline)
            tell(agency, "ready")
    except SandboxNotStarted:
        for pid in started.values():
            _end(pid)
        raise
    return [present[agency] for agency in agencies]


def start_sso(
    directory: Path, *, port: int | None = None, detach: bool = False, timeout_s: float = 60.0
) -> str:
    """The login runs and answers; its issuer's URL, the same at every start unless another program has its port.

    Args:
        directory: the sandbox's directory; made when missing.
        port: of the first start; one of the system's choice where None, which is likelier to be taken later.
        detach: whether it outlives the calling process.
        timeout_s: how long it may take to answer.

    Raises:
        SandboxNotStarted: it ended or took too long.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    running_now = _attach(directory, SSO, {})
    if running_now is None:
        _stop_one(directory, SSO)
        if port is not None and not (directory / SSO_PORT).exists():
            (directory / SSO_PORT).write_text(str(port))
        pid = _spawn(directory, SSO, seed=DEFAULT_SEED, size=0, detach=detach)
        try:
            running_now = _await_ready(directory, SSO, pid, time.monotonic() + timeout_s)
        except SandboxNotStarted:
            _end(pid)
            raise
    return str(running_now.settings["url"])


def _tell_nobody(_agency: Agency, _word: str) -> None:
    """Progress that nobody asked for."""


def running(directory: Path) -> list[Running]:
    """The agencies of a directory that answer now, whatever their seed and size."""
    found = (_attach(directory.resolve(), agency, {}) for agency in AGENCIES)
    return [each for each in found if each is not None]


def stop(directory: Path) -> list[str]:
    """No agency of this directory runs any more, nor the login.

    Returns:
        Those that were running.
    """
    return [name for name in (*AGENCIES, SSO) if _stop_one(directory.resolve(), name)]


def _read(directory: Path, agency: str) -> dict[str, Any] | None:
    try:
        return orjson.loads((directory / f"{agency}.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None


def _state(content: dict[str, Any]) -> dict[str, Any] | None:
    """What the control door says, or None when nobody is behind it: a settings file may outlive its process."""
    try:
        answer = httpx.get(f"{content['control']}/state", timeout=_STATE_TIMEOUT_S, trust_env=False)
        return cast("dict[str, Any]", answer.json()) if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None


def _attach(directory: Path, agency: str, wanted: Mapping[str, object]) -> Running | None:
    content = _read(directory, agency)
    state = _state(content) if content else None
    if (
        content is None
        or state is None
        or state.get("agency") != agency
        or state.get("pid") != content["pid"]
    ):
        return None
    if any(state.get(name) != value for name, value in wanted.items()):
        return None
    return Running(agency, content["settings"], content["control"], content["pid"], attached=True)


def _spawn(directory: Path, agency: str, *, seed: int, size: int, detach: bool) -> int:
    """Start the process of an agency; its output goes to `<agency>.log`."""
    log = str(directory / f"{agency}.log")
    arguments = [
        sys.executable, "-m", "hub.sandbox", agency, "--directory", str(directory), "--seed", str(seed), "--size", str(size),
    ]  # fmt: skip
    if not detach:
        arguments += ["--parent", str(os.getpid())]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")])),
    }
    return os.posix_spawn(
        sys.executable,
        arguments,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,  # a Ctrl-C at the terminal of the parent is not meant for it
    )


def _await_ready(directory: Path, agency: str, pid: int, deadline: float) -> Running:
    while time.monotonic() < deadline:
        content = _read(directory, agency)
        if content is not None and content["pid"] == pid and _state(content) is not None:
            return Running(agency, content["settings"], content["control"], pid, attached=False)
        if not _alive(pid):
            raise SandboxNotStarted(f"{agency} ended before it was ready; read {directory / f'{agency}.log'}")
        time.sleep(_POLL_S)
    raise SandboxNotStarted(f"{agency} was not ready in time; read {directory / f'{agency}.log'}")


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _stop_one(directory: Path, agency: str) -> bool:
    """End an agency's process, if its own control door says that this pid is still it."""
    running_now = _attach(directory, agency, {})
    if running_now is None:
        (directory / f"{agency}.json").unlink(missing_ok=True)
        return False
    _end(running_now.pid)
    return True


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while _alive(pid):
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL_S)
