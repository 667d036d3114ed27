"""Figures of a benchmark: lines of the one table, and the file that keeps everything measured."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from tests.bench import machine
from tests.bench.ground import RESULTS


@dataclass(frozen=True)
class Line:
    """One figure as it is told.

    Attributes:
        what: is measured.
        figure: with its unit.
        target: as it is written, if there is one.
        met: whether the figure reaches it; None where there is no target.
    """

    what: str
    figure: str
    target: str = ""
    met: bool | None = None


def at_least(what: str, value: float, target: float, unit: str) -> Line:
    """A figure that should be high."""
    return Line(what, f"{_short(value)} {unit}", f">= {_short(target)}", value >= target)


def below(what: str, value: float, target: float, unit: str) -> Line:
    """A figure that should be low."""
    return Line(what, f"{_short(value)} {unit}", f"< {_short(target)}", value < target)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def paired(rounds: Iterable[tuple[float, float]]) -> float:
    """The median of the ratios of what was measured in the same round.

    Args:
        rounds: numerator and denominator of each.
    """
    return statistics.median(above / under for above, under in rounds)


@dataclass(frozen=True)
class Outcome:
    """What one benchmark has found.

    Attributes:
        name: of the benchmark.
        lines: of the table.
        measured: everything, for the file.
        doubts: why the figures say little, such as a machine that had something else to do; None without doubt.
    """

    name: str
    lines: Sequence[Line]
    measured: dict[str, Any]
    doubts: str | None


def doubted(outcome: Outcome, reason: str) -> Outcome:
    """The same figures with one more reason not to trust them."""
    return replace(outcome, doubts="; ".join(filter(None, [reason, outcome.doubts])))


def keep(outcome: Outcome, load_before: float) -> None:
    """Writes var/bench/NAME.json.

    Args:
        outcome: of a benchmark that is over.
        load_before: load average when it began.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = {
        "benchmark": outcome.name,
        "at": datetime.now(UTC),
        "machine": machine.described(),
        "load_before": load_before,
        "doubts": outcome.doubts,
        "figures": [line.__dict__ for line in outcome.lines],
        **outcome.measured,
    }
    (RESULTS / f"{outcome.name}.json").write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def _verdict(outcome: Outcome, line: Line) -> str:
    """Whether the target is met; figures that are in doubt meet none and miss none."""
    if line.met is None:
        return ""
    if outcome.doubts:
        return "in doubt"
    return "met" if line.met else "MISSED"


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Prints the table of all benchmarks."""
    table = Table("benchmark", "what", "figure", "target", "", box=None, pad_edge=False)
    for outcome in outcomes:
        for line in outcome.lines:
            table.add_row(outcome.name, line.what, line.figure, line.target, _verdict(outcome, line))
    console.print(table)
    for outcome in outcomes:
        if outcome.doubts:
            console.print(f"{outcome.name}: not to be relied on: {outcome.doubts}")
