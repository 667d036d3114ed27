"""A second process that links what a long pull brings, so that two cores work where there are two.

Linking takes about as long as reading, and Python runs on one core. Where the batches of either end makes no difference
to the view, so nothing but time depends on whether this process runs, is late, or dies.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import IO

import structlog

from hub.ingest.pull import Pulled

BACKLOG = 4_000
"""New versions from which on a second process pays: it costs a second to start."""

_ROOT = Path(__file__).resolve().parent.parent.parent
_log = structlog.get_logger()


class Beside:
    """Starts the process once a pull is long, tells how far it is, and ends it.

    Args:
        command: links until its standard input ends, and writes a JSON line `{"step": "link", "count": n}` a batch; empty
            where there is none.
        progress: told how many sources a batch took.
    """

    def __init__(self, command: Sequence[str], progress: Callable[[int], None]) -> None:
        self._command = list(command)
        self._progress = progress
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None

    @property
    def process_id(self) -> int | None:
        """Of the process, while it runs."""
        return self._process.pid if self._process else None

    def watch(self, pulled: Pulled) -> None:
        """Starts the process when the pull has become long."""
        if self._command and self._process is None and pulled.version_count >= BACKLOG:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command line
                self._command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            loop = asyncio.get_running_loop()
            self._reader = Thread(target=self._read, args=(self._process.stdout, loop), daemon=True)
            self._reader.start()

    def _read(self, lines: IO[str] | None, loop: asyncio.AbstractEventLoop) -> None:
        seen = 0
        for line in lines or ():
            count = int(json.loads(line)["count"]) if line.startswith('{"step":"link"') else seen
            if count > seen:
                loop.call_soon_threadsafe(self._progress, count - seen)
                seen = count

    async def finish(self) -> None:
        """The process has ended; what it left in the queue is for the caller."""
        process = self._process
        if process is None:
            return
        self._process = None
        code = await asyncio.to_thread(self._end, process, self._reader)
        if code != 0:
            _log.warning("linker.failed", code=str(code))

    @staticmethod
    def _end(process: subprocess.Popen[str], reader: Thread | None) -> int:
        with process:
            if process.stdin is not None:
                process.stdin.close()
            if reader is not None:
                reader.join()
            return process.wait()
