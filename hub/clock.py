"""Time and time-ordered ids, given to whoever needs them."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias
from uuid import UUID

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present moment, aware UTC."""

WIB = timezone(timedelta(hours=7), "WIB")
"""West Indonesian time, Asia/Pontianak; it has no summer time."""


def now() -> datetime:
    """The present moment, aware UTC."""
    return datetime.now(UTC)


class _Sequence:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        """A number of 60 bits: milliseconds since 1970 and a counter that starts anew, each larger than the last."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1_000_000 << 12)
            return self._last


_sequence = _Sequence()


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562) that sorts after all that this process has made before."""
    moment = _sequence.next()
    rest = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return UUID(int=moment >> 12 << 80 | 0x7 << 76 | (moment & 0xFFF) << 64 | 0b10 << 62 | rest)
