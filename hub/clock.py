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


_RANDOM_BYTES = 4096
_VARIANT = 0b10 << 62
_REST = (1 << 62) - 1


class _Sequence:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._random = b""
        self._used = 0

    def next(self) -> tuple[int, int]:
        """A number of 60 bits, milliseconds since 1970 and a counter, larger than the last; and 64 random bits.

        Randomness is drawn in blocks: a first load makes millions of ids, and a system call for each would show.
        """
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1_000_000 << 12)
            if self._used == len(self._random):
                self._random, self._used = os.urandom(_RANDOM_BYTES), 0
            start = self._used
            self._used += 8
            return self._last, int.from_bytes(self._random[start : self._used], "big")

    def forget(self) -> None:
        """The random bits that are left belong to another process, and so may a thread that holds the lock."""
        self._lock = threading.Lock()
        self._random, self._used = b"", 0


_sequence = _Sequence()
os.register_at_fork(after_in_child=_sequence.forget)


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562) that sorts after all that this process has made before."""
    moment, rest = _sequence.next()
    return UUID(int=moment >> 12 << 80 | 0x7 << 76 | (moment & 0xFFF) << 64 | _VARIANT | rest & _REST)
