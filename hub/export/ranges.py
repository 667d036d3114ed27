"""One range of bytes, so that a download that broke off goes on where it ended.

Source: RFC 9110 sections 13.1.5 (If-Range) and 14 (Range); several ranges at once get the whole, which 14.2 allows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_MOST_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes from `start` to before `end` of `size`."""

    start: int
    end: int
    size: int

    @property
    def is_whole(self) -> bool:
        """True if nothing is left out."""
        return (self.start, self.end) == (0, self.size)

    @property
    def content_range(self) -> str:
        """The value of `Content-Range`."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def extent(headers: Mapping[str, str], size: int, etag: str) -> Extent | None:
    """What a request asks for; None where no byte of it is there (416).

    Args:
        headers: of the request.
        size: of the whole, n >= 1.
        etag: of the whole, strong.
    """
    whole = Extent(0, size, size)
    found = _ONE.fullmatch(headers.get("range", "").strip().lower().replace(" ", ""))
    if found is None or headers.get("if-range", etag) != etag:
        return whole
    first, last = found.groups()
    if not (first or last) or max(len(first), len(last)) > _MOST_DIGITS:
        return whole
    if not first:
        return Extent(max(size - int(last), 0), size, size) if int(last) else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return whole
    return Extent(start, end, size) if start < size else None
