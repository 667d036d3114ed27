"""What nobody foresaw, as operators are told of it: its type and the line that raised it; its message may hold a value."""

import traceback
from pathlib import Path

import structlog

_log = structlog.get_logger()


def note_unforeseen(error: BaseException, request_id: str) -> None:
    """One event for the log.

    Args:
        error: as it was raised.
        request_id: that the caller was given.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None
    _log.error("query.failed", request_id=request_id, error=type(error).__name__, where=where)
