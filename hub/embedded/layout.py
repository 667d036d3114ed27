"""What lies where: the data, and beside it a folder of ours with the lock, the passwords and the server's log."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from time import monotonic, sleep

from hub.embedded.account import STATE, Account
from schema.errors import StoreError


@dataclass(frozen=True)
class Record:
    """What a starter leaves for the next: port, passwords by role, and which cluster it was.

    An identifier of 0 says that the cluster has not yet answered with its roles.
    """

    port: int
    system_identifier: int
    passwords: dict[str, str]

    def __repr__(self) -> str:
        return f"Record(port={self.port})"


@dataclass(frozen=True)
class Layout:
    """Paths of one cluster. `data` belongs to the server's user; all else to oneself."""

    data: Path
    beside: Path

    @classmethod
    def of(cls, wanted: Path, account: Account) -> "Layout":
        """The paths for a wanted data folder, moved below the system's state folder where the server cannot go.

        Args:
            wanted: where the caller would have the data.
            account: who must reach it.
        """
        wanted = wanted.absolute()
        wanted.parent.mkdir(parents=True, exist_ok=True)
        beside = wanted.with_name(wanted.name + ".state")
        beside.mkdir(mode=0o700, exist_ok=True)
        if account.may_read(wanted.parent):
            return cls(wanted, beside)
        STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        moved = STATE / str(wanted).strip("/").replace("/", "-")
        (beside / "MOVED").write_text(
            f"the data are in {moved}: the server's user cannot enter {wanted.parent}\n"
        )
        return cls(moved, beside)

    @property
    def log(self) -> Path:
        """The server's log, inside the data folder since only that is the server's."""
        return self.data / "server.log"

    @contextmanager
    def locked(self, timeout_s: float) -> Generator[None]:
        """Holds the cluster's lock, so that two starters make one server.

        Raises:
            StoreError: another starter has held it for too long.
        """
        with (self.beside / "lock").open("w") as file:
            until = monotonic() + timeout_s
            while True:
                try:
                    flock(file, LOCK_EX | LOCK_NB)
                    break
                except BlockingIOError:
                    if monotonic() > until:
                        raise StoreError(f"{file.name} is held by another starter; end it or wait") from None
                    sleep(0.05)
            yield

    def read(self) -> Record | None:
        """What the last starter left; None if there is nothing whole."""
        try:
            found = json.loads((self.beside / "cluster.json").read_text())
            return Record(found["port"], found["system_identifier"], found["passwords"])
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def write(self, record: Record) -> None:
        """Leaves it for the next starter, mode 0600, whole or not at all."""
        path = self.beside / "cluster.json.new"
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(record.__dict__, file)
            file.flush()
            os.fsync(file.fileno())
        # A crash before this line leaves the old record, which still names the right passwords.
        path.replace(self.beside / "cluster.json")
