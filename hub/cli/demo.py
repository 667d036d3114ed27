"""`demo`: everything on one machine, from nothing to the first query."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub import database, jobs
from hub.cli import context, progress, serve
from hub.cli.context import Databases
from hub.cli.worker import exporting, rounds
from hub.demo import clients, comparison, people, tour
from hub.demo.comparison import Comparison
from hub.identity.kms import KeyFile
from hub.jobs import Round, Work
from hub.sandbox import run, truth
from hub.sandbox.population import DEFAULT_SEED, DEFAULT_SIZE
from hub.settings import Settings
from schema.errors import SourceUnavailable

_LOGIN_BESIDE = 10
"""The login's port is that many above the hub's, outside those that the system gives away."""


def demo(
    *,
    seed: Annotated[int, typer.Option(help="of the synthetic population")] = DEFAULT_SEED,
    size: Annotated[int, typer.Option(help="number of its cases")] = DEFAULT_SIZE,
    once: Annotated[bool, typer.Option("--once", help="end when all is ready instead of serving")] = False,
) -> None:
    """Start four synthetic agencies, bring their records into one view, and answer queries over it.

    Makes what is missing and goes on from what is there: a second start reads only what is new. Ends, with its
    agencies, on Ctrl-C; the database stays up for the next start.
    """
    settings = context.read_settings()
    serve.refuse_bearer_outside_the_demo(settings.model_copy(update={"demo_bearer": True}))
    started = time.monotonic()
    with serve.listening(settings) as bound:
        with progress.steps() as steps:
            steps.set("database", 0, 1)
            urls = context.databases(settings)
            if not settings.root_key_file.exists():
                KeyFile.make(settings.root_key_file)
            database.migrate(urls.owner_url)
            steps.done("database")
            agencies = _agencies(settings, steps, seed, size)
            found = Settings.model_validate({**dict(settings), "agency": agencies, "demo_bearer": True})
            brought, compared = context.run(_bring(found, urls, steps, _login(settings)))
        _tell(brought, compared, time.monotonic() - started)
        print(tour.text(found.public_issuer, found.var / "demo" / "clients.json"), flush=True)
        try:
            if not once:
                context.run(_keep(found, urls, bound))
        finally:
            run.stop(settings.var / "sandbox")


def _agencies(
    settings: Settings, steps: progress.Steps, seed: int, size: int
) -> Mapping[str, Mapping[str, str]]:
    ready = 0

    def tell(_: str, word: str) -> None:
        nonlocal ready
        ready += word != "starting"
        steps.set("agencies", ready, 4)

    try:
        running = run.start(settings.var / "sandbox", seed=seed, size=size, progress=tell)
    except run.SandboxNotStarted as problem:
        raise SourceUnavailable("sandbox", str(problem)) from None
    return {one.agency: {name: str(value) for name, value in one.settings.items()} for one in running}


def _login(settings: Settings) -> str:
    """The issuer of the sandbox's login, which runs.

    Raises:
        SourceUnavailable: it does not.
    """
    try:
        return run.start_sso(settings.var / "sandbox", port=settings.port + _LOGIN_BESIDE)
    except run.SandboxNotStarted as problem:
        raise SourceUnavailable("sandbox", str(problem)) from None


async def _bring(
    settings: Settings, urls: Databases, steps: progress.Steps, login: str
) -> tuple[Round, Comparison]:
    engine = database.open_engine(urls.service_url, size=2, name="demo")
    try:
        async with context.working(settings, urls, name="demo") as work:
            await clients.register(engine, settings.var / "demo" / "clients.json", work.clock)
            await people.register(engine, settings.var / "demo" / "people.json", work.clock, login)
            brought = await jobs.run_round(work, sorted(settings.agency), steps.watch)
            steps.set("comparison", 0, 1)
            compared = await _compare(work, settings.var / "sandbox")
            steps.done("comparison")
            return brought, compared
    finally:
        await engine.dispose()


async def _compare(work: Work, directory: Path) -> Comparison:
    kept = await asyncio.to_thread(truth.load, directory / truth.FILE_NAME)
    async with work.pool.connection() as connection:
        return await comparison.compare(connection, work.keyring, kept)


def _tell(brought: Round, compared: Comparison, seconds: float) -> None:
    console = Console(highlight=False)
    for problem in brought.failed:
        console.print(f"not read: {problem}")
    console.print(tour.summary(compared, seconds), soft_wrap=True)


async def _keep(settings: Settings, urls: Databases, bound: serve.Socket) -> None:
    """Serves, and reads the agencies again and again, until it is told to end."""
    async with context.working(settings, urls, name="demo-worker") as work, exporting(urls, work):
        worker = asyncio.create_task(rounds(work, settings.pull_interval_s, asyncio.Event()))
        try:
            await serve.serving(settings, urls, bound)
        finally:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
