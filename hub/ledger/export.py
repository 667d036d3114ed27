"""The ledger as a file, which anybody can verify without the hub."""

import os
from collections.abc import Callable
from pathlib import Path

from hub.ledger import evidence
from hub.ledger.evidence import Record
from hub.ledger.stored import Stored
from schema.errors import SettingError

_STEP = 20_000
"""Records between two words of progress."""


def write(
    stored: Stored, path: Path, *, first: int = 1, last: int | None = None, progress: Callable[[int], None]
) -> int:
    """Writes seals and their records to a file that only its owner can read, and gives the number of records.

    It stands under its own name once it is whole.

    Args:
        stored: the ledger.
        path: of the file.
        first: number of the first seal.
        last: number of the last seal; None for all, with the records that are not sealed yet.
        progress: told from time to time how many records are written.

    Raises:
        SettingError: there is no such seal, or the file cannot be written.
    """
    begin = next(stored.seals(first, first), None)
    end = None if last is None else next(stored.seals(last, last), None)
    if (begin is None and first > 1) or (last is not None and (end is None or last < first)):
        raise SettingError("SEALS", f"there are no seals {first} to {last or 'the last'}")
    count = 0

    def counted(record: Record) -> Record:
        nonlocal count
        count += 1
        if count % _STEP == 0:
            progress(count)
        return record

    records = map(counted, stored.records(begin if first > 1 else None, end))
    unfinished = path.with_name(path.name + ".part")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(
                evidence.lines(first, last, stored.seal_keys(), stored.seals(first, last), records)
            )
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise SettingError("FILE", f"{path} cannot be written ({error.strerror})") from None
    return count
