"""Who runs the server: oneself, or a dedicated system user where oneself is root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from schema.errors import StoreError

USER = "tppo-postgres"
STATE = Path("/var/lib/tppo-hub")
"""Where binaries and data go when the dedicated user cannot reach where they are."""


@dataclass(frozen=True)
class Account:
    """The operating system's user that the server runs as; no ids means oneself."""

    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str | Path], *, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Runs a command as this user, in a folder that every user may enter.

        Args:
            command: program and arguments.
            timeout_s: after which it is killed.

        Raises:
            StoreError: it did not end in time.
        """
        try:
            return subprocess.run(  # noqa: S603 -- paths and arguments of ours
                [str(part) for part in command],
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise StoreError(f"{command[0]} did not end within {timeout_s:.0f} s") from None

    def own(self, path: Path) -> None:
        """Gives a path of ours, and nothing beside it, to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, path: Path) -> bool:
        """True if this user may go through a folder; to list it is not needed."""
        if self.uid is None:
            return True
        return self.run(["test", "-x", path], timeout_s=10).returncode == 0


def state_folder() -> Path:
    """The system's folder of ours, which every user may enter whatever the umask of who made it."""
    if not STATE.is_dir():
        STATE.mkdir(parents=True, exist_ok=True)
        STATE.chmod(0o755)
    return STATE


def account() -> Account:
    """The user that the server runs as; as root, a dedicated one that is made if it is not there.

    Raises:
        StoreError: root has no way to make a user.
    """
    if os.geteuid() != 0:
        return Account()
    _make_if_missing()
    entry = pwd.getpwnam(USER)
    return Account(entry.pw_uid, entry.pw_gid)


def _make_if_missing() -> None:
    # Of two starters the second waits here: useradd writes several files, and a user is there before it is whole.
    with (state_folder() / "account.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if _is_known():
            return
        program = shutil.which("useradd", path=os.defpath + ":/usr/sbin:/sbin")
        if program is None:
            raise StoreError(
                "PostgreSQL does not run as root and there is no useradd:"
                " run as a normal user, or set HUB_DATABASE_URL to a server that runs"
            )
        made = subprocess.run(  # noqa: S603 -- a program of the system's
            [
                program,
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                USER,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if not _is_known():
        raise StoreError(f"user {USER} cannot be made ({made.stderr.strip()}); run as a normal user")


def _is_known() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True
