"""One agency as a process: its servers, its settings file, its end on SIGTERM."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

import orjson
import uvicorn
from starlette.types import ASGIApp

from hub.sandbox.control import Agent, Door

LOOPBACK = "127.0.0.1"
PARENT_POLL_S = 0.5


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to the process, which has several."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def listen(port: int = 0) -> socket:
    """A loopback socket.

    Args:
        port: 0 for one of the system's choice.
    """
    # Without the protocol's name asyncio leaves Nagle's delay on, and the end of a page waits up to 40 ms.
    listening = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    listening.bind((LOOPBACK, port))
    listening.listen(128)
    return listening


def port_of(listening: socket) -> int:
    """The port a socket listens on."""
    return int(listening.getsockname()[1])


def url_of(listening: socket) -> str:
    """The root address of a socket's server."""
    return f"http://{LOOPBACK}:{port_of(listening)}"


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket) -> AsyncGenerator[None]:
    """An application is served on a socket while the block runs."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not task.done():  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def settings_file(path: Path, content: dict[str, object]) -> AsyncGenerator[None]:
    """The connection settings are on disk, readable by their owner only, while the block runs."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    unfinished.replace(path)
    try:
        yield
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def until_told(parent: int | None) -> None:
    """Return on SIGTERM or SIGINT, or when the parent to live with has gone."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    while not ended.is_set() and (parent is None or os.getppid() == parent):
        try:
            await asyncio.wait_for(ended.wait(), PARENT_POLL_S if parent is not None else None)
        except TimeoutError:
            continue


async def live(
    agent: Agent,
    directory: Path,
    *,
    settings: dict[str, object],
    servers: Sequence[AbstractAsyncContextManager[None]],
    seed: int,
    size: int,
    made_by: str,
    parent: int | None,
) -> None:
    """Serve an agency and its control door until told to end.

    Args:
        agent: the agency.
        directory: the sandbox's directory, where `<agency>.json` goes.
        settings: what a client needs to connect.
        servers: each serves while it is entered.
        seed: of the population.
        size: of the population.
        made_by: digest of the generator.
        parent: a process to end with, or None.
    """
    door = listen()
    known = {"agency": agent.agency, "seed": seed, "size": size, "made_by": made_by, "pid": os.getpid()}
    app = Door(agent, known).app()
    async with AsyncExitStack() as stack:
        for server in servers:
            await stack.enter_async_context(server)
        await stack.enter_async_context(serving(app, door))
        content: dict[str, object] = {
            "agency": agent.agency, "settings": settings, "control": url_of(door), "pid": os.getpid(),
        }  # fmt: skip
        await stack.enter_async_context(settings_file(directory / f"{agent.agency}.json", content))
        await until_told(parent)
