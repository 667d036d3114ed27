"""How fast a bulk export is, and whether its memory stays flat: one worker, a small export and one of many times as much."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import httpx
import psycopg
from rich.console import Console

from hub.embedded.cluster import SUPERUSER
from tests.bench import contenders, ingestion, machine, programs
from tests.bench.contenders import Contender
from tests.bench.figures import Line, Outcome, at_least, below
from tests.bench.ground import Ground, Store, ground

_CASES, _SMALL_CASES = 20_000, 1_000
_TIMES, _SMALL_TIMES = 10, 2
"""How often a victim's row is put beside itself."""
_TARGET_PER_S = 20_000
_FLAT = 1.15
"""By how much the most memory of a worker may grow where an export is many times as long."""
_MULTIPLY = """
INSERT INTO golden_victim
SELECT (jsonb_populate_record(v, jsonb_build_object('victim_id', gen_random_uuid()))).*
FROM golden_victim v, generate_series(2, %s)
"""
_PLAIN = """{ victims%s { nodes { id status sex ageBandCtdc isChildAtExploitation exploitation sector stage stageSince
    protectionLevel case { id policeReport } } } }"""
_DOCUMENTS = {
    "plain": _PLAIN,
    "with identity": _PLAIN.replace("status", "status fullName nik"),
}


@dataclass(frozen=True)
class Run:
    """One export.

    Attributes:
        name: of the question.
        form: of its parts.
        rows: in it.
        seconds: from the request to the manifest.
        peak_bytes: most memory of the worker so far.
        worker_s: CPU of the worker.
        database_s: CPU of PostgreSQL.
        strangers_cores: that others used meanwhile.
    """

    name: str
    form: str
    rows: int
    seconds: float
    peak_bytes: int
    worker_s: float
    database_s: float
    strangers_cores: float

    @property
    def per_s(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def run(console: Console, *, small: bool) -> Outcome:
    """The figures of one worker that computes one export after the other."""
    with ground() as here, here.store("export") as store:
        cases, times = (_SMALL_CASES, _SMALL_TIMES) if small else (_CASES, _TIMES)
        console.print(f"export: the sandbox's police write {cases:,} cases")
        with here.police(cases) as (source, connection):
            ingestion.pull(console, here, store, connection, source, ("pull", "link"))
        with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name), autocommit=True) as owner:
            owner.execute(_MULTIPLY, (times,))
        here.settle(store.name)
        with contenders.hub(here, store) as hub:
            runs = [
                _measured(console, here, store, hub, name, form)
                for name in _DOCUMENTS
                for form in ("ndjson", "parquet")
            ]
        return _outcome([one for pair in runs for one in pair], here.settings())


def _measured(
    console: Console, here: Ground, store: Store, hub: Contender, name: str, form: str
) -> tuple[Run, Run]:
    """A part of the rows and all of them, by the same new worker."""
    with _worker(here, store) as pid:
        few = _export(
            console, here, hub, pid, name, form, "(where: {sex: {eq: MALE}, stage: {isNull: true}})"
        )
        whole = _export(console, here, hub, pid, name, form, "")
        return few, whole


@contextmanager
def _worker(here: Ground, store: Store) -> Iterator[int]:
    """`python -m hub worker` that has no agency to read: its process id."""
    log = here.folder / "worker.log"
    with programs.running(
        [sys.executable, "-m", "hub", "worker"], log=log, given=store.environment
    ) as program:
        yield program.pid


def _export(
    console: Console, here: Ground, hub: Contender, pid: int, name: str, form: str, where: str
) -> Run:
    hub.renew()
    assert hub.token is not None
    headers = {"Authorization": f"Bearer {hub.token.read_text()}"}
    watch = machine.Watch(here.postmaster)
    worker_s, database_s = machine.used_s(pid), machine.used_s(here.postmaster)
    with httpx.Client(base_url=hub.root, headers=headers, trust_env=False, timeout=60) as http:
        body = {"query": _DOCUMENTS[name].replace("%s", where)}
        asked = http.post("/export", params={"format": form}, json=body)
        asked.raise_for_status()
        path, began, state = asked.headers["Location"], None, asked.json()
        while state["state"] == "OPEN":
            time.sleep(0.02)
            state = http.get(path).raise_for_status().json()
            # A worker looks for work every two seconds; how fast it works is another question.
            if began is None and state["percent"] is not None:
                began = time.perf_counter()
        seconds = time.perf_counter() - (began or time.perf_counter())
        if state["state"] != "DONE":
            raise RuntimeError(f"the export has become {state['state']}")
        http.delete(path).raise_for_status()
    found = Run(
        name=name,
        form=form,
        rows=state["rowCount"],
        seconds=max(seconds, 0.02),
        peak_bytes=machine.peak_bytes(pid),
        worker_s=machine.used_s(pid) - worker_s,
        database_s=machine.used_s(here.postmaster) - database_s,
        strangers_cores=watch.strangers_cores(),
    )
    console.print(f"export: {name}, {form}: {found.rows:,} rows, {found.per_s:,.0f} rows/s")
    return found


def _outcome(runs: list[Run], settings: dict[str, str]) -> Outcome:
    lines: list[Line] = []
    for few, whole in zip(runs[::2], runs[1::2], strict=True):
        what = f"{whole.name}, {whole.form}, {whole.rows:,} rows"
        lines += [
            at_least(what, whole.per_s, _TARGET_PER_S, "rows/s"),
            Line(
                f"{what}: busy",
                f"worker {whole.worker_s / whole.seconds:.0%}, PostgreSQL {whole.database_s / whole.seconds:.0%} of a core",
            ),
            below(
                f"{what}: most memory against {few.rows:,} rows ({whole.peak_bytes / 10**6:,.0f} MB)",
                whole.peak_bytes / few.peak_bytes,
                _FLAT,
                "x",
            ),
        ]
    strangers = max(one.strangers_cores for one in runs)
    measured = {"runs": [{**asdict(one), "per_s": one.per_s} for one in runs], "server": settings}
    return Outcome("export", lines, measured, machine.contention(strangers))
