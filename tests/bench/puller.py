"""A process that reads the police and links, stage by stage, and says as JSON lines how long each stage took.

    read    fetch and map everything, store nothing
    pull    the hub's own pull: fetch and map while the batch before is committed
    link    link what the pull brought and recompute the view
    round   pull and link as `python -m hub pull` does both: a second process links while this one pulls

Settings are a hub's own, HUB_*.
"""

import argparse
import asyncio
import cProfile
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson

from connectors.protocol import Connector
from hub import jobs
from hub.cli import context
from hub.ingest.pull import Pulled, pull
from hub.jobs import Work
from hub.linkage.batch import Linked
from schema.record import Record
from tests.bench import machine, profile

AGENCY = "polri"
STAGES = ("read", "pull", "link", "round")


def _children() -> resource.struct_rusage:
    """What the processes that this one has started and that have ended used."""
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def _cpu_s() -> float:
    ended = _children()
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _tell(**line: Any) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()


async def _read(connector: Connector) -> dict[str, int]:
    """How many Records and Violations the source gives."""
    records = violations = 0
    async with aclosing(connector.source.batches({})) as batches:
        async for batch in batches:
            for raw in batch.records:
                for outcome in connector.mapping.map(raw):
                    records += isinstance(outcome, Record)
                    violations += not isinstance(outcome, Record)
                for _ in connector.mapping.drift(raw):
                    pass
            _tell(stage="read", count=records)
    return {"record_count": records, "violation_count": violations}


async def _pull(work: Work) -> dict[str, int]:
    done = await pull(
        work.connector(AGENCY),
        work.pool,
        work.keyring,
        work.clock,
        lambda so_far: _tell(stage="pull", count=so_far.record_count),
    )
    return {
        "record_count": done.record_count,
        "version_count": done.version_count,
        "violation_count": done.quarantined_count,
    }


async def _link(work: Work) -> dict[str, int]:
    count = 0

    def progress(linked: Linked) -> None:
        nonlocal count
        count += linked.source_count
        _tell(stage="link", count=count)

    return {"record_count": await jobs.link_all(work, progress)}


async def _round(work: Work) -> dict[str, int]:
    def progress(event: Pulled | Linked) -> None:
        if isinstance(event, Pulled):
            _tell(stage="round", count=event.record_count)

    done = await jobs.run_round(work, [AGENCY], progress)
    (pulled,) = done.pulled
    return {
        "record_count": pulled.record_count,
        "version_count": pulled.version_count,
        "violation_count": pulled.quarantined_count,
    }


async def _timed(stage: str, run: Callable[[], Awaitable[dict[str, int]]], *, profiled: bool) -> None:
    _tell(begin=stage)
    profiler = cProfile.Profile() if profiled else None
    started, used = time.perf_counter(), _cpu_s()
    if profiler:
        profiler.enable()
    counts = await run()
    if profiler:
        profiler.disable()
    _tell(
        end=stage,
        seconds=time.perf_counter() - started,
        cpu_s=_cpu_s() - used,
        peak_bytes=max(machine.peak_bytes(os.getpid()), _children().ru_maxrss * 1024),
        **counts,
        **(profile.summary(profiler) if profiler else {}),
    )


async def _run(stages: list[str], *, profiled: bool) -> None:
    settings = context.read_settings()
    urls = context.databases(settings)
    async with context.working(settings, urls, name="bench") as work:
        runs: dict[str, Callable[[], Awaitable[dict[str, int]]]] = {
            "read": lambda: _read(work.connector(AGENCY)),
            "pull": lambda: _pull(work),
            "link": lambda: _link(work),
            "round": lambda: _round(work),
        }
        for stage in stages:
            await _timed(stage, runs[stage], profiled=profiled)


def main() -> None:
    """Runs the stages named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="+", choices=STAGES)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    asyncio.run(_run(given.stages, profiled=given.profile))


if __name__ == "__main__":
    main()
