"""A page of cases with victims and suspects over HTTP: our hub beside PostGraphile and a bare statement, interleaved."""

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from tests.bench import contenders, filled, load, machine, questions
from tests.bench.contenders import Contender
from tests.bench.figures import Line, Outcome, at_least, paired
from tests.bench.ground import ground
from tests.bench.load import Round

_ROUNDS, _SECONDS = 5, 4
_SMALL_ROUNDS, _SMALL_SECONDS = 2, 1
_COLD = 40
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

    def run(self, console: Console) -> dict[str, list[Round]]:
        """Every round of every question, by the name of what answered; those of one question interleaved."""
        page = load.bodies(self.folder, "page", questions.hub_page(), self.pages)
        theirs = load.bodies(self.folder, "postgraphile", questions.postgraphile_page(), self.pages)
        named = load.bodies(self.folder, "identity", questions.hub_page(of_victims=_IDENTITY), self.pages)
        one = load.bodies(self.folder, "case", questions.hub_case(), self.ids)
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
        cases = filled.fill(console, here, store, filled.SMALL if small else filled.CASES)
        with ExitStack() as stack:
            contest = Contest(
                hub=stack.enter_context(contenders.hub(here, store)),
                unrecorded=stack.enter_context(
                    contenders.hub(here, store, recorded=False, name="unrecorded")
                ),
                postgraphile=stack.enter_context(contenders.postgraphile(here, store)),
                raw=stack.enter_context(contenders.raw(here, store)),
                pages=questions.ranges(filled.regions(here, store)),
                ids=filled.ids(here, store),
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
        *(Line(name, load.said(found)) for name, found in rounds.items()),
        Line("document never seen before", f"{cold_ms - warm_ms:.1f} ms more than {warm_ms:.1f} ms"),
    ]
    measured = {
        "cases": cases,
        "ratios": ratios,
        "medians": {name: load.medians(found) for name, found in rounds.items()},
        "rounds": [asdict(one) for found in rounds.values() for one in found],
        "cold_document_ms": cold_ms,
        "warm_document_ms": warm_ms,
        "server": dict(settings),
    }
    doubts = machine.contention(load.strangers(rounds))
    if not quiet:
        doubts = "; ".join(filter(None, ["the machine was not quiet when the rounds began", doubts]))
    return Outcome("page", lines, measured, doubts)
