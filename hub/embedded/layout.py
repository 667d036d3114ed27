"""What lies where: the data, and beside it a folder of ours with the lock, the passwords and the server's log."""

import hashlib
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from time import monotonic, sleep

from hub.embedded.account import STATE, Account, state_folder
from schema.errors import StoreError


@dataclass(frozen=True)
class Record:
    """What a starter leaves for the next: port, passwords by role, which cluster it was, and what the service may become.

    An identifier of 0 says that the cluster has not yet answered with its roles. An older release leaves no groups.
    """

    port: int
    system_identifier: int
    passwords: dict[str, str]
    groups: tuple[str, ...] = ()

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

        Raises:
            StoreError: the folders are another user's, or data are there and the server's user cannot go to them.
        """
        wanted = wanted.absolute()
        beside = wanted.with_name(wanted.name + ".state")
        try:
            wanted.parent.mkdir(parents=True, exist_ok=True)
            beside.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{beside} cannot be made: {error.strerror}; set HUB_VAR to another folder"
            ) from None
        if not os.access(beside, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(
                f"{beside} is another user's: start as that user, or set HUB_VAR to another folder"
            )
        data = _place(wanted, beside, account)
        server = os.geteuid() if account.uid is None else account.uid
        if data.exists() and data.stat().st_uid not in {server, os.geteuid()}:
            raise StoreError(
                f"{data} is another user's: start as that user, or set HUB_VAR to another folder"
            )
        return cls(data, beside)

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
            groups = tuple(found.get("groups", ()))
            return Record(found["port"], found["system_identifier"], found["passwords"], groups)
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


def _place(wanted: Path, beside: Path, account: Account) -> Path:
    """Where the data are or will be. Data that are there stay: a mode changed since must not begin a second set.

    Raises:
        StoreError: data are there and the server's user cannot go to them.
    """
    if account.uid is None:
        return wanted
    moved = STATE / _name(wanted)
    if account.may_enter(wanted.parent):
        return moved if _is_cluster(moved) and not _is_cluster(wanted) else wanted
    if _is_cluster(wanted):
        raise StoreError(
            f"the data are in {wanted} and the server's user cannot enter {wanted.parent}:"
            " let others enter that folder and those above it (chmod o+x), or set HUB_VAR to another folder"
        )
    state_folder()
    (beside / "MOVED").write_text(
        f"the data are in {moved}: the server's user cannot enter {wanted.parent}\n"
    )
    return moved


def _name(wanted: Path) -> str:
    """One name a path: `/a-b/c` and `/a/b-c` look alike with their slashes replaced, so a hash tells them apart."""
    mark = hashlib.blake2b(str(wanted).encode(), digest_size=6).hexdigest()
    return f"{str(wanted).strip('/').replace('/', '-')[-80:]}-{mark}"


def _is_cluster(data: Path) -> bool:
    return (data / "PG_VERSION").exists()
