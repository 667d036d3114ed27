"""Records of one agency in order of change, kept as bytes so that 100,000 of them stay small."""

import base64
import binascii
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from hub.sandbox.wire import stamp


class CursorUnknown(Exception):
    """The cursor was not given out by this agency."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some bodies in order of change, and where the next page begins, or None at the end."""

    bodies: list[bytes]
    next_cursor: str | None


def encode_cursor(place: tuple[str, str]) -> str:
    """An opaque text for a place in the order of change."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode_cursor(text: str) -> tuple[str, str]:
    """The place of an opaque text.

    Raises:
        CursorUnknown: the text was not made by `encode_cursor`.
    """
    try:
        updated_at, key = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return str(updated_at), str(key)
    except (binascii.Error, ValueError, TypeError) as error:
        raise CursorUnknown from error


def _own(body: bytes) -> bytes:
    """A copy of exactly its size: what orjson returns keeps its large working buffer alive, about 6 KB a record."""
    return bytes(memoryview(body))


class Store:
    """Bodies by key and by (updated, key).

    Args:
        rows: (key, updated as `wire.stamp` writes it, body), any order, keys unique.
    """

    def __init__(self, rows: Iterable[tuple[str, str, bytes]]) -> None:
        self._rows = {key: (updated, _own(body)) for key, updated, body in rows}
        self._order = sorted((updated, key) for key, (updated, _) in self._rows.items())

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def get(self, key: str) -> bytes:
        """The body of a key.

        Raises:
            KeyError: there is none.
        """
        return self._rows[key][1]

    def put(self, key: str, updated: str, body: bytes) -> None:
        """Set a body, at its new place in the order."""
        self.remove(key)
        self._rows[key] = (updated, _own(body))
        insort(self._order, (updated, key))

    def remove(self, key: str) -> None:
        """Forget a key, if it is there."""
        row = self._rows.pop(key, None)
        if row is not None:
            del self._order[bisect_left(self._order, (row[0], key))]

    def page(
        self, *, since: str | None, until: str | None, after: tuple[str, str] | None, limit: int
    ) -> Page:
        """Bodies with since <= updated < until, after a place, in order of (updated, key)."""
        start = bisect_right(self._order, after) if after is not None else 0
        if since is not None:
            start = max(start, bisect_left(self._order, (since, "")))
        end = bisect_left(self._order, (until, "")) if until is not None else len(self._order)
        stop = min(start + limit, end)
        places = self._order[start:stop]
        more = stop < end and bool(places)
        return Page([self._rows[key][1] for _, key in places], encode_cursor(places[-1]) if more else None)

    def next_stamp(self) -> str:
        """The present moment, or a second after the newest record when that is later: changes always come last."""
        present = datetime.now(UTC)
        if self._order:
            newest = datetime.fromisoformat(self._order[-1][0])
            present = max(present, newest + timedelta(seconds=1))
        return stamp(present)
