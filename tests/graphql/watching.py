"""A hub with one connection to read by, and the server's log of what runs on it."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.graphql.hub import Hub

ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \S+ \S+ \[(\d+)\] (\w+):  ", re.MULTILINE)


@dataclass
class Watched:
    """A hub with one connection, and the server's log of what runs on it."""

    hub: Hub
    log: Path
    pid: int

    def statements_since(self, offset: int) -> list[str]:
        """The statements that the connection ran since the log had that length."""
        text = self.log.read_bytes()[offset:].decode()
        starts = [*ENTRY.finditer(text)]
        ends = [*(start.start() for start in starts[1:]), len(text)]
        found = [
            text[start.end() : end].replace("\n\t", "\n")
            for start, end in zip(starts, ends, strict=True)
            if int(start[1]) == self.pid and start[2] == "LOG"
        ]
        return [entry.partition(": ")[2] for entry in found if entry.startswith(("execute ", "statement: "))]
