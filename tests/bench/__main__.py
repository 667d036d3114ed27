"""`python -m tests.bench`: measures, prints one table, and keeps everything in var/bench."""

import argparse
import signal
import sys
from typing import NoReturn

from rich.console import Console

from tests.bench import (
    cost,
    demo,
    events,
    export,
    figures,
    guard,
    ingestion,
    ledger,
    machine,
    page,
    scale,
    token,
)

BENCHMARKS = {
    "ingestion": ingestion.run,
    "page": page.run,
    "scale": scale.run,
    "ledger": ledger.run,
    "token": token.run,
    "guard": guard.run,
    "cost": cost.run,
    "export": export.run,
    "events": events.run,
    "demo": demo.run,
}
_QUIET_S = 300


def main() -> int:
    """Runs the benchmarks named, all without a name; figures from a busy machine are marked so.

    Returns:
        0, also where a target is missed: a figure is a finding and no test.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--small", action="store_true", help="tiny sizes, to see that all of it works; no figures"
    )
    parser.add_argument(
        "--events", type=int, default=events.COUNT, metavar="N", help="events of `events` under kills"
    )
    given = parser.parse_args()
    unknown = set(given.benchmarks) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    signal.signal(signal.SIGTERM, _ended)
    progress, outcomes = Console(stderr=True, highlight=False), []
    for name in given.benchmarks or BENCHMARKS:
        quiet = machine.wait_until_quiet(progress, 0 if given.small else _QUIET_S)
        load_before = machine.load()
        progress.print(f"{name}: load average {load_before:.2f}")
        sizes = {"count": given.events} if name == "events" else {}
        outcome = BENCHMARKS[name](progress, small=given.small, **sizes)
        if given.small:
            outcome = figures.doubted(outcome, "tiny sizes")
        elif not quiet:
            outcome = figures.doubted(outcome, f"load average {load_before:.2f} at the start")
        figures.keep(outcome, load_before)
        outcomes.append(outcome)
    figures.show(outcomes, Console(highlight=False, width=160))
    return 0


def _ended(*_: object) -> NoReturn:
    """Ends by the blocks' own ends, so that nothing that was started stays."""
    raise SystemExit(143)


if __name__ == "__main__":
    sys.exit(main())
