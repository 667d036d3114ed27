"""A page of cases with victims and suspects over HTTP: our hub beside PostGraphile and a bare statement, interleaved."""

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg
from rich.console import Console

from hub.embedded.cluster import SUPERUSER
from tests.bench import contenders, ingestion, load, machine, questions
from tests.bench.contenders import Contender
from tests.bench.figures import Line, Outcome, at_least, paired
from tests.bench.ground import Ground, Store, ground
from tests.bench.load import Round

CASES = 100_000
SMALL = 3_000
_RANDOM_CASES = 1.08
"""Random cases of the sandbox for each golden case: some are never reported to the police."""
_ROUNDS, _SECONDS = 5, 4
_SMALL_ROUNDS, _SMALL_SECONDS = 2, 1
_REGIONS, _IDS, _COLD = 15, 60, 40
_QUIET_S = 300
_POSTGRAPHILE_TARGET, _RAW_TARGET, _LEDGER_TARGET = 1.5, 0.6, 0.85
_IDENTITY = "fullName nik"
_Rounds = Mapping[str, Sequence[Round]]


@dataclass(frozen=True)
class Contest:
    """The three that answer, what they are asked, and for how long."""

    hub: Contender
    unrecorded: Contender
    postgraphile: Contender
    raw: Contender
    pages: Sequence[Mapping[str, str]]
    ids: Sequence[Mapping[str, str]]
    folder: Path
    postmaster: int
    rounds: int
    seconds: int

    def verify(self) -> None:
        """Stops with an error unless all three answer every page, and two every case, with the same data.

        Raises:
            RuntimeError: they do not, or a page has no row.
        """
        page, one = questions.hub_page(), questions.hub_case()
        for variables in self.pages:
            ours = self.hub.ask("/graphql", {"query": page, "variables": variables})
            theirs = self.postgraphile.ask(
                "/graphql", {"query": questions.postgraphile_page(), "variables": variables}
            )
            if not (ours == theirs == self.raw.ask("/page", {"variables": variables})):
                raise RuntimeError(f"the answers for {variables} are not equal")
            if not ours["cases"]["nodes"]:
                raise RuntimeError(f"there is no case for {variables}")
        for variables in self.ids:
            ours = self.hub.ask("/graphql", {"query": one, "variables": variables})
            if ours["case"] is None or ours != self.raw.ask("/case", {"variables": variables}):
                raise RuntimeError("the answers for one case are not equal")

    def bodies(self, name: str, document: str, variables: Sequence[Mapping[str, str]]) -> Path:
        """A file with one request a line."""
        path = self.folder / f"{name}.bodies"
        lines = [orjson.dumps({"query": document, "variables": each}) for each in variables]
        path.write_bytes(b"\n".join(lines) + b"\n")
        return path

    def run(self, console: Console) -> dict[str, list[Round]]:
        """Every round of every question, by the name of what answered; those of one question interleaved."""
        page = self.bodies("page", questions.hub_page(), self.pages)
        theirs = self.bodies("postgraphile", questions.postgraphile_page(), self.pages)
        named = self.bodies("identity", questions.hub_page(of_victims=_IDENTITY), self.pages)
        one = self.bodies("case", questions.hub_case(), self.ids)
        courses = [
            [
                self.hub.target("hub", "/graphql", page),
                self.unrecorded.target("hub without its ledger", "/graphql", page),
                self.postgraphile.target("postgraphile", "/graphql", theirs),
                self.raw.target("raw", "/page", page),
            ],
            [self.hub.target("hub with identity", "/graphql", named)],
            [
                self.hub.target("hub, one case", "/graphql", one),
                self.raw.target("raw, one case", "/case", one),
            ],
        ]
        found: dict[str, list[Round]] = {}
        for targets in courses:
            console.print(f"page: {', '.join(target.name for target in targets)}")
            found |= load.interleaved(targets, self.postmaster, self.rounds, self.seconds, before=self.renew)
        return found

    def renew(self) -> None:
        """Both hubs are asked with tokens that will last."""
        self.hub.renew()
        self.unrecorded.renew()

    def cold(self) -> tuple[float, float]:
        """Median milliseconds for a document never seen before, and for one that is known, alone on the machine."""
        self.hub.renew()
        times: dict[bool, list[float]] = {True: [], False: []}
        for number in range(_COLD):
            for is_cold in (True, False):
                name = f"Page{number}" if is_cold else "Page"
                body = {"query": questions.hub_page(name=name), "variables": self.pages[0]}
                began = time.perf_counter()
                self.hub.ask("/graphql", body)
                times[is_cold].append(1000 * (time.perf_counter() - began))
        return statistics.median(times[True]), statistics.median(times[False])


def run(console: Console, *, small: bool) -> Outcome:
    """The figures of all three on one database."""
    load.require_wrk()
    with ground() as here, here.store("page") as store:
        cases = _fill(console, here, store, SMALL if small else CASES)
        with ExitStack() as stack:
            contest = Contest(
                hub=stack.enter_context(contenders.hub(here, store)),
                unrecorded=stack.enter_context(contenders.hub(here, store, recorded=False)),
                postgraphile=stack.enter_context(contenders.postgraphile(here, store)),
                raw=stack.enter_context(contenders.raw(here, store)),
                pages=questions.ranges(_regions(here, store)),
                ids=_ids(here, store),
                folder=here.folder,
                postmaster=here.postmaster,
                rounds=_SMALL_ROUNDS if small else _ROUNDS,
                seconds=_SMALL_SECONDS if small else _SECONDS,
            )
            contest.verify()
            console.print("page: all three answer with the same data")
            # The pull above was our own load; the rounds wait until it is forgotten.
            quiet = machine.wait_until_quiet(console, 0 if small else _QUIET_S)
            rounds = contest.run(console)
            cold_ms, warm_ms = contest.cold()
        return _outcome(cases, here.settings(), rounds, cold_ms, warm_ms, quiet=quiet)


def _fill(console: Console, here: Ground, store: Store, wanted: int) -> int:
    """Cases by the hub's own pull, linkage and recompute of the sandbox's police; gives how many."""
    size = round(wanted * _RANDOM_CASES)
    console.print(f"page: the sandbox's police write {size:,} cases")
    with here.police(size) as (source, connection):
        ingestion.pull(console, here, store, connection, source, ("pull", "link"))
    here.settle(store.name)
    cases = here.count(store.name, "golden_case")
    if cases < wanted:
        raise RuntimeError(f"{cases} cases are fewer than the {wanted} that are to be asked for")
    return cases


def _regions(here: Ground, store: Store) -> list[str]:
    """The regencies with most cases; the sandbox knows few provinces, and most of its cases begin in one."""
    with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name)) as connection:
        found = connection.execute(
            "SELECT origin_region FROM golden_case WHERE reported_on >= '2025-01-01'"
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s",
            (_REGIONS,),
        )
        return [row[0] for row in found]


def _ids(here: Ground, store: Store) -> list[dict[str, str]]:
    """Cases from all over the table."""
    with psycopg.connect(here.cluster.conninfo(SUPERUSER, store.name)) as connection:
        found = connection.execute(
            "SELECT case_id::text FROM golden_case ORDER BY md5(case_id::text) LIMIT %s", (_IDS,)
        )
        return [{"id": row[0]} for row in found]


def _outcome(
    cases: int,
    settings: Mapping[str, str],
    rounds: _Rounds,
    cold_ms: float,
    warm_ms: float,
    *,
    quiet: bool,
) -> Outcome:
    def ratio(above: str, under: str) -> float:
        return paired(
            (one.per_s, other.per_s) for one, other in zip(rounds[above], rounds[under], strict=True)
        )

    ratios = {
        "hub / postgraphile": ratio("hub", "postgraphile"),
        "hub / raw": ratio("hub", "raw"),
        "hub / hub without its ledger": ratio("hub", "hub without its ledger"),
        "hub, one case / raw, one case": ratio("hub, one case", "raw, one case"),
        "hub with identity / hub": ratio("hub with identity", "hub"),
    }
    lines = [
        Line("cases in the view", f"{cases:,}"),
        at_least("hub / postgraphile", ratios["hub / postgraphile"], _POSTGRAPHILE_TARGET, "x"),
        at_least("hub / raw", ratios["hub / raw"], _RAW_TARGET, "x"),
        at_least("hub / hub without its ledger", ratios["hub / hub without its ledger"], _LEDGER_TARGET, "x"),
        *(Line(name, _said(found)) for name, found in rounds.items()),
        Line("document never seen before", f"{cold_ms - warm_ms:.1f} ms more than {warm_ms:.1f} ms"),
    ]
    measured = {
        "cases": cases,
        "ratios": ratios,
        "medians": {name: _medians(found) for name, found in rounds.items()},
        "rounds": [asdict(one) for found in rounds.values() for one in found],
        "cold_document_ms": cold_ms,
        "warm_document_ms": warm_ms,
        "server": dict(settings),
    }
    strangers = statistics.median(one.strangers_cores for found in rounds.values() for one in found)
    doubts = machine.contention(strangers)
    if not quiet:
        doubts = "; ".join(filter(None, ["the machine was not quiet when the rounds began", doubts]))
    return Outcome("page", lines, measured, doubts)


def _medians(found: Sequence[Round]) -> dict[str, Any]:
    names = [name for name, value in asdict(found[0]).items() if isinstance(value, float | int)]
    return {name: statistics.median(getattr(one, name) for one in found) for name in names}


def _said(found: Sequence[Round]) -> str:
    mid = _medians(found)
    errors = sum(one.error_count for one in found)
    return (
        f"{mid['per_s']:,.0f}/s, p50 {mid['p50_ms']:.1f} p95 {mid['p95_ms']:.1f} p99 {mid['p99_ms']:.1f} ms,"
        f" CPU {mid['server_ms']:.2f} + {mid['database_ms']:.2f} ms, {mid['answer_bytes'] / 1000:.1f} kB,"
        f" {errors} errors"
    )
