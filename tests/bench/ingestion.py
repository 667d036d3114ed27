"""Ingestion: police records from the wire format to golden rows, end to end and stage by stage."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from rich.console import Console

from tests.bench import machine, programs
from tests.bench.figures import Line, Outcome, at_least, below
from tests.bench.ground import Ground, Store, ground
from tests.bench.programs import ROOT

CASES = 25_550
"""Random cases of the sandbox; the police have about 3.92 records of each: a report, its victims, its suspects."""
SMALL = 500
TARGET_PER_S = 5_000
TARGET_BYTES = 500 * 10**6


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a run, in CPU seconds of each process that takes part."""

    record_count: int
    violation_count: int
    seconds: float
    puller_s: float
    database_s: float
    source_s: float
    strangers_cores: float
    peak_bytes: int

    @property
    def per_s(self) -> float:
        return (self.record_count + self.violation_count) / self.seconds


def run(console: Console, *, small: bool) -> Outcome:
    """The figures of one end-to-end run and one profiled run."""
    with ground() as here:
        size = SMALL if small else CASES
        console.print(f"ingestion: the sandbox's police write {size:,} cases")
        with here.police(size) as (source, connection):
            with here.store("ingestion") as store:
                stages = pull(console, here, store, connection, source)
                _check(here, store, stages)
            with here.store("ingestion_round") as store:
                stages |= pull(console, here, store, connection, source, ("round",))
                _check_round(here, store, stages)
                rows = {name: here.count(store.name, f"golden_{name}") for name in ("case", "person")}
            with here.store("ingestion_profiled") as store:
                profiles = _profiled(console, store, connection)
        settings = here.settings()
    return _outcome(stages, profiles, settings, rows)


def pull(
    console: Console,
    here: Ground,
    store: Store,
    connection: Mapping[str, str],
    source: int,
    stages: tuple[str, ...] = ("read", "pull", "link"),
) -> dict[str, Stage]:
    """Runs the stages in a process of their own.

    Args:
        console: told how far it is.
        here: the ground.
        store: to fill.
        connection: settings of the police's connection.
        source: process id of the police.
        stages: of `puller`.
    """
    found: dict[str, Stage] = {}
    watch, database_s, source_s = machine.Watch(here.postmaster), 0.0, 0.0

    def hear(line: dict[str, Any]) -> None:
        nonlocal watch, database_s, source_s
        if "begin" in line:
            watch = machine.Watch(here.postmaster)
            database_s, source_s = machine.used_s(here.postmaster), machine.used_s(source)
        elif "end" in line:
            found[line["end"]] = Stage(
                record_count=line["record_count"],
                violation_count=line.get("violation_count", 0),
                seconds=line["seconds"],
                puller_s=line["cpu_s"],
                database_s=machine.used_s(here.postmaster) - database_s,
                source_s=machine.used_s(source) - source_s,
                strangers_cores=watch.strangers_cores(),
                peak_bytes=line["peak_bytes"],
            )
            console.print(f"  {line['end']}: {line['record_count']:,} records in {line['seconds']:.1f} s")

    _puller(console, store, connection, list(stages), hear)
    return found


def _profiled(console: Console, store: Store, connection: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def hear(line: dict[str, Any]) -> None:
        if "end" in line:
            found[line["end"]] = {"parts": line["parts"], "top": line["top"]}

    console.print("ingestion: once more under the profiler")
    _puller(console, store, connection, ["pull", "link", "--profile"], hear)
    return found


def _puller(
    console: Console, store: Store, connection: Mapping[str, str], arguments: list[str], hear: Any
) -> None:
    """Runs the puller and hands over each of its lines; raises RuntimeError if it fails."""
    command = [sys.executable, "-m", "tests.bench.puller", *arguments]
    program = subprocess.Popen(
        command,
        cwd=ROOT,
        env=programs.environment({**store.environment, **connection}),
        stdout=subprocess.PIPE,
    )
    told: dict[str, int] = {}
    try:
        assert program.stdout is not None
        for text in program.stdout:
            line = orjson.loads(text)
            hear(line)
            if "count" in line and line["count"] - told.get(line["stage"], 0) >= 20_000:
                told[line["stage"]] = line["count"]
                console.print(f"  {line['stage']}: {line['count']:,}")
        if program.wait() != 0:
            raise RuntimeError("the puller has failed; what it said is above")
    finally:
        programs.end(program)


def _check(here: Ground, store: Store, stages: Mapping[str, Stage]) -> None:
    """Stops with an error where records were lost or doubled: a rate of wrong work is no figure."""
    read, pulled, linked = stages["read"], stages["pull"], stages["link"]
    stored = here.count(store.name, "source_record") + here.count(store.name, "quarantine")
    found = {
        "read": read.record_count + read.violation_count,
        "pulled": pulled.record_count + pulled.violation_count,
        "stored": stored,
        "linked or in quarantine": linked.record_count + pulled.violation_count,
    }
    if len(set(found.values())) != 1 or here.count(store.name, "link_queue"):
        raise RuntimeError(f"records were lost or doubled: {found}")


def _check_round(here: Ground, store: Store, stages: Mapping[str, Stage]) -> None:
    stored = here.count(store.name, "source_record") + here.count(store.name, "quarantine")
    done = stages["round"]
    if stored != done.record_count + done.violation_count or here.count(store.name, "link_queue"):
        raise RuntimeError(
            f"records were lost or doubled: {stored} are stored or in quarantine, or some wait"
        )


def _outcome(
    stages: Mapping[str, Stage],
    profiles: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, str],
    rows: Mapping[str, int],
) -> Outcome:
    pulled, linked, whole = stages["pull"], stages["link"], stages["round"]
    records = whole.record_count + whole.violation_count
    end_to_end = whole.per_s
    peak = max(stage.peak_bytes for stage in stages.values())
    lines = [
        at_least(f"{records:,} records, end to end", end_to_end, TARGET_PER_S, "records/s"),
        Line("busy meanwhile", _busy(whole)),
        below("most memory of a process", peak / 10**6, TARGET_BYTES / 10**6, "MB"),
        Line("fetch and map alone", f"{stages['read'].per_s:,.0f} records/s"),
        Line("pull: fetch, map, seal, commit", f"{pulled.per_s:,.0f} records/s"),
        Line("link and recompute", f"{linked.per_s:,.0f} records/s"),
        *(Line(f"{name}: what limits it", _limits(stages[name], profiles[name])) for name in profiles),
        Line("commits", f"fsync {settings['fsync']}, synchronous_commit {settings['synchronous_commit']}"),
    ]
    strangers = max(stage.strangers_cores for stage in stages.values())
    measured = {
        "end_to_end_per_s": end_to_end,
        "stages": {name: {**asdict(stage), "per_s": stage.per_s} for name, stage in stages.items()},
        "golden_rows": dict(rows),
        "profiles": dict(profiles),
        "server": dict(settings),
    }
    return Outcome("ingestion", lines, measured, machine.contention(strangers))


def _limits(stage: Stage, profile: Mapping[str, Any]) -> str:
    """Who was busy in the measured run, and with what in the profiled one."""
    parts = [f"{part} {share:.0%}" for part, share in list(profile["parts"].items())[:5]]
    return f"{_busy(stage)}; {', '.join(parts)}"


def _busy(stage: Stage) -> str:
    return f"puller {stage.puller_s / stage.seconds:.0%}, PostgreSQL {stage.database_s / stage.seconds:.0%} of a core"
