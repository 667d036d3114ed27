"""How far a long command is: bars on a terminal, one JSON line a step otherwise."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import orjson
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from hub.ingest.pull import Pulled
from hub.linkage.batch import Linked


class Steps:
    """Shows the steps of one command."""

    def __init__(self, bars: Progress | None) -> None:
        """Args: bars: None writes JSON lines."""
        self._bars = bars
        self._tasks: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def set(self, step: str, count: int, total: int | None = None) -> None:
        """The step has come so far.

        Args:
            step: its name.
            count: done.
            total: of how many, where that is known.
        """
        self._counts[step] = count
        if self._bars is None:
            line = {"step": step, "count": count} | ({"total": total} if total is not None else {})
            sys.stdout.write(orjson.dumps(line).decode() + "\n")
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total)
        self._bars.update(self._tasks[step], completed=count, total=total)  # pyright: ignore[reportArgumentType] -- TaskID is an int

    def done(self, step: str) -> None:
        """The step is complete."""
        self.set(step, max(self._counts.get(step, 0), 1), max(self._counts.get(step, 0), 1))

    def watch(self, event: Pulled | Linked) -> None:
        """Shows what a pull or the linkage has committed."""
        if isinstance(event, Pulled):
            self.set(f"pull {event.agency.lower()}", event.record_count)
        else:
            self.set("link", self._counts.get("link", 0) + event.source_count)


@contextmanager
def steps() -> Generator[Steps]:
    """Steps of a command, on whatever standard output is."""
    if not sys.stdout.isatty():
        yield Steps(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console()) as bars:
        yield Steps(bars)
