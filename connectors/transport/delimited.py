"""Rows of a CSV file whose lines may each have another encoding, and of which some may be rubbish."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice

from connectors.transport import unread
from connectors.transport.unread import Unreadable
from schema.record import Json

_LINE_END = re.compile(rb"\r\n|\n|\r")
_DELIMITER = ";"
_LONGEST_ROW = 20
"""Lines a quoted cell may run over; a stray quote must not swallow the rest of the file."""


def is_whole(content: bytes) -> bool:
    """Whether the last line has an end; without one the file may still be growing."""
    return content.endswith((b"\n", b"\r"))


def rows(content: bytes, key: str) -> Iterator[dict[str, Json]]:
    """Every row by column name, as text; what is no row comes as it is, under `unread.FIELD`.

    A line with another number of cells than the header is no row: its cells could stand under wrong names. Lines
    without any text are left out.

    Args:
        content: of the file.
        key: a column which the header must name.

    Raises:
        Unreadable: there is no such header.
    """
    lines = (_decoded(line) for line in _LINE_END.split(content.removeprefix(codecs.BOM_UTF8)))
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise Unreadable("it is empty")
    header = [name.strip() for name in _cells(lines[0]) or ()]
    if key not in header or len(set(header)) != len(header):
        raise Unreadable(f"its first line is no header with `{key}`, each name once")
    return _rows(header, lines)


def _decoded(line: bytes) -> str:
    """UTF-8, else CP1252; a byte that CP1252 has no letter for becomes U+FFFD."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _rows(header: Sequence[str], lines: Sequence[str]) -> Iterator[dict[str, Json]]:
    number = 1
    while number < len(lines):
        cells, length = _next(header, lines, number)
        if cells is None:
            yield {unread.FIELD: lines[number]}
        elif any(cells):
            yield dict(zip(header, cells, strict=True))
        number += length


def _next(header: Sequence[str], lines: Sequence[str], number: int) -> tuple[Sequence[str] | None, int]:
    """The cells of the row that begins at a line, or None, and how many lines it takes."""
    cells = _cells(lines[number])
    if cells is not None and len(cells) == len(header):
        return cells, 1
    joined = lines[number]
    for length, line in enumerate(islice(lines, number + 1, number + _LONGEST_ROW), start=2):
        joined += "\n" + line
        cells = _cells(joined if '"' in line else line)
        if cells is not None and len(cells) == len(header):
            if '"' in line:
                return cells, length
            break  # a row of its own stands here, so the quote before it was never meant to hold it
    # No row begins here, quoted or not: perhaps the quote is a letter like any other.
    literal = lines[number].split(_DELIMITER)
    return (literal if len(literal) == len(header) else None), 1


def _cells(text: str) -> list[str] | None:
    """The cells of exactly one row whose quotes are closed, else None."""
    try:
        found = list(csv.reader(StringIO(text, newline="\n"), delimiter=_DELIMITER, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
